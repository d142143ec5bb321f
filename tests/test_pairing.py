"""The two sides of `stop_when` and `track_best`, as untyped code may join them."""

import logging
from collections.abc import Callable

import pytest

from artifact_torch import (
    AnyStopper,
    BestScoreTracker,
    ConfigurationError,
    ContractError,
    EpochBoundStopper,
    PatienceStopper,
    ValidationError,
    score,
    stop_when,
    track_best,
)
from artifact_torch.contracts import EpochState


def after(epoch: int, **scores: float) -> EpochState:
    return EpochState(n_epochs_elapsed=epoch, n_steps=epoch, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


NO_SCORE = (
    "expected a function that can do without one, since there is none before the first epoch and "
    "where it is not due: "
)


def test_a_score_that_the_epoch_does_not_have_is_an_error_in_words() -> None:
    stopper = stop_when(PatienceStopper(patience=1), on=lambda state: state.scores["val"])
    with pytest.raises(ValidationError) as refused:
        stopper.should_stop(after(3, b=1.0, a=1.0))
    assert str(refused.value) == (
        "on of PatienceStopper: got no score \"val\" in epoch 3, whose scores are ['a', 'b']; "
        f'{NO_SCORE}on=score("val"), which gives None'
    )
    tracker = track_best(BestScoreTracker(), by=lambda state: state.scores["val"])
    with pytest.raises(ValidationError) as refused:
        tracker.is_best(after(1))
    assert str(refused.value) == (
        'by of BestScoreTracker: got no score "val" in epoch 1, whose scores are []; '
        f'{NO_SCORE}by=score("val"), which gives None'
    )
    assert tracker.is_best(after(2, val=1.0))


def test_errors_of_the_users_own_pass_through() -> None:
    own: dict[str, float] = {}
    with pytest.raises(KeyError, match="val"):
        stop_when(PatienceStopper(patience=1), on=lambda _: own["val"]).should_stop(after(1))


def test_a_function_may_catch_the_missing_score_itself() -> None:
    def loss(state: EpochState) -> float | None:
        try:
            return state.scores["val"]
        except KeyError:
            return None

    assert not stop_when(PatienceStopper(patience=1), on=loss).should_stop(after(1))


EXPECTED = "expected a function of the epoch's state, for example"


OF_TWO = "(state: object, more: object) -> float"


def of_two(state: object, more: object) -> float:
    return float(state is more)


NO_FUNCTIONS: list[tuple[object, str]] = [
    ("val", f"got 'val', {EXPECTED} on=score('val')"),
    (None, f"got None, {EXPECTED} on=score('loss')"),
    (lambda: 1.0, f"got a function of the parameters (), {EXPECTED} on=score('loss')"),
    (of_two, f"got a function of the parameters {OF_TWO}, {EXPECTED} on=score('loss')"),
]


@pytest.mark.parametrize(("source", "got"), NO_FUNCTIONS)
def test_what_is_no_function_of_the_state_is_refused(source: object, got: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(stop_when, PatienceStopper(patience=1), on=source)
    assert str(refused.value) == f"on: {got}"
    with pytest.raises(ConfigurationError) as refused:
        untyped(track_best, BestScoreTracker(), by=source)
    assert str(refused.value) == f"by: {got.replace('on=', 'by=')}"


class Threshold:
    def should_stop(self, update: float) -> bool:
        return update > 1

    def is_best(self, criterion: float) -> bool:
        return criterion > 1


def name_of(state: EpochState) -> str:
    return str(state)


@pytest.mark.parametrize(
    ("source", "returns", "why"),
    [
        (score("loss"), "float | None", "None is not a float"),
        (name_of, "str", "str is not a float"),
    ],
)
def test_two_sides_that_do_not_fit_are_refused(source: object, returns: str, why: str) -> None:
    with pytest.raises(ContractError) as refused:
        untyped(stop_when, Threshold(), on=source)
    assert str(refused.value) == (
        "on= Function does not satisfy FromState:\n"
        f"  - __call__ -> return: returns {returns}, must return Update: {why} "
        "(should_stop(update) of stopper= accepts float) [return-type]"
    )
    with pytest.raises(ContractError) as refused:
        untyped(track_best, Threshold(), by=source)
    assert str(refused.value) == (
        "by= Function does not satisfy FromState:\n"
        f"  - __call__ -> return: returns {returns}, must return Criterion: {why} "
        "(is_best(criterion) of tracker= accepts float) [return-type]"
    )


def test_what_has_no_annotations_is_no_reason_for_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        stop_when(Threshold(), on=lambda state: state.scores["loss"])
        track_best(Threshold(), by=lambda state: state.scores["loss"])
        untyped(stop_when, PatienceStopper(patience=1), on=max)  # in C, without a signature
    assert caplog.records == []


def test_a_pair_cannot_be_paired_again() -> None:
    stopper = stop_when(PatienceStopper(patience=1), on=score("loss"))
    tracker = track_best(BestScoreTracker(), by=score("loss"))
    for make, part, place, by in (
        (stop_when, stopper, "stopper", "stop_when"),
        (stop_when, tracker, "stopper", "track_best"),
        (track_best, tracker, "tracker", "track_best"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            untyped(make, part, **{"on" if make is stop_when else "by": score("a")})
        assert str(refused.value) == (
            f"{place}: is already paired by {by}, expected one that is not; use it as it is"
        )


def test_a_stopper_of_the_whole_state_may_be_told_the_state() -> None:
    stopper = AnyStopper(EpochBoundStopper(max_n_epochs=2))
    assert stop_when(stopper, on=lambda state: state).should_stop(after(2))
