"""Model trackers (D1: the published tracker never updates what it compares with)."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from artifact_torch import BestScoreTracker, score, track_best
from artifact_torch.contracts import EpochState
from artifact_torch.errors import ConfigurationError, ValidationError


def test_the_lowest_score_is_best() -> None:
    tracker = BestScoreTracker()
    assert [tracker.is_best(value) for value in (3.0, 1.0, 2.0)] == [True, True, False]


def test_the_highest_score_is_best_by_more_than_the_tolerance() -> None:
    tracker = BestScoreTracker(mode="max", tolerance=0.5)
    assert [tracker.is_best(value) for value in (1.0, 1.5, 1.6)] == [True, False, True]


def test_nan_and_missing_scores_are_never_best() -> None:
    tracker = BestScoreTracker()
    assert [tracker.is_best(v) for v in (math.nan, None, 2.0, math.nan, None)] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_it_continues_from_its_state_through_the_pairing() -> None:
    first = track_best(BestScoreTracker(), by=score("loss"))
    inner = BestScoreTracker()
    assert first.is_best(EpochState(n_epochs_elapsed=1, n_steps=1, scores={"loss": 1.0}))
    inner.load_state_dict({"best": 1.0})
    assert not inner.is_best(1.0)
    assert inner.is_best(0.5)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="tolerance must be at least 0, got -1"):
        BestScoreTracker(tolerance=-1)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


@pytest.mark.parametrize("tolerance", ["0.1", None, math.inf, math.nan, True])
def test_a_tolerance_that_is_no_number_is_refused(tolerance: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(BestScoreTracker, tolerance=tolerance)
    assert str(refused.value) == (
        f"BestScoreTracker: tolerance must be a number of at least 0, got {tolerance!r}"
    )


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValidationError, match="BestScoreTracker: got 'low', expected a number, or"):
        untyped(BestScoreTracker().is_best, "low")


def test_its_state_is_a_float_of_python_whatever_the_score_was() -> None:
    tracker = BestScoreTracker()
    assert untyped(tracker.is_best, np.float32(0.5))
    assert [type(value) for value in tracker.state_dict().values()] == [float]
