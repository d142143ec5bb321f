"""The loader routine: all six kinds, weighted means, and a trace in nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    OutputArrayCallback,
    OutputMeansCallback,
    Trainer,
)
from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.contracts.kinds import ArrayCollection
from artifact_torch.errors import ConfigurationError, ContractError, DataError, ValidationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.routines.results import checked, is_real_array
from tests.toys import Batches, Fit, Points, points, seeded_regression

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Plot, PlotCollection

CPU = torch.device("cpu")
SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind


class Counted:
    """A callback's bookkeeping: how it was called."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def update(self, batch: object, output: object) -> None:
        self.calls.append("update")

    def note(self) -> None:
        self.calls.append("finish")


class Untyped(Counted):
    """A score that the checkers cannot see."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(name)
        self.value: float = SimpleNamespace(value=value).value

    def finish(self) -> float:
        return self.value


class DrawnPlot(Counted):
    def finish(self) -> Plot:
        self.note()
        return Figure()


class TwoArrays(Counted):
    def finish(self) -> ArrayCollection:
        return {"a": np.zeros(2), "b": np.ones(3)}


class TwoPlots(Counted):
    def finish(self) -> PlotCollection:
        return {"a": Figure(), "b": Figure()}


def forward(batch: Points) -> Fit:
    """Its loss is the mean of y, its residual y: means can be worked by hand."""
    return Fit(loss=batch["y"].mean(), residual=batch["y"])


def source() -> Batches:
    return Batches(Points(x=torch.zeros(9, 3), y=torch.tensor([0.0] * 8 + [9.0])), 8)


def run(routine: DataLoaderRoutine[Points, Fit], epoch: int = 1) -> Sequence[Result]:
    """All that the routine has."""
    moment = Moment(epoch=epoch, step=epoch)
    return routine.run(forward, CPU, routine.result_names, moment)


@dataclass
class Fails:
    """A score whose method `at` raises."""

    name: str
    at: str

    def tried(self, method: str) -> None:
        if method == self.at:
            raise RuntimeError("broken")

    def start(self) -> None:
        self.tried("start")

    def update(self, batch: object, output: object) -> None:
        self.tried("update")

    def finish(self) -> float:
        self.tried("finish")
        return 0.0


@pytest.mark.parametrize("at", ["start", "update", "finish"])
def test_an_error_says_which_callback_raised_it(at: str) -> None:
    """Of two of one class, by its name."""
    routine = DataLoaderRoutine[Points, Fit](
        source(), scores=[Fails("sound", ""), Fails("failing", at), Fails("unreached", at)]
    )
    with pytest.raises(RuntimeError, match="broken") as raised:
        run(routine)
    assert raised.value.__notes__ == [f'in Fails.{at} of "failing"']


def test_all_six_kinds_come_out() -> None:
    plot = DrawnPlot("plot")
    routine = DataLoaderRoutine[Points, Fit](
        source(),
        scores=[LossCallback("loss")],
        arrays=[OutputArrayCallback("residuals", key="residual")],
        plots=[plot],
        score_collections=[OutputMeansCallback("means", keys=["loss", "residual"])],
        array_collections=[TwoArrays("arrays")],
        plot_collections=[TwoPlots("plots")],
    )
    loss, residuals, figure, means, arrays, plots = run(routine)
    assert loss == Result(SCORE, "loss", 1.0)
    assert is_real_array(residuals.value)
    assert residuals.value.tolist() == [0.0] * 8 + [9.0]
    assert isinstance(figure.value, Figure)
    assert means == Result(SCORES, "means", {"loss": 1.0, "residual": 1.0})
    assert is_mapping(arrays.value)
    assert is_mapping(plots.value)
    assert list(arrays.value) == list(plots.value) == ["a", "b"]
    assert plot.calls == ["start", "update", "update", "finish"]
    assert list(routine.result_names) == [
        (SCORE, "loss"),
        (ARRAY, "residuals"),
        (PLOT, "plot"),
        (SCORES, "means"),
        (ARRAYS, "arrays"),
        (PLOTS, "plots"),
    ]
    assert [(one.kind, one.name) for one in (loss, residuals, figure, means, arrays, plots)] == [
        *routine.result_names
    ]


def test_only_what_is_asked_for_is_computed() -> None:
    asked, other = DrawnPlot("asked"), DrawnPlot("other")
    routine = DataLoaderRoutine[Points, Fit](
        source(), scores=[LossCallback("asked")], plots=[other, asked]
    )
    names = [(PLOT, "asked"), (ARRAY, "asked")]
    (result,) = routine.run(forward, CPU, names, Moment(epoch=1, step=1, ends_run=True))
    assert (result.kind, result.name) == (PLOT, "asked")
    assert asked.calls == ["start", "update", "update", "finish"]
    assert other.calls == []


def test_the_pass_is_that_of_the_moment_on_the_device_that_is_told() -> None:
    epochs: list[int] = []
    devices: list[torch.device] = []

    class Told(Batches):
        def batches(self, epoch: int) -> Iterator[Points]:
            epochs.append(epoch)
            return super().batches(epoch)

    def seen(batch: Points) -> Fit:
        devices.append(batch["y"].device)
        return Fit(loss=torch.zeros(()), residual=torch.zeros(1))

    meta = torch.device("meta")
    routine = DataLoaderRoutine[Points, Fit](Told(points(9), 8), plots=[DrawnPlot("plot")])
    for epoch in (3, 7):
        routine.run(seen, meta, routine.result_names, Moment(epoch=epoch, step=99))
    assert epochs == [3, 7]
    assert devices == [meta] * 4


def test_means_weigh_batches_by_their_rows() -> None:
    """D9: 9 rows in batches of 8, the mean is 1.0 and not (0 + 9) / 2."""
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")])
    assert run(routine) == [Result(SCORE, "loss", 1.0)]


def test_a_second_pass_forgets_the_first() -> None:
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")])
    assert run(routine, 1) == run(routine, 2) == [Result(SCORE, "loss", 1.0)]


@pytest.mark.parametrize(
    ("every", "epoch", "ends_run", "due"),
    [(1, 3, False, True), (5, 3, False, False), (5, 3, True, True), (5, 5, True, True)],
)
def test_due_in_its_epochs_and_at_the_end(
    every: int, epoch: int, *, ends_run: bool, due: bool
) -> None:
    """At the end whatever the last epoch computed: the trainer leaves out what it has."""
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")], every=every)
    moment = Moment(epoch=epoch, step=99, ends_run=ends_run)
    assert list(routine.due(moment)) == ([(SCORE, "loss")] if due else [])


def test_a_callback_without_a_value_is_left_to_the_validation() -> None:
    """Which names the score; `float(None)` did not."""
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[Untyped("mine", None)])
    names = routine.result_names
    with pytest.raises(ValidationError, match='score "mine": got None, expected a number; return'):
        checked(run(routine), "DataLoaderRoutine.run", names, names)


def test_what_cannot_work_is_said() -> None:
    with pytest.raises(ConfigurationError, match="has no callback, so its pass would compute noth"):
        DataLoaderRoutine[Points, Fit](source())
    with pytest.raises(ConfigurationError, match="every must be at least 1, got 0"):
        DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")], every=0)
    empty = Batches(points(0), 4)
    with pytest.raises(
        DataError,
        match="loader of DataLoaderRoutine: gave no batch in epoch 1, expected at least 1; give",
    ):
        run(DataLoaderRoutine[Points, Fit](empty, scores=[LossCallback("loss")]))


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


class Misread:
    """A score of another model's output."""

    name = "mine"

    def start(self) -> None: ...

    def update(self, batch: Points, output: int) -> None: ...

    def finish(self) -> str:
        return ""


def test_what_a_routine_is_made_of_is_checked_by_the_trainer() -> None:
    routine = untyped(DataLoaderRoutine, 3, scores=[Misread(), LossCallback("loss")])
    with pytest.raises(ContractError) as refused:
        untyped(
            Trainer,
            OptimizerStep(seeded_regression(), optimizer=partial(torch.optim.SGD, lr=0.1)),
            train_loader=source(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            routines=[routine],
        )
    lines = str(refused.value).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        "loader= int does not satisfy BatchSource:",
        "scores= Misread does not satisfy LoaderCallback:",
    ]
    members = [line.split(":")[0].strip(" -") for line in lines if line.startswith("  ")]
    assert members == ["batches", "__len__", "update(output)", "finish -> return"]
