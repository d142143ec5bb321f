import pytest

from artifact_torch.internal.cadence import cadence_problems, in_round


def test_own_rounds_of_a_cadence() -> None:
    assert [epoch for epoch in range(10) if in_round(3, epoch)] == [3, 6, 9]
    assert not any(in_round(None, epoch) for epoch in range(10))


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
