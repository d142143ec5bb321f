"""A score that is watched the wrong way round is told before training."""

import logging
from collections.abc import Callable, Collection, Sequence

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    AUROC,
    Accuracy,
    AveragePrecision,
    BestScoreTracker,
    DataLoaderRoutine,
    LossCallback,
    MeanAbsoluteError,
    MeanSquaredError,
    MetricCallback,
    OptimizerStep,
    PatienceStopper,
    Perplexity,
    R2Score,
    bind,
)
from artifact_torch.contracts import AnyModel, LoaderCallback, Moment, ResultKind, ResultName
from artifact_torch.stopping.scores import Mode
from tests.toys import Fit, Points, seeded_regression
from tests.trainer.composed import SGD, loose, source

Score = LoaderCallback[Points, Fit, float]


def of(points: Points, fit: Fit) -> tuple[Tensor, Tensor]:
    return fit["residual"], points["y"]


def told(score: Score, mode: Mode, caplog: pytest.LogCaptureFixture) -> list[str]:
    with caplog.at_level(logging.WARNING, "artifact_torch"):
        loose(
            stop=[PatienceStopper("it", patience=1, mode=mode)],
            best=BestScoreTracker("it", mode=mode),
            routines=[DataLoaderRoutine(source(), scores=[score])],
        )
    return caplog.messages


class Metric:
    """In place of one from torchmetrics, which says which way is better, or None."""

    def __init__(self, *, higher_is_better: bool | None) -> None:
        self.higher_is_better = higher_is_better

    def reset(self) -> None: ...
    def update(self, *args: Tensor) -> None: ...
    def compute(self) -> Tensor:
        return torch.zeros(())


BETTER: list[tuple[Callable[[], Score], Mode]] = [
    (lambda: Accuracy("it", of=of), "max"),
    (lambda: AUROC("it", of=of), "max"),
    (lambda: AveragePrecision("it", of=of), "max"),
    (lambda: R2Score("it", of=of), "max"),
    (lambda: MetricCallback("it", Metric(higher_is_better=True), of=of), "max"),
    (lambda: LossCallback("it"), "min"),
    (lambda: MeanAbsoluteError("it", of=of), "min"),
    (lambda: MeanSquaredError("it", of=of), "min"),
    (lambda: Perplexity("it", of=of), "min"),
    (lambda: MetricCallback("it", Metric(higher_is_better=False), of=of), "min"),
]


@pytest.mark.parametrize(("make", "better"), BETTER)
def test_a_mode_that_was_forgotten(
    make: Callable[[], Score], better: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(make(), better, caplog) == []
    wrong: Mode = "min" if better == "max" else "max"
    way = "highest" if better == "max" else "lowest"
    assert told(make(), wrong, caplog) == [
        f'{part}("it"): mode is "{wrong}", but of {type(make()).__name__} the {way} is better; '
        f'write mode="{better}"'
        for part in ("PatienceStopper", "BestScoreTracker")
    ]


def test_who_says_nothing_is_believed(caplog: pytest.LogCaptureFixture) -> None:
    unknown = MetricCallback("it", Metric(higher_is_better=None), of=of)
    assert told(unknown, "min", caplog) == told(unknown, "max", caplog) == []


class Size:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "SIZE"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names

    def validate(
        self, model: AnyModel, names: Collection[ResultName], moment: Moment
    ) -> dict[str, float]:
        return {"SIZE": 1.0}


def test_the_score_of_an_artifact_needs_a_mode(caplog: pytest.LogCaptureFixture) -> None:
    def trainer(mode: Mode | None) -> None:
        made = OptimizerStep(seeded_regression(), optimizer=SGD)
        loose(
            made,
            stop=[PatienceStopper("SIZE", patience=1, mode=mode)],
            best=BestScoreTracker("SIZE", mode=mode),
            routines=[bind(Size(), made.model)],
        )

    with caplog.at_level(logging.WARNING, "artifact_torch"):
        trainer("min")
        trainer("max")
        assert caplog.messages == []
        trainer(None)
    assert caplog.messages == [
        f'{part}("SIZE"): takes the lowest for the best, and no artifact says which is; '
        'write mode="max", or mode="min" where it is so'
        for part in ("PatienceStopper", "BestScoreTracker")
    ]


def test_a_mode_that_was_not_given_is_min() -> None:
    for part in (PatienceStopper("it", patience=1), BestScoreTracker("it")):
        assert (part.mode, part.states_mode) == ("min", False)
    assert BestScoreTracker("it", mode="min").states_mode
