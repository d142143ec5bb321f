"""Times of day: read as numbers, and written as they stood."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.data.cells import typed
from demo.data.clock_form import clock_form_of


@pytest.mark.parametrize(
    ("words", "values", "told"),
    [
        (["14:05", "07:30"], [845, 450], "times, as numbers of the last part, '14:05'"),
        (["7:30", "14:05"], [450, 845], "times, as numbers of the last part"),
        (["14:05:59", "00:00:01"], [50759, 1], "times, as numbers of seconds"),
        (["125:30:00", "99:00:00"], [451800, 356400], "times, as numbers of seconds"),
        (["14:05", "n/a"], [845], "'n/a' is taken as missing"),
    ],
)
def test_times_are_numbers(words: list[str], values: list[int], told: str) -> None:
    column = typed(pd.Series(words), na=(), comma_may_be_decimal=False)
    assert column.data.dropna().tolist() == values
    assert told in column.told
    assert column.form is not None


@pytest.mark.parametrize(
    "words", [["14:05", "14:05:00"], ["7:30", "07:31"], ["14:65"], ["a:05"], ["007:05"], []]
)
def test_what_has_no_one_form_is_text(words: list[str]) -> None:
    assert clock_form_of(words) is None


@given(
    numbers=st.lists(st.integers(0, 10**5), min_size=1),
    has_three=st.booleans(),
    is_padded=st.booleans(),
)
def test_times_are_written_as_they_stood(
    numbers: list[int], has_three: bool, is_padded: bool
) -> None:
    words: list[str] = []
    for number in numbers:
        parts = [number // 60, number % 60]
        if has_three:
            parts = [number // 3600, number // 60 % 60, number % 60]
        first = f"{parts[0]:02}" if is_padded else str(parts[0])
        words.append(":".join([first, *(f"{part:02}" for part in parts[1:])]))
    form = clock_form_of(words)
    if any(len(word.split(":")[0]) > 3 for word in words):
        assert form is None
        return
    assert form is not None
    values = pd.Series([int(form.plain(word)) for word in words])
    assert values.tolist() == numbers
    assert form.written(values).tolist() == words
