import pytest

from artifact_torch import minutes, steps
from artifact_torch.contracts import Every, Moment
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.cadence import cadence_problems


def test_epochs_are_reached_at_their_ends_alone() -> None:
    ends = [Moment(epoch=epoch, step=99) for epoch in range(10)]
    assert [moment.epoch for moment in ends if moment.reaches(3)] == [3, 6, 9]
    assert not Moment(epoch=3, step=99, ends_epoch=False).reaches(3)


def test_steps_are_reached_within_epochs_and_at_their_ends() -> None:
    reached = [
        (step, ends)
        for step in range(10)
        for ends in (False, True)
        if Moment(epoch=1, step=step, ends_epoch=ends).reaches(steps(4))
    ]
    assert reached == [(4, False), (4, True), (8, False), (8, True)]


def test_minutes_are_reached_where_the_clock_says_so() -> None:
    moment = Moment(epoch=1, step=7, elapsed=frozenset({minutes(2)}))
    assert moment.reaches(minutes(2))
    assert not moment.reaches(minutes(3))


@pytest.mark.parametrize("every", [1, 7, steps(1), minutes(0.5)])
def test_cadences_that_will_do(every: Every) -> None:
    assert cadence_problems("every", every) == []
    assert cadence_problems("every", None, or_none=True) == []


@pytest.mark.parametrize("every", [0, -3, 2.5, "2", True, None])
def test_other_cadences_are_refused(every: object) -> None:
    (problem,) = cadence_problems("every", every)
    assert problem.startswith("every must be ")
    assert problem.endswith("; a whole number means epochs, else steps(n) or minutes(n)")
    assert repr(every) in problem


def test_no_step_and_no_time_is_no_cadence() -> None:
    with pytest.raises(ConfigurationError, match="n must be at least 1, got 0"):
        steps(0)
    for value in (0, -1, float("inf")):
        with pytest.raises(ConfigurationError, match="minutes: n must be"):
            minutes(value)
