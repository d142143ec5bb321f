import pytest

from artifact_torch.arguments import boolean, integer


@pytest.mark.parametrize("value", [1, 2, 10**30])
def test_a_fitting_integer_has_no_problem(value: int) -> None:
    assert integer("n", value, least=1) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0, "n must be at least 1, got 0"),
        (-3, "n must be at least 1, got -3"),
        ("nope", "n must be an int of at least 1, got 'nope'"),
        (2.0, "n must be an int of at least 1, got 2.0"),
        (True, "n must be an int of at least 1, got True"),
        (None, "n must be an int of at least 1, got None"),
    ],
)
def test_an_integer_that_does_not_fit_is_described(value: object, problem: str) -> None:
    assert integer("n", value, least=1) == [problem]


def test_a_boolean_is_one_of_two() -> None:
    assert boolean("flag", True) == []
    assert boolean("flag", False) == []
    assert boolean("flag", 1) == ["flag must be True or False, got 1"]
