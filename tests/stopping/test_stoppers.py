"""Early stoppers against counts worked by hand."""

import math
from collections.abc import Callable, Mapping

import pytest

from artifact_torch import EpochBoundStopper, PatienceStopper, stop_when
from artifact_torch.checkpoints.state import StatefulParts
from artifact_torch.contracts import RunState
from artifact_torch.errors import CheckpointError, ConfigurationError, ValidationError


def after(epoch: int, **scores: float) -> RunState:
    return RunState(n_epochs_elapsed=epoch, n_steps=epoch, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def verdicts(stopper: PatienceStopper, losses: list[float | None]) -> list[bool]:
    """Of epochs with these losses; None: the epoch did not produce one."""
    return [
        stopper.should_stop(after(epoch) if loss is None else after(epoch, loss=loss))
        for epoch, loss in enumerate(losses, start=1)
    ]


@pytest.mark.parametrize(("bound", "trained"), [(0, 0), (1, 1), (7, 7)])
def test_epoch_bound_trains_exactly_so_many_epochs(bound: int, trained: int) -> None:
    stopper, n_epochs = EpochBoundStopper(max_n_epochs=bound), 0
    while not stopper.should_stop(after(n_epochs)):
        n_epochs += 1
    assert n_epochs == trained


def test_patience_counts_scores_that_do_not_improve() -> None:
    stopper = PatienceStopper("loss", patience=2)
    assert verdicts(stopper, [3.0, 2.0, 2.5, 1.0, 1.0, 1.0]) == [False] * 5 + [True]


def test_patience_for_a_maximum_with_tolerance() -> None:
    stopper = PatienceStopper("loss", patience=2, mode="max", tolerance=0.1)
    assert verdicts(stopper, [1.0, 1.05, 1.2, 1.25, 1.3]) == [False, False, False, False, True]


def test_epochs_without_the_score_change_nothing() -> None:
    stopper = PatienceStopper("loss", patience=2)
    assert verdicts(stopper, [None, 1.0, None, None, 2.0, None, 2.0]) == [False] * 6 + [True]


def test_nan_counts_as_a_score_that_did_not_improve() -> None:
    assert verdicts(PatienceStopper("loss", patience=2), [math.nan, math.nan]) == [False, True]
    stopper = PatienceStopper("loss", patience=2)
    assert verdicts(stopper, [math.nan, 1.0, math.nan, math.nan]) == [False, False, False, True]


def test_patience_continues_from_its_state() -> None:
    first, second = PatienceStopper("loss", patience=3), PatienceStopper("loss", patience=3)
    verdicts(first, [1.0, 2.0, 2.0])
    second.load_state_dict(dict(first.state_dict()))
    assert second.should_stop(after(4, loss=2.0))


def test_patience_does_not_continue_from_another_state() -> None:
    with pytest.raises(
        CheckpointError, match="\"n_without\" must be a whole number, only .'best'. "
    ):
        PatienceStopper("loss", patience=3).load_state_dict({"best": 1.0})
    with pytest.raises(CheckpointError, match='"best" must be a number or None, got str'):
        PatienceStopper("loss", patience=3).load_state_dict({"best": "1.0", "n_without": 0})


def test_a_function_can_say_what_is_waited_for() -> None:
    stopper = PatienceStopper(lambda state: state.scores.get("a"), patience=1)
    assert [stopper.should_stop(after(1, a=1.0)), stopper.should_stop(after(2, a=1.0))] == [
        *(False, True)
    ]
    assert stopper.monitored == ()
    assert str(stopper) == "score: no improvement in 1 scores (lowest 1)"


def test_they_say_why_they_stop() -> None:
    stopper = PatienceStopper("loss", patience=2)
    verdicts(stopper, [1.0, 2.0, 3.0])
    assert str(stopper) == "loss: no improvement in 2 scores (lowest 1)"
    assert stopper.monitored == ("loss",)
    tolerant = PatienceStopper("loss", patience=2, tolerance=0.5)
    verdicts(tolerant, [1.0, 0.9, 0.8])
    assert (
        str(tolerant) == "loss: no improvement by more than 0.5 in 2 scores (lowest that counted 1)"
    )
    without = PatienceStopper("loss", patience=1)
    verdicts(without, [float("nan")])
    assert str(without) == "loss: no improvement in 1 scores (all of them NaN)"
    assert str(EpochBoundStopper(max_n_epochs=3)) == "3 epochs completed"


def test_bad_values_are_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match="max_n_epochs must be at least 0, got -1"):
        EpochBoundStopper(max_n_epochs=-1)
    with pytest.raises(ConfigurationError, match="patience must be at least 1, got 0"):
        PatienceStopper("loss", patience=0)
    with pytest.raises(ConfigurationError, match="tolerance must be at least 0, got -0.5"):
        PatienceStopper("loss", patience=1, tolerance=-0.5)


def test_values_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(PatienceStopper, None, patience=3, mode="least", tolerance="0.1")
    assert str(refused.value) == (
        "PatienceStopper: score must be a non-empty str, got None\n"
        'PatienceStopper: mode must be "min" or "max", got \'least\'\n'
        "PatienceStopper: tolerance must be a number of at least 0, got '0.1'"
    )
    with pytest.raises(ConfigurationError, match="patience must be an int of at least 1, got '3'"):
        untyped(PatienceStopper, "loss", patience="3")


def test_what_is_no_score_is_refused_in_its_name() -> None:
    def told(_: RunState) -> str:
        return "low"

    stopper = untyped(PatienceStopper, told, patience=1)
    assert isinstance(stopper, PatienceStopper)
    with pytest.raises(ValidationError, match="^PatienceStopper: got 'low', expected a number, or"):
        stopper.should_stop(after(1))


# -- a stopper of one's own update type -----------------------------------------------------------


class Sum:
    """Stops once what it was told adds up to 10."""

    def __init__(self) -> None:
        self.total = 0.0

    def should_stop(self, update: float) -> bool:
        self.total += update
        return self.total >= 10.0

    def state_dict(self) -> Mapping[str, object]:
        return {"total": self.total}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        total = state_dict["total"]
        assert isinstance(total, float)
        self.total = total


def test_a_stopper_of_its_own_update_type_is_told_it() -> None:
    stopper = stop_when(Sum(), on=lambda state: state.scores.get("a", 0.0))
    assert [stopper.should_stop(after(epoch, a=4.0)) for epoch in (1, 2, 3)] == [False, False, True]


def test_its_state_is_found_inside_the_pair() -> None:
    first, second = Sum(), Sum()
    first.total = 7.0
    of_first, of_second = (
        StatefulParts([("stop", stop_when(each, on=lambda state: 1.0))]) for each in (first, second)
    )
    assert of_first.state_dict() == {"stop.stopper": {"type": "Sum", "state": {"total": 7.0}}}
    of_second.load_state_dict(of_first.state_dict())
    assert second.total == 7.0


def test_keywords_of_lightning_name_ours() -> None:
    with pytest.raises(ConfigurationError) as caught:
        untyped(PatienceStopper, monitor="loss", patience=3, min_delta=0.1)
    assert str(caught.value) == (
        'PatienceStopper: monitor= is PatienceStopper("score", ...) here; '
        "min_delta= is tolerance= here"
    )
