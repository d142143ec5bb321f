"""Early stoppers against counts worked by hand."""

import math
from collections.abc import Callable

import pytest
import torch

from artifact_torch import AnyStopper, EpochBoundStopper, PatienceStopper, score, stop_when
from artifact_torch.contracts import EarlyStopper, EpochState
from artifact_torch.errors import CheckpointError, ConfigurationError, ValidationError


def after(epoch: int, **scores: float) -> EpochState:
    return EpochState(n_epochs_elapsed=epoch, n_steps=epoch, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def verdicts(stopper: PatienceStopper, scores: list[float | None]) -> list[bool]:
    return [stopper.should_stop(value) for value in scores]


@pytest.mark.parametrize(("bound", "trained"), [(0, 0), (1, 1), (7, 7)])
def test_epoch_bound_trains_exactly_so_many_epochs(bound: int, trained: int) -> None:
    stopper, n_epochs = EpochBoundStopper(max_n_epochs=bound), 0
    while not stopper.should_stop(after(n_epochs)):
        n_epochs += 1
    assert n_epochs == trained


def test_patience_counts_scores_that_do_not_improve() -> None:
    stopper = PatienceStopper(patience=2)
    assert verdicts(stopper, [3.0, 2.0, 2.5, 1.0, 1.0, 1.0]) == [False] * 5 + [True]


def test_patience_for_a_maximum_with_tolerance() -> None:
    stopper = PatienceStopper(patience=2, mode="max", tolerance=0.1)
    assert verdicts(stopper, [1.0, 1.05, 1.2, 1.25, 1.3]) == [False, False, False, False, True]


def test_epochs_without_the_score_change_nothing() -> None:
    stopper = PatienceStopper(patience=2)
    assert verdicts(stopper, [None, 1.0, None, None, 2.0, None, 2.0]) == [False] * 6 + [True]


def test_nan_counts_as_a_score_that_did_not_improve() -> None:
    assert verdicts(PatienceStopper(patience=2), [math.nan, math.nan]) == [False, True]
    stopper = PatienceStopper(patience=2)
    assert verdicts(stopper, [math.nan, 1.0, math.nan, math.nan]) == [False, False, False, True]


def test_patience_continues_from_its_state() -> None:
    first, second = PatienceStopper(patience=3), PatienceStopper(patience=3)
    verdicts(first, [1.0, 2.0, 2.0])
    second.load_state_dict(dict(first.state_dict()))
    assert second.should_stop(2.0)


def test_any_stopper_asks_all_and_says_which_fired() -> None:
    patience = PatienceStopper(patience=2)
    stopper = AnyStopper(
        EpochBoundStopper(max_n_epochs=3), stop_when(patience, on=score("validation_loss"))
    )
    assert [stopper.should_stop(after(e, validation_loss=1.0)) for e in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    assert (
        str(stopper) == "3 epochs completed; validation_loss: no improvement in 2 scores (best 1.0)"
    )
    assert stopper.monitored == ("validation_loss",)
    assert stopper.max_n_epochs == 3


def test_any_stopper_keeps_the_state_of_each() -> None:
    def build() -> AnyStopper:
        return AnyStopper(
            EpochBoundStopper(max_n_epochs=9),
            stop_when(PatienceStopper(patience=2), on=score("loss")),
        )

    first, second = build(), build()
    first.should_stop(after(1, loss=1.0))
    first.should_stop(after(2, loss=1.0))
    second.load_state_dict(dict(first.state_dict()))
    assert second.should_stop(after(3, loss=1.0))


def test_a_stopper_that_was_added_since_starts_afresh(caplog: pytest.LogCaptureFixture) -> None:
    def patience(name: str) -> EarlyStopper[EpochState]:
        return stop_when(PatienceStopper(patience=2), on=score(name))

    saved = AnyStopper(patience("a"))
    saved.should_stop(after(1, a=1.0))
    saved.should_stop(after(2, a=1.0))
    longer = AnyStopper(patience("a"), patience("b"), EpochBoundStopper(max_n_epochs=9))
    longer.load_state_dict(dict(saved.state_dict()))
    assert caplog.messages == [
        (
            "checkpoint: holds the state of 1 stoppers; stopper 2 of AnyStopper starts afresh: b: "
            "no improvement in 0 scores (best None)"
        )
    ]
    assert longer.should_stop(after(3, a=1.0, b=1.0))
    assert str(longer) == "a: no improvement in 2 scores (best 1.0)"


def test_a_stopper_whose_saved_state_is_none_is_refused() -> None:
    stopper = AnyStopper(stop_when(PatienceStopper(patience=2), on=score("loss")))
    with pytest.raises(CheckpointError, match='"0" must be a state dict, got NoneType'):
        stopper.load_state_dict({"0": None})


def test_a_function_can_say_what_the_stopper_is_told() -> None:
    stopper = stop_when(PatienceStopper(patience=1), on=lambda state: state.scores.get("a"))
    assert [stopper.should_stop(after(1, a=1.0)), stopper.should_stop(after(2, a=1.0))] == [
        False,
        True,
    ]


def test_bad_values_are_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match="max_n_epochs must be at least 0, got -1"):
        EpochBoundStopper(max_n_epochs=-1)
    with pytest.raises(ConfigurationError, match="patience must be at least 1, got 0"):
        PatienceStopper(patience=0)
    with pytest.raises(ConfigurationError, match="tolerance must be at least 0, got -0.5"):
        PatienceStopper(patience=1, tolerance=-0.5)
    with pytest.raises(ConfigurationError, match="needs at least one stopper, got none"):
        AnyStopper()


def test_values_of_the_wrong_kind_are_refused_together() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(PatienceStopper, patience="3", mode="least", tolerance="0.1")
    assert str(refused.value) == (
        'PatienceStopper: mode must be "min" or "max", got \'least\'\n'
        "PatienceStopper: tolerance must be a number of at least 0, got '0.1'\n"
        "PatienceStopper: patience must be an int of at least 1, got '3'"
    )
    with pytest.raises(ConfigurationError, match="score: name must be a non-empty str, got None"):
        untyped(score, None)


@pytest.mark.parametrize(
    ("value", "got"), [("1", "'1'"), ({}, "a dict"), (torch.ones(2), "a Tensor")]
)
def test_what_is_no_score_is_refused(value: object, got: str) -> None:
    with pytest.raises(ValidationError) as refused:
        untyped(PatienceStopper(patience=1).should_stop, value)
    assert str(refused.value) == (
        f"PatienceStopper: got {got}, expected a number, or None where there is no score; return "
        "one of them from the function that tells it, for example score('loss')"
    )


def test_a_text_for_the_monitored_names_is_refused() -> None:
    class Watches:
        monitored = "train_loss"

        def should_stop(self, update: EpochState) -> bool:
            return False

    with pytest.raises(ConfigurationError) as refused:
        _ = AnyStopper(Watches()).monitored
    assert str(refused.value) == (
        'Watches: monitored must be a sequence of names, got "train_loss"; write ("train_loss",)'
    )


def test_a_stopper_that_answers_nothing_is_refused() -> None:
    class Forgetful:
        def should_stop(self, update: object) -> bool:
            verdict: bool = vars(self)["verdict"]
            return verdict

    stopper = Forgetful()
    vars(stopper)["verdict"] = None
    with pytest.raises(ValidationError, match=r"Forgetful\.should_stop: got None, expected True"):
        AnyStopper(stopper).should_stop(after(1))
