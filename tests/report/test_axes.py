"""Axes, their ticks, and numbers in words."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.report.axes import Axis, axis_of
from artifact_torch.report.words import count, duration, number, shortened, ticks, when


def test_values_over_more_than_two_powers_of_ten_get_a_log_axis() -> None:
    assert axis_of(np.array([1.0, 100.0])).is_log is False
    wide = axis_of(np.array([1.0, 101.0]))
    assert (wide.is_log, wide.low, wide.high) == (True, 1.0, 101.0)
    assert axis_of(np.array([0.0, 1e9])).is_log is False
    assert wide.places(np.array([1.0, math.sqrt(101.0), 101.0])) == pytest.approx([0, 0.5, 1])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 10.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        (0.9, 1.1, [0.9, 0.95, 1.0, 1.05, 1.1]),
        (-3.0, 3.0, [-2.0, 0.0, 2.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: Sequence[float]) -> None:
    assert Axis(low=low, high=high).ticks(5) == pytest.approx(expected)


def test_ticks_of_a_log_axis_are_powers_of_ten() -> None:
    axis = Axis(low=1e-9, high=2.0, is_log=True)
    assert axis.ticks(5) == pytest.approx([1e-9, 1e-7, 1e-5, 1e-3, 1e-1])


@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30),
)
def test_every_finite_value_has_a_place(values: Sequence[float]) -> None:
    of = np.array(values)
    axis = axis_of(of)
    finite = of[np.isfinite(of)]
    places = axis.places(finite)
    assert np.isfinite(places).all()
    assert (places >= -1e-9).all()
    assert (places <= 1 + 1e-9).all()
    found = axis.ticks(5)
    assert 2 <= len(found) <= 9
    assert all(a < b for a, b in pairwise(found))
    at = axis.places(np.array(found))
    assert (at >= -1e-6).all()
    assert (at <= 1 + 1e-6).all()
    assert len(ticks(found, is_log=axis.is_log)) == len(found)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], ["0.0", "0.5", "1.0"]),
        ([0.9991, 0.9992], ["0.9991", "0.9992"]),
        ([0.0, 500_000.0], ["0", "500,000"]),
        ([0.0, 2_000_000.0], ["0", "2e6"]),
        ([1e-7, 2e-7], ["1e-7", "2e-7"]),
    ],
)
def test_labels_of_ticks_differ(values: Sequence[float], expected: Sequence[str]) -> None:
    assert ticks(values) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (0.025131, "0.02513"),
        (12345.6, "12,346"),
        (1.2e-7, "1.2e-7"),
        (-3e12, "-3e12"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
    ],
)
def test_numbers(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.84, "0.8 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (7800, "2 h 10 min"),
        (273_600, "3 d 4 h"),
        (math.nan, "unknown"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_other_words() -> None:
    assert when(1795674360.0) == "2026-11-26 06:26 UTC"
    assert when(math.nan) == ""
    assert [count(1, "epoch"), count(2000, "epoch")] == ["1 epoch", "2,000 epochs"]
    assert shortened("a" * 600, 9) == "aaaaaa … aaa"
