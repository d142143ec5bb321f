import pytest

from artifact_torch.contracts import Moment
from artifact_torch.table_comparison.cadence import cadence_problems, is_due


def test_own_rounds_of_a_cadence() -> None:
    moments = [Moment(epoch=epoch, step=99) for epoch in range(10)]
    assert [moment.epoch for moment in moments if is_due(3, moment)] == [3, 6, 9]
    assert not any(is_due(None, moment) for moment in moments)
    end = Moment(epoch=7, step=99, ends_run=True)
    assert not is_due(3, end, at_end=False)


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
