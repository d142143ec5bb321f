"""The loader routine: all six kinds, weighted means, and a trace in nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from artifact_torch import (
    DataLoaderRoutine,
    LossCallback,
    OutputArrayCallback,
    OutputMeansCallback,
)
from artifact_torch.contracts.routine import Array, ArrayCollection
from artifact_torch.errors import ConfigurationError, DataError, ValidationError
from artifact_torch.routines.results import checked
from tests.toys import Batches, Fit, Points, points, seeded_regression

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Plot, PlotCollection

CPU = torch.device("cpu")


class Counted:
    """A callback's bookkeeping: how it was called."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def update(self, batch: object, output: object) -> None:
        self.calls.append("update")


class Untyped(Counted):
    """A score that the checkers cannot see."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(name)
        self.value: float = SimpleNamespace(value=value).value

    def finish(self) -> float:
        return self.value


class DrawnPlot(Counted):
    def finish(self) -> Plot:
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
    results = routine.run(forward, CPU, 1)
    assert results.scores == {"loss": 1.0}
    residuals: Array = results.arrays["residuals"]
    assert residuals.shape == (9,)
    assert residuals[-1] == 9.0
    assert isinstance(results.plots["plot"], Figure)
    assert results.score_collections == {"means": {"loss": 1.0, "residual": 1.0}}
    assert set(results.array_collections["arrays"]) == {"a", "b"}
    assert set(results.plot_collections["plots"]) == {"a", "b"}
    assert plot.calls == ["start", "update", "update"]
    assert [(kind.value, name) for kind, name in routine.result_names] == [
        ("score", "loss"),
        ("array", "residuals"),
        ("plot", "plot"),
        ("score_collection", "means"),
        ("array_collection", "arrays"),
        ("plot_collection", "plots"),
    ]


def test_means_weigh_batches_by_their_rows() -> None:
    """D9: 9 rows in batches of 8, the mean is 1.0 and not (0 + 9) / 2."""
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")])
    assert routine.run(forward, CPU, 1).scores["loss"] == 1.0


def test_a_second_pass_forgets_the_first() -> None:
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")])
    routine.run(forward, CPU, 1)
    assert routine.run(forward, CPU, 2).scores["loss"] == 1.0


@pytest.mark.parametrize(
    ("every", "epoch", "final", "due"),
    [(1, 3, False, True), (1, 3, True, False), (5, 3, False, False), (5, 3, True, True)],
)
def test_due_in_its_epochs_and_once_at_the_end(
    every: int, epoch: int, *, final: bool, due: bool
) -> None:
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")], every=every)
    assert routine.is_due(epoch, final=final) is due


def test_losses_keep_no_graph() -> None:
    """4.2: the published callback keeps the autograd graph of every batch."""
    callback = OutputArrayCallback("residuals", key="residual")
    model = seeded_regression()
    callback.start()
    callback.update(points(4), model(points(4)))
    assert not callback.finish().dtype.hasobject


def test_a_callback_without_a_value_is_left_to_the_validation() -> None:
    """Which names the score; `float(None)` did not."""
    routine = DataLoaderRoutine[Points, Fit](source(), scores=[Untyped("mine", None)])
    results = routine.run(forward, CPU, 1)
    with pytest.raises(ValidationError, match='score "mine": got None, expected a number; return'):
        checked(results, "DataLoaderRoutine.run", routine.result_names)


@pytest.mark.parametrize("name", ["", 3, None])
def test_a_callback_has_a_name(name: object) -> None:
    untyped: str = SimpleNamespace(name=name).name
    must = f": name must be a non-empty str, got {name!r}$"
    with pytest.raises(ConfigurationError, match=f"^LossCallback{must}"):
        LossCallback(untyped)
    with pytest.raises(ConfigurationError, match=f"^OutputMeansCallback{must}"):
        OutputMeansCallback(untyped, keys=["mu"])
    with pytest.raises(ConfigurationError, match=f"^OutputArrayCallback{must}"):
        OutputArrayCallback(untyped, key="mu")


def test_a_key_given_twice_counts_once() -> None:
    means = OutputMeansCallback("means", keys=["loss", "loss"])
    routine = DataLoaderRoutine[Points, Fit](source(), score_collections=[means])
    assert routine.run(forward, CPU, 1).score_collections == {"means": {"loss": 1.0}}


def test_what_cannot_work_is_said() -> None:
    with pytest.raises(ConfigurationError, match="has no callback, so its pass would compute noth"):
        DataLoaderRoutine[Points, Fit](source())
    with pytest.raises(ConfigurationError, match="every .epochs. must be a whole number of at le"):
        DataLoaderRoutine[Points, Fit](source(), scores=[LossCallback("loss")], every=0)
    empty = Batches(points(0), 4)
    with pytest.raises(DataError, match=r"loader of \['loss'\]: gave no batch in epoch 1"):
        DataLoaderRoutine[Points, Fit](empty, scores=[LossCallback("loss")]).run(forward, CPU, 1)
    with pytest.raises(ConfigurationError, match="keys must be a list of one or more keys of the"):
        OutputMeansCallback("means", keys="mu")
    means = OutputMeansCallback("means", keys=["mu"])
    with pytest.raises(ValidationError, match='key "mu" must be a tensor, got the keys'):
        DataLoaderRoutine[Points, Fit](source(), score_collections=[means]).run(forward, CPU, 1)
