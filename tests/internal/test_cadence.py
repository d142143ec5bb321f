import pytest

from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.cadence import cadence_problems, in_round, is_due, require_cadence


def test_own_rounds_of_a_cadence() -> None:
    assert [epoch for epoch in range(10) if in_round(3, epoch)] == [3, 6, 9]
    assert not any(in_round(None, epoch) for epoch in range(10))


@pytest.mark.parametrize(
    ("every", "epoch", "ends_run", "due"),
    [
        (3, 6, False, True),
        (3, 7, False, False),
        (3, 6, True, True),
        (3, 7, True, True),
        (None, 6, False, False),
        (None, 6, True, True),
    ],
)
def test_the_end_of_the_run_is_a_moment_of_every_cadence(
    every: int | None, epoch: int, ends_run: bool, due: bool
) -> None:
    assert is_due(every, Moment(epoch=epoch, step=99, ends_run=ends_run)) is due


def test_a_cadence_that_may_not_be_left_to_the_end() -> None:
    assert require_cadence(3, "every") == 3
    with pytest.raises(ConfigurationError) as refused:
        require_cadence(None, "every (epochs)")
    assert str(refused.value) == "every (epochs) must be a whole number of at least 1, got None"


@pytest.mark.parametrize("every", [None, 1, 7])
def test_cadences_that_will_do(every: int | None) -> None:
    assert cadence_problems(every, "scores_every") == []


@pytest.mark.parametrize("every", [0, -3, 2.5, "2", True])
def test_other_cadences_are_refused(every: object) -> None:
    (problem,) = cadence_problems(every, "scores_every")
    assert problem == (
        f"scores_every must be a whole number of at least 1, got {every!r}; "
        "None means only at the end"
    )
