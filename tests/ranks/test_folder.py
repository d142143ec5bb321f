"""A run folder of several processes: one record, by the first of them."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
)
from artifact_torch.contracts import BatchCallback, OnEpochEnd, RunState
from artifact_torch.errors import RankError
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import in_ranks
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.run_folder.moments import loaded
from tests.toys import Fit, Points, points
from tests.trainer.composed import Noise, Recorded

N_EPOCHS = 4


@dataclass(frozen=True)
class Ran:
    losses: list[float]
    drawn: list[float]
    best_epoch: int | None
    folder: str | None
    told: list[tuple[str, float]]
    n_steps: int
    n_hooked: int
    has_reported: bool


Runs = tuple[Path, Ran, list[tuple[Ran, Ran, str]]]


class Hook:
    """Counts."""

    def __init__(self) -> None:
        self.n_calls = 0

    def on_epoch_end(self, _state: RunState) -> None:
        self.n_calls += 1


class Failing:
    """A batch of the second epoch goes badly on one process."""

    def on_batch(self, step: int, _batch: object, _output: object, /) -> None:
        if ranks().rank == 1 and step == 8:
            raise ValueError("here alone")


def trainer(
    folder: Path,
    kind: Kind,
    n_epochs: int,
    client: Recorded,
    hook: OnEpochEnd,
    *,
    callbacks: Sequence[BatchCallback[Points, Fit]] = (),
) -> Trainer[Points, Fit]:
    model = Line()
    validation = DataLoader(TensorTable(points(13, seed=2)), batch_size=5)
    return Trainer(
        step_of(model, kind),
        train_loader=DataLoader(TensorTable(points(46)), batch_size=8, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=BestScoreTracker("loss"),
        routines=[
            DataLoaderRoutine(validation, scores=[LossCallback("loss")]),
            bind(Noise(), model),
        ],
        callbacks=callbacks,
        hooks=[hook],
        tracking_clients=[client],
        run_folder=folder,
        settings={"width": 8},
        progress="lines",
    )


def ran(result: TrainingResult, client: Recorded, hook: Hook) -> Ran:
    scores = result.epoch_scores
    return Ran(
        losses=scores["loss"].tolist(),
        drawn=scores["noise"].tolist(),
        best_epoch=result.best_epoch,
        folder=result.run_folder,
        told=client.scores,
        n_steps=result.n_steps,
        n_hooked=hook.n_calls,
        has_reported="artifact_torch.report.page" in sys.modules,
    )


def twice(folder: Path, kind: Kind) -> Ran:
    """A run of two epochs, and one that goes on with it."""
    client, hook = Recorded(), Hook()
    trainer(folder, kind, 2, client, hook).train()
    return ran(trainer(folder, kind, N_EPOCHS, client, hook).train(), client, hook)


def failed(folder: Path) -> str:
    try:
        trainer(folder, "ddp", N_EPOCHS, Recorded(), Hook(), callbacks=[Failing()]).train()
    except (RankError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def all_runs(folder: Path) -> tuple[Ran, Ran, str]:
    return twice(folder / "ddp", "ddp"), twice(folder / "fsdp", "fsdp"), failed(folder / "failed")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    return folder, twice(folder / "one", "ddp"), in_ranks(2, all_runs, folder)


def recorded(folder: Path) -> list[tuple[object, object, object]]:
    lines = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    return [(each["name"], each["epoch"], each["step"]) for each in lines if "name" in each]


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_one_record_that_goes_on(runs: Runs, kind: Kind) -> None:
    folder, one, several = runs
    for rank, (replicated, divided, _) in enumerate(several):
        each = replicated if kind == "ddp" else divided
        np.testing.assert_allclose(each.losses, one.losses, rtol=0, atol=1e-6)
        for field in ("drawn", "best_epoch", "n_steps", "n_hooked"):
            assert getattr(each, field) == getattr(one, field)
        assert each.folder == str(folder / kind)
        names = [name for name, _ in one.told]
        assert [name for name, _ in each.told] == (names if rank == 0 else [])
    assert recorded(folder / kind) == recorded(folder / "one") != []


def test_the_best_weights_are_whole(runs: Runs) -> None:
    folder, _, _ = runs
    (file,) = (folder / "one" / "best").glob("*.safetensors")
    one = loaded(file)
    assert {*one} == {name for name, _ in Line().named_parameters()}
    for kind in ("ddp", "fsdp"):
        other = loaded(folder / kind / "best" / file.name)
        assert other.keys() == one.keys()
        for name, each in one.items():
            torch.testing.assert_close(other[name], each, rtol=0, atol=1e-6)


def test_the_first_alone_writes_the_report(runs: Runs) -> None:
    folder, _, ((first, *_), (second, *_)) = runs
    assert (first.has_reported, second.has_reported) == (True, False)
    page = (folder / "failed" / "report.html").read_text()
    assert "failed</span>" in page
    assert "artifact-torch replay" not in page  # of a batch of which each has a part


def test_an_end_on_one_is_recorded(runs: Runs) -> None:
    folder, _, ((*_, first), (*_, second)) = runs
    assert first == "RankError: rank 1 raised ValueError: here alone"
    assert second == "ValueError: here alone"
    status = json.loads((folder / "failed" / "status.json").read_text())
    assert status["status"] == "failed"
    assert "rank 1 raised ValueError: here alone" in json.dumps(status)
    assert [each.name for each in (folder / "failed" / "failures").iterdir()] == [
        "step_00000008_rank_1"
    ]
