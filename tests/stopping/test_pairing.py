"""The two sides of `stop_when` and `track_best`, as untyped code may join them."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
import torch

from artifact_torch import (
    ConfigurationError,
    ContractError,
    EpochBoundStopper,
    PatienceStopper,
    ValidationError,
    score,
    stop_when,
    track_best,
)
from artifact_torch.contracts import RunState
from artifact_torch.stopping.scores import decided


def after(epoch: int, **scores: float) -> RunState:
    return RunState(n_epochs_elapsed=epoch, n_steps=epoch, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


class Threshold:
    """A stopper and tracker of numbers."""

    def should_stop(self, update: float) -> bool:
        return update > 1

    def is_best(self, criterion: float) -> bool:
        return criterion > 1


class Optional:
    """A stopper and tracker that can do without."""

    def should_stop(self, update: float | None) -> bool:
        return update is not None

    def is_best(self, criterion: float | None) -> bool:
        return criterion is not None


def test_a_score_that_the_epoch_does_not_have_is_an_error_in_words() -> None:
    stopper = stop_when(Threshold(), on=lambda state: state.scores["val"])
    name = f"{type(stopper).__name__}.should_stop"
    with pytest.raises(ValidationError, match=f'^{name}: got no score "val" in epoch 3, whose sco'):
        decided(name, stopper.should_stop, after(3, a=1.0))
    assert name == "StopWhen.should_stop"  # what the user wrote
    tracker = track_best(Threshold(), by=lambda state: state.scores["val"])
    assert type(tracker).__name__ == "TrackBest"
    assert tracker.is_best(after(2, val=2.0))


def test_what_both_sides_look_at_is_monitored() -> None:
    class Watches(Optional):
        monitored = ("b",)

    for pair in (stop_when(Watches(), on=score("a")), track_best(Watches(), by=score("a"))):
        assert vars(type(pair))["monitored"].fget(pair) == ("a", "b")


def test_a_stopper_may_keep_the_scores_in_its_state(tmp_path: Path) -> None:
    class Keeps:
        def __init__(self) -> None:
            self.kept: Mapping[str, float] = {}

        def should_stop(self, update: Mapping[str, float]) -> bool:
            self.kept = update
            return False

    stopper, state = Keeps(), after(1, a=1.0)
    stop_when(stopper, on=lambda state: state.scores).should_stop(state)
    assert stopper.kept is state.scores
    torch.save(stopper.kept, tmp_path / "scores")
    assert torch.load(tmp_path / "scores", weights_only=True) == {"a": 1.0}


class Silent:
    """Says nothing about itself."""

    def should_stop(self, update: object) -> bool:
        return update is None


def a_lambda() -> Callable[[RunState], object]:
    return lambda state: state


class Newest:
    def __call__(self, state: RunState) -> float | None:
        return state.scores.get("a")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (score("loss"), "loss: Silent"),
        (Newest(), "Newest: Silent"),
        (Newest().__call__, "the function __call__: Silent"),
        (a_lambda(), "the lambda: Silent"),
    ],
)
def test_why_it_stopped_shows_no_addresses(source: object, words: str) -> None:
    assert str(untyped(stop_when, Silent(), on=source)) == words


def test_a_function_may_catch_the_missing_score_itself() -> None:
    def loss(state: RunState) -> float | None:
        try:
            return state.scores["val"]
        except KeyError:
            return None

    assert not stop_when(Optional(), on=loss).should_stop(after(1))


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
        untyped(stop_when, Optional(), on=source)
    assert str(refused.value) == f"on: {got}"
    with pytest.raises(ConfigurationError) as refused:
        untyped(track_best, Optional(), by=source)
    assert str(refused.value) == f"by: {got.replace('on=', 'by=')}"


def name_of(state: RunState) -> str:
    return str(state)


@pytest.mark.parametrize(
    ("source", "returns", "why"),
    [
        (score("loss"), 'score("loss") returns float | None', "None is not a float"),
        (name_of, "the function name_of returns str", "str is not a float"),
        (partial(name_of), "partial returns str", "str is not a float"),
        (Newest(), "Newest returns float | None", "None is not a float"),
        (Newest().__call__, "the function __call__ returns float | None", "None is not a float"),
    ],
)
def test_two_sides_that_do_not_fit_are_refused(source: object, returns: str, why: str) -> None:
    with pytest.raises(ContractError) as refused:
        untyped(stop_when, Threshold(), on=source)
    assert str(refused.value) == (
        f"on= {returns}, must return Update: {why} (should_stop(update) of stopper= accepts float)"
    )
    with pytest.raises(ContractError) as refused:
        untyped(track_best, Threshold(), by=source)
    assert str(refused.value) == (
        f"by= {returns}, must return Criterion: {why} "
        "(is_best(criterion) of tracker= accepts float)"
    )


def test_all_that_is_wrong_with_the_two_sides_is_one_error() -> None:
    async def of_text(state: str) -> float:
        return float(state)

    def of_number(state: int) -> float:
        return float(state)

    not_an_int = "RunState: RunState is not an int"
    for source, words in (
        (of_text, "the function of_text is async, nobody awaits it; write it as a plain def"),
        (of_number, f"the function of_number accepts int, is called with {not_an_int}"),
    ):
        with pytest.raises(ContractError) as refused:
            untyped(stop_when, object(), on=source)
        first, *_, last = str(refused.value).splitlines()
        assert first == "stopper= object does not satisfy EarlyStopper:"
        assert last == f"on= {words}"


def test_what_has_no_annotations_is_no_reason_for_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        stop_when(Threshold(), on=lambda state: state.scores["loss"])
        track_best(Threshold(), by=lambda state: state.scores["loss"])
        untyped(stop_when, Optional(), on=max)  # in C, without a signature
    assert caplog.records == []


def test_half_an_annotation_is_a_warning_in_the_users_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def half(state: RunState) -> float:
        return float(state.n_steps)

    del half.__annotations__["state"]
    untyped(stop_when, Threshold(), on=half)
    assert caplog.messages == [
        "on= the function half is not verified, there is no annotation; annotate it"
    ]


def test_a_pair_cannot_be_paired_again() -> None:
    stopper = stop_when(Optional(), on=score("loss"))
    tracker = track_best(Optional(), by=score("loss"))
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
    stopper = stop_when(PatienceStopper("a", patience=1), on=lambda state: state)
    assert [stopper.should_stop(after(epoch, a=1.0)) for epoch in (1, 2)] == [False, True]
    assert str(stopper) == "the lambda: a: no improvement in 1 scores (lowest 1)"


def test_a_score_is_not_the_data_of_an_epoch_bound() -> None:
    with pytest.raises(ContractError, match=r'on= score\("a"\) returns float . None, must return'):
        untyped(stop_when, EpochBoundStopper(max_n_epochs=3), on=score("a"))
