"""Model trackers (D1: the published tracker never updates what it compares with)."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from artifact_torch import BestScoreTracker, track_best
from artifact_torch.contracts import RunState
from artifact_torch.errors import ConfigurationError, ValidationError


def after(epoch: int, **scores: float) -> RunState:
    return RunState(n_epochs_elapsed=epoch, n_steps=epoch, scores=scores)


def verdicts(tracker: BestScoreTracker, *losses: float | None) -> list[bool]:
    """Of epochs with these losses; None: the epoch did not produce one."""
    return [
        tracker.is_best(after(epoch) if loss is None else after(epoch, loss=loss))
        for epoch, loss in enumerate(losses, start=1)
    ]


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def test_the_lowest_score_is_best() -> None:
    assert verdicts(BestScoreTracker("loss"), 3.0, 1.0, 2.0) == [True, True, False]


def test_the_highest_score_is_best_by_more_than_the_tolerance() -> None:
    tracker = BestScoreTracker("loss", mode="max", tolerance=0.5)
    assert verdicts(tracker, 1.0, 1.5, 1.6) == [True, False, True]


def test_nan_and_missing_scores_are_never_best() -> None:
    assert verdicts(BestScoreTracker("loss"), math.nan, None, 2.0, math.nan, None) == [
        *(False, False, True, False, False)
    ]


def test_a_function_of_the_state_tells_the_score() -> None:
    tracker = BestScoreTracker(lambda state: sum(state.scores.values()))
    states = [after(1, a=1.0, b=2.0), after(2, a=2.0, b=2.0), after(3, a=0.0, b=2.0)]
    assert [tracker.is_best(state) for state in states] == [True, False, True]
    assert tracker.monitored == ()
    assert BestScoreTracker("loss").monitored == ("loss",)


def test_it_continues_from_its_state() -> None:
    first, second = BestScoreTracker("loss"), BestScoreTracker("loss")
    assert verdicts(first, 1.0, 2.0) == [True, False]
    second.load_state_dict(dict(first.state_dict()))
    assert verdicts(second, 1.0, 0.5) == [False, True]


def test_it_continues_from_a_state_without_a_score() -> None:
    tracker = BestScoreTracker("loss")
    tracker.load_state_dict(dict(BestScoreTracker("loss").state_dict()))
    assert verdicts(tracker, 1.0) == [True]


def low(_: RunState) -> str:
    return "low"


def untyped_tracker(score: object) -> BestScoreTracker:
    made = untyped(BestScoreTracker, score)
    assert isinstance(made, BestScoreTracker)
    return made


def test_what_is_no_score_is_refused_in_its_name() -> None:
    with pytest.raises(ConfigurationError, match="^BestScoreTracker: tolerance must be at least 0"):
        BestScoreTracker("loss", tolerance=-1)
    with pytest.raises(ConfigurationError, match="^BestScoreTracker: score must be a non-empty"):
        untyped(BestScoreTracker, 3)
    with pytest.raises(ConfigurationError, match="score must be a function of one argument, such"):
        untyped(BestScoreTracker, lambda: None)
    with pytest.raises(
        ValidationError, match="^BestScoreTracker: got 'low', expected a number, or"
    ):
        untyped_tracker(low).is_best(after(1))


def test_its_state_is_a_float_of_python_whatever_the_score_was() -> None:
    tracker = BestScoreTracker(lambda _: float(np.float32(0.5)))
    assert tracker.is_best(after(1))
    assert [type(value) for value in tracker.state_dict().values()] == [float]


# -- a tracker of one's own criterion -------------------------------------------------------------


class Longest:
    """The epoch with the longest text."""

    def __init__(self) -> None:
        self.length = 0

    def is_best(self, criterion: str) -> bool:
        is_longer = len(criterion) > self.length
        self.length = max(self.length, len(criterion))
        return is_longer


def test_a_tracker_of_its_own_criterion_is_told_it() -> None:
    tracker = track_best(Longest(), by=lambda state: "x" * state.n_steps)
    assert [tracker.is_best(after(steps)) for steps in (1, 3, 2, 4)] == [True, True, False, True]
