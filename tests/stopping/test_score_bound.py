"""A score that must stay within bounds, against a comparison written by hand."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch import ScoreBoundStopper
from artifact_torch.contracts import RunState
from artifact_torch.errors import ConfigurationError, ValidationError


def after(**scores: float) -> RunState:
    return RunState(n_epochs_elapsed=1, n_steps=1, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


@given(
    value=st.floats(allow_nan=False), bounds=st.lists(st.integers(-3, 3), min_size=2, max_size=2)
)
def test_a_score_beyond_a_bound_stops(value: float, bounds: list[int]) -> None:
    least, most = sorted(bounds)
    stopper = ScoreBoundStopper("auc", least=least, most=most)
    assert stopper.should_stop(after(auc=value)) is not (least <= value <= most)


def test_the_bound_itself_nan_and_a_moment_without_the_score_do_not() -> None:
    stopper = ScoreBoundStopper("auc", most=0.6)
    states = [after(auc=0.6), after(auc=math.nan), after(), after(other=1.0), after(auc=0.61)]
    assert [stopper.should_stop(state) for state in states] == [False] * 4 + [True]
    assert (stopper.monitored, str(stopper)) == (("auc",), "auc above 0.6")


def test_a_function_may_say_the_score() -> None:
    stopper = ScoreBoundStopper(lambda state: state.scores.get("loss"), least=0.1)
    assert [stopper.should_stop(after(loss=0.2)), stopper.should_stop(after(loss=0.05))] == [
        *(False, True)
    ]
    assert (stopper.monitored, str(stopper)) == ((), "score below 0.1")


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, "has no bound; give most=... or least=..."),
        ({"most": math.nan}, "most must be a finite number, got nan"),
        ({"least": "1"}, "least must be a finite number, got '1'"),
        ({"least": 2, "most": 1}, "least=2 is above most=1"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(bounds: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=f"ScoreBoundStopper: {words}"):
        untyped(ScoreBoundStopper, "auc", **bounds)
    with pytest.raises(ConfigurationError, match="score must be a non-empty str, got ''"):
        ScoreBoundStopper("", most=1)


def test_what_is_no_number_is_told() -> None:
    def said(_: RunState) -> str:
        return "much"

    made = untyped(ScoreBoundStopper, said, most=1.0)
    assert isinstance(made, ScoreBoundStopper)
    with pytest.raises(ValidationError, match="ScoreBoundStopper: got 'much'"):
        made.should_stop(after())
