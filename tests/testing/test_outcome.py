"""What is compared, and how a difference reads."""

import torch

from artifact_torch.testing.asked import Difference
from artifact_torch.testing.outcome import Outcome, first_difference


def difference(expected: Outcome, got: Outcome, *ignore: str) -> Difference:
    found = first_difference(expected, got, ignore)
    assert found is not None
    return found


def test_equal_is_bit_for_bit() -> None:
    nan = torch.tensor([float("nan"), 1.0])
    assert first_difference({"a": nan, "b": "1"}, {"a": nan.clone(), "b": "1"}) is None
    zero = difference({"a": torch.tensor([0.0])}, {"a": torch.tensor([-0.0])})
    assert zero.text == (
        "[0] is 0.0 in the uninterrupted run, -0.0 here; 1 of 1 values differ, by 0 at most"
    )


def test_the_first_value_that_differs_is_told_with_the_most_that_any_does() -> None:
    a = torch.zeros(2, 3)
    b = a.clone()
    b[1, 0], b[1, 2] = 0.5, -2.0
    found = difference({"x": "1", "w": a}, {"x": "1", "w": b})
    assert (found.where, found.text) == (
        "w",
        "[1, 0] is 0.0 in the uninterrupted run, 0.5 here; 2 of 6 values differ, by 2 at most",
    )


def test_dtype_shape_and_kind_differ_in_words() -> None:
    a, b = torch.zeros(2), torch.zeros(2, dtype=torch.float64)
    assert difference({"w": a}, {"w": b}).text == (
        "a torch.float32 of shape (2,) in the uninterrupted run, a torch.float64 of shape (2,) here"
    )
    assert difference({"w": a}, {"w": "None"}).text.endswith("None here")


def test_what_is_there_once_is_a_difference_and_what_is_ignored_is_none() -> None:
    assert difference({"a": "1"}, {}).text == "the uninterrupted run has it, this one has not"
    assert difference({}, {"a": "1"}).text == "this one has it, the uninterrupted run has not"
    assert difference({"a.b": "1", "c": "1"}, {"a.b": "2", "c": "2"}, "a.*").where == "c"
    assert first_difference({"a.b": "1"}, {}, ["a.?"]) is None
