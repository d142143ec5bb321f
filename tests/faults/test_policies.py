"""What raises ends the run and is named, or is left out: the parts that `tests/trainer/test_disabled.py`
has not, and numbers that are not finite in a whole run.
"""

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from torch import nn, optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    LossCallback,
    OptimizerStep,
    TensorTable,
    bind,
)
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.run_folder import history
from tests.faults.test_numbers import Line, Root
from tests.faults.trainers import short
from tests.toys import points, same_weights, seeded_regression


class Breaks:
    """At one method, once."""

    def __init__(self, method: str) -> None:
        self.method, self.is_over = method, False

    def call(self, method: str) -> None:
        if method == self.method and not self.is_over:
            self.is_over = True
            raise ZeroDivisionError(f"in {method}")


class Hook(Breaks):
    def on_start(self, step: AnyStep, state: RunState) -> None:
        self.call("on_start")

    def on_end(self, state: RunState) -> None:
        self.call("on_end")


@pytest.mark.parametrize("method", ["on_start", "on_end"])
def test_a_hook_at_the_start_and_at_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    expected = short(None).train()
    trainer = short(tmp_path / "raise", hooks=[Hook(method)])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    assert any(f"Hook.{method}" in note for note in raised.value.__notes__)
    again = short(tmp_path / "raise").train()  # as a new process would
    assert same_weights(again.last_weights, expected.last_weights)

    caplog.clear()
    trainer = short(tmp_path / "disable", hooks=[Hook(method)], on_failure="disable")
    assert same_weights(trainer.train().last_weights, expected.last_weights)
    assert [*trainer.result.failures] == ["Hook"]
    assert f"{method} raised ZeroDivisionError: in {method}" in trainer.result.failures["Hook"]
    (told,) = [text for text in caplog.messages if "is left out from here on" in text]
    assert f"Hook.{method}" in told


class Tells:
    def on_exception(self, error: BaseException, state: RunState) -> None:
        raise OSError("no mail server")


@pytest.mark.parametrize("on_failure", ["raise", "disable"])
def test_a_hook_that_is_told_of_an_error_hides_none(tmp_path: Path, on_failure: str) -> None:
    class OnBatch:
        def on_batch(self, step: int, batch: object, output: object) -> None:
            raise ZeroDivisionError("the first")

    with pytest.raises(ZeroDivisionError, match="the first") as raised:
        short(tmp_path, callbacks=[OnBatch()], hooks=[Tells()]).train()
    assert "Tells.on_exception failed too: OSError: no mail server" in raised.value.__notes__


class Decides(Breaks):
    """A stopper and a tracker of the best, with two epochs before it breaks."""

    def __init__(self) -> None:
        super().__init__("it")

    def should_stop(self, update: RunState) -> bool:
        return self.is_best(update)

    def is_best(self, criterion: RunState) -> bool:
        if criterion.n_epochs_elapsed == 2:
            self.call("it")
        return False


@pytest.mark.parametrize("on_failure", ["raise", "disable"])
@pytest.mark.parametrize("place", ["stop", "best"])
def test_who_decides_about_the_run_always_ends_it(
    tmp_path: Path, place: str, on_failure: str
) -> None:
    """Without a stopper a run might never end: it is no part that can be left out."""
    decides = Decides()
    trainer = short(
        tmp_path,
        stop=[decides] if place == "stop" else [],
        best=decides if place == "best" else None,
        on_failure="disable" if on_failure == "disable" else "raise",
    )
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    method = "should_stop" if place == "stop" else "is_best"
    assert any(f"Decides.{method} was asked after epoch 2" in n for n in raised.value.__notes__)
    result = trainer.train()
    assert result.n_epochs_elapsed == 3
    assert same_weights(result.last_weights, short(None).train().last_weights)


class Undrawable(Artist):
    def draw(self, renderer: RendererBase) -> None:
        raise ZeroDivisionError("no rows to draw")


class Pictures:
    """A score, and a picture that cannot be drawn."""

    result_names: Sequence[ResultName] = [(ResultKind.SCORE, "n"), (ResultKind.PLOT, "rows")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return [] if moment.ends_run else self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        figure = Figure(figsize=(1, 1))
        figure.add_artist(Undrawable())
        return ArtifactResults(scores={"n": float(moment.epoch)}, plots={"rows": figure})


def test_a_plot_that_cannot_be_drawn_costs_itself_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = seeded_regression()
    step = OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.1), device="cpu")
    result = short(tmp_path, step=step, routines=[bind(Pictures(), model)]).train()
    assert same_weights(result.last_weights, short(None).train().last_weights)
    lines = [*history(tmp_path)]
    assert [line["value"] for line in lines if line.get("name") == "n"] == [1.0, 2.0, 3.0]
    record = (tmp_path / "record.jsonl").read_text(encoding="utf-8")
    assert record.count('"event":"failure"') == 3
    assert record.count("ZeroDivisionError: no rows to draw") == 3
    (told,) = [text for text in caplog.messages if "no rows to draw" in text]  # once
    assert '"rows"' in told


@pytest.mark.parametrize("model", [partial(Line, math.nan, 3), partial(Line, math.inf, 3), Root])
def test_skipped_numbers_are_counted_on_the_screen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, model: type[Line]
) -> None:
    loader = DataLoader(TensorTable(points(10)), batch_size=5)
    caplog.set_level("INFO")
    result = short(
        tmp_path,
        step=OptimizerStep(
            model(), optimizer=partial(optim.SGD, lr=0.1), device="cpu", nonfinite="skip"
        ),
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
    ).train()
    assert result.n_steps == 6
    assert result.epoch_scores["loss"].map(math.isfinite).all()
    assert any("6 steps (1 left out: not finite)" in text for text in caplog.messages)
