"""report.html in a run folder: there at the end of every run, and never in its way."""

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import pytest
import torch

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainLoss,
)
from artifact_torch.contracts import Result, ResultKind, RunHook, RunState
from artifact_torch.errors import ConfigurationError
from artifact_torch.report import keeping, writing
from artifact_torch.report.keeping import KeptReport
from artifact_torch.run_folder import RunFolder
from tests.report.made import Page
from tests.run_folder.moments import score, until
from tests.toys import Batches, Fit, Points, points, seeded_regression
from tests.trainer.composed import SGD, untyped


def trainer_in(
    folder: Path | RunFolder | None, hook: RunHook | None = None, n_epochs: int = 3
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=SGD),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=BestScoreTracker("val_loss"),
        callbacks=[TrainLoss()],
        routines=[DataLoaderRoutine(Batches(points(6), 6), scores=[LossCallback("val_loss")])],
        hooks=[] if hook is None else [hook],
        run_folder=folder,
        settings={"lr": 0.1},
        progress=False,
    )


def page_in(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_it_is_there_at_the_end_and_tells_the_run(tmp_path: Path) -> None:
    result = trainer_in(tmp_path / "vae").train()
    page = page_in(tmp_path / "vae")
    assert "vae ✓ finished" in page.all("header")[0].words
    assert "training" in page.all("header")[0].words
    best = result.scores["val_loss"].min()
    assert f"val_loss {best:.4g} at epoch {result.best_epoch}" in page.all("main")[0].words
    titles = [each.words for each in page.all("h3")]
    assert titles == ["loss", "steps per second"]
    assert "OptimizerStep TrainingStep" in page.text_of("parts")
    assert "Regression: 41 parameters" in page.text_of("model")
    assert "lr 0.1" in page.text_of("settings")


def test_it_can_be_left_out(tmp_path: Path) -> None:
    trainer_in(RunFolder(tmp_path, report=False)).train()
    assert not (tmp_path / "report.html").exists()


def test_what_report_may_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match='report must be True, False or "validation"'):
        untyped(RunFolder, tmp_path, report="always")


def test_a_run_that_fails_at_epoch_3_has_one(tmp_path: Path) -> None:
    class Fails:
        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 3:
                raise ValueError("no <b>rows</b> are left")

    with pytest.raises(ValueError, match="rows"):
        trainer_in(tmp_path, Fails(), n_epochs=9).train()
    page = page_in(tmp_path)
    header = page.all("header")[0].words
    assert "✕ failed" in header
    assert "ValueError: no <b>rows</b> are left" in header
    assert "Epochs 3" in header
    assert "Not all of it the run failed" in page.all("main")[0].words


def test_whatever_stands_in_its_way_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> str:
        raise RecursionError("too deep")

    monkeypatch.setattr(writing, "html", fails)
    with caplog.at_level(logging.WARNING):
        result = trainer_in(tmp_path).train()
        trainer_in(tmp_path, n_epochs=4).train()
    assert result.n_epochs_elapsed == 3
    told = [each.getMessage() for each in caplog.records]
    again = f"to try again: artifact-torch report {tmp_path}"
    expected = f"the report could not be written (RecursionError: too deep), all else was; {again}"
    assert told == [expected] * 2  # one a run
    assert not (tmp_path / "report.html").exists()


def test_with_validation_it_is_there_while_the_run_goes_on(tmp_path: Path) -> None:
    class Looks:
        pages: Mapping[int, str] = {}

        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 1:
                until((tmp_path / "report.html").exists)
                self.pages = {1: (tmp_path / "report.html").read_text(encoding="utf-8")}

    looks = Looks()
    trainer_in(RunFolder(tmp_path, report="validation"), looks).train()
    before, after = Page(looks.pages[1]), page_in(tmp_path)
    assert "running" in before.all("header")[0].words
    assert "loss" in [each.words for each in before.all("h3")]
    assert "finished" in after.all("header")[0].words


def test_only_a_validation_makes_one_and_the_next_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer_in(RunFolder(tmp_path, report=False)).train()
    there = tmp_path / "report.html"
    names = [(ResultKind.SCORE, "val_loss")]
    report = KeptReport(RunFolder(tmp_path, report="validation"), names)
    report.moment(score("train_loss", 1.0))
    report.end(0.0)  # a signal leaves no time
    assert not there.exists()
    report.moment([Result(ResultKind.SCORE, "val_loss", 1.0)])
    until(there.exists)
    report.end(0.0)
    there.unlink()
    monkeypatch.setattr(keeping, "_SHARE", math.inf)
    soon = KeptReport(RunFolder(tmp_path, report="validation"), names)
    soon.moment(score("val_loss", 1.0))
    until(there.exists)
    soon.end(0.0)  # it is waited for
    there.unlink()
    soon.moment(score("val_loss", 1.0))
    soon.end(0.0)
    assert not there.exists()
    soon.end(60.0)
    assert there.exists()


def test_two_never_write_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, may_go_on, n_written = Event(), Event(), 0

    def slow(_: object) -> str:
        nonlocal n_written
        begun.set()
        may_go_on.wait(60.0)
        n_written += 1
        return "<p>slow</p>"

    trainer_in(RunFolder(tmp_path, report=False)).train()
    monkeypatch.setattr(writing, "html", slow)
    monkeypatch.setattr(keeping, "_TO_GO_S", 0.0)
    report = KeptReport(RunFolder(tmp_path, report="validation"), [(ResultKind.SCORE, "val_loss")])
    report.moment(score("val_loss", 1.0))
    assert begun.wait(60.0)
    with caplog.at_level(logging.WARNING):
        report.end(60.0)
    may_go_on.set()
    until((tmp_path / "report.html").exists)
    assert n_written == 1
    assert [
        "the one before takes more than 0 s" in each.getMessage() for each in caplog.records
    ] == [True]


def test_where_no_thread_can_be_started_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class NoThread:
        def __init__(self, **_: object) -> None: ...

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(keeping, "Thread", NoThread)
    with caplog.at_level(logging.WARNING):
        trainer_in(RunFolder(tmp_path, report="validation")).train()
    assert (tmp_path / "report.html").exists()
    assert ["can't start new thread" in each.getMessage() for each in caplog.records] == [True]


def test_it_changes_no_bit_of_the_training(tmp_path: Path) -> None:
    weights: list[Mapping[str, object]] = []
    for number, wanted in enumerate((False, True, "validation")):
        folder = untyped(RunFolder, tmp_path / str(number), report=wanted)
        weights.append(trainer_in(folder).train().last_weights)
        assert torch.default_generator.initial_seed() == torch.initial_seed()
    for name, value in weights[0].items():
        assert isinstance(value, torch.Tensor)
        for other in weights[1:]:
            same = other[name]
            assert isinstance(same, torch.Tensor)
            assert torch.equal(value, same)
