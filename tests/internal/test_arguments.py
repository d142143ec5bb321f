import numpy as np
import pytest
import torch

from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import (
    answer,
    boolean,
    function_of_one,
    integer,
    number,
    text,
)


@pytest.mark.parametrize("value", [1, 2, 10**30, np.int64(2), np.uint8(1)])
def test_a_fitting_integer_has_no_problem(value: object) -> None:
    assert integer("n", value, least=1) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0, "n must be at least 1, got 0"),
        (-3, "n must be at least 1, got -3"),
        (np.int64(-3), "n must be at least 1, got -3"),
        ("nope", "n must be an int of at least 1, got 'nope'"),
        (2.0, "n must be an int of at least 1, got 2.0"),
        (True, "n must be an int of at least 1, got True"),
        (np.True_, "n must be an int of at least 1, got np.True_"),
        (None, "n must be an int of at least 1, got None"),
    ],
)
def test_an_integer_that_does_not_fit_is_described(value: object, problem: str) -> None:
    assert integer("n", value, least=1) == [problem]


def test_a_number_is_finite_and_not_too_small() -> None:
    assert number("n", 0, least=0) == number("n", 0.5, least=0) == []
    assert number("n", -0.5, least=0) == ["n must be at least 0, got -0.5"]
    assert number("n", "1", least=0) == ["n must be a number of at least 0, got '1'"]
    assert number("n", float("nan"), least=0) == ["n must be a number of at least 0, got nan"]
    assert number("n", True, least=0) == ["n must be a number of at least 0, got True"]


def test_a_boolean_is_one_of_two() -> None:
    assert boolean("flag", True) == []
    assert boolean("flag", False) == []
    assert boolean("flag", 1) == ["flag must be True or False, got 1"]


def test_a_text_is_not_empty() -> None:
    assert text("name", "loss") == []
    assert text("name", "") == ["name must be a non-empty str, got ''"]
    assert text("name", 3) == ["name must be a non-empty str, got 3"]
    assert text("name", None) == ["name must be a non-empty str, got None"]


def of_none() -> None: ...
def of_two(_first: object, _second: object) -> None: ...
def of_one_or_two(_first: object, _second: object = None) -> None: ...


OF_ONE: list[object] = [of_one_or_two, str, max, print]


@pytest.mark.parametrize("value", OF_ONE)
def test_a_function_of_one_argument(value: object) -> None:
    assert function_of_one("make", value, "str") == []


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (of_none, "a function that cannot be called with one argument (too many positional "),
        (of_two, "a function that cannot be called with one argument (missing a required "),
        ("str", "'str'"),
        (None, "None"),
    ],
)
def test_what_is_no_function_of_one_argument(value: object, got: str) -> None:
    (problem,) = function_of_one("make", value, "str")
    assert problem.startswith(f"make must be a function of one argument, such as str, got {got}")


@pytest.mark.parametrize("value", [True, np.True_])
def test_yes_is_an_answer(value: object) -> None:
    assert answer(value, "PatienceLike.should_stop") is True


@pytest.mark.parametrize("value", [False, np.False_])
def test_no_is_an_answer(value: object) -> None:
    assert answer(value, "PatienceLike.should_stop") is False


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ("no", "'no'"),
        (None, "None"),
        (1, "1"),
        (torch.tensor(True), "a Tensor"),
        (np.array(True), "an array of dtype bool"),
    ],
)
def test_anything_else_is_no_answer(value: object, got: str) -> None:
    with pytest.raises(ValidationError) as caught:
        answer(value, "PatienceLike.should_stop")
    assert str(caught.value) == (
        f"PatienceLike.should_stop: got {got}, expected True or False; return one of them"
    )
