"""Bins, and the numbers drawn from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from artifact_torch.tables.bins import Bins

numbers = st.floats(min_value=-1e6, max_value=1e6)
columns = st.one_of(
    st.lists(numbers, min_size=1, max_size=60),
    st.lists(st.integers(-20, 20), min_size=1, max_size=60),
    st.lists(numbers.map(lambda value: round(value, 1)), min_size=1, max_size=60),
)


FLOAT = np.dtype(np.float64)


def fitted(values: list[float] | list[int] | NDArray[np.float64], n_bins: int) -> Bins:
    array = np.asarray(values, dtype=np.float64)
    return Bins.fit(array, n_bins=n_bins, dtype=FLOAT)


def drawn(bins: Bins, codes: NDArray[np.int64], seed: int = 0) -> NDArray[np.float64]:
    levels = np.random.default_rng(seed).random(len(codes))
    return np.asarray(bins.draw(codes, levels), dtype=np.float64)


@given(values=columns, n_bins=st.integers(1, 12))
def test_a_drawn_value_lies_inside_the_column_in_the_order_of_the_codes(
    values: list[float] | list[int], n_bins: int
) -> None:
    array = np.asarray(values, dtype=np.float64)
    bins = fitted(values, n_bins)
    codes = bins.of(np.sort(array).repeat(5))
    draws = drawn(bins, codes)
    assert array.min() <= draws.min()
    assert draws.max() <= array.max()
    for code in np.unique(codes)[1:]:
        assert draws[codes < code].max() <= draws[codes >= code].min()


@given(values=columns, n_bins=st.integers(1, 12))
def test_a_drawn_value_lies_inside_the_bin_of_its_code_or_near_it(
    values: list[float] | list[int], n_bins: int
) -> None:
    bins = fitted(values, n_bins)
    codes = bins.of(np.asarray(values, dtype=np.float64).repeat(5))
    assert np.abs(bins.of(drawn(bins, codes)) - codes).max() <= 2


@given(values=columns, n_bins=st.integers(1, 12))
def test_codes_are_ordered_and_all_used(values: list[float] | list[int], n_bins: int) -> None:
    bins = fitted(values, n_bins)
    codes = bins.of(np.asarray(sorted(values), dtype=np.float64)).tolist()
    assert codes == sorted(codes)
    assert set(codes) == set(range(len(bins)))


def test_bins_hold_equal_shares_of_distinct_values() -> None:
    values = np.arange(100.0)
    assert np.bincount(fitted(values, 4).of(values)).tolist() == [25, 25, 25, 25]


def test_no_more_values_than_bins_have_one_each() -> None:
    values = [1.0] * 90 + [2.0, 3.0, 5.0]
    bins = fitted(values, 4)
    assert bins.lower_edges.tolist() == [1.0, 2.0, 3.0, 5.0]
    assert drawn(bins, np.arange(4)).tolist() == [1.0, 2.0, 3.0, 5.0]


def test_a_point_mass_has_a_bin_of_its_own() -> None:
    values = np.array([0] * 30 + [-5, -3] + list(range(100, 168)), dtype=np.float64)
    bins = fitted(values, 10)
    codes = bins.of(values)
    assert (codes[:30] == codes[0]).all()
    assert codes[0] not in codes[30:]
    assert set(drawn(bins, codes[:30])) == {0}


def test_draws_follow_the_distribution_inside_the_bin() -> None:
    values = np.random.default_rng(0).exponential(size=2_000)
    draws = drawn(fitted(values, 1), np.zeros(20_000, np.int64))
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(draws, levels) == pytest.approx(np.quantile(values, levels), rel=0.06)


def test_draws_have_the_decimals_of_the_column() -> None:
    tenths = [round(0.1 * i, 1) for i in range(50)]
    assert set(drawn(fitted(tenths, 5), np.arange(5).repeat(10))) <= set(tenths)
    thirds = [i / 3.0 for i in range(50)]
    assert not set(drawn(fitted(thirds, 5), np.arange(5).repeat(10))) <= set(thirds)


def test_a_column_on_a_grid_gives_values_that_no_row_has_in_its_shares() -> None:
    values = np.random.default_rng(0).normal(120.0, 30.0, 400).round()
    bins = fitted(values, 16)
    draws = drawn(bins, np.tile(bins.of(values), 50))
    assert set(draws) > set(values)
    assert np.quantile(draws, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(values, [0.1, 0.5, 0.9]), abs=3.0
    )


def test_values_outside_and_between_the_bins() -> None:
    bins = fitted([0.0, 1.0, 8.0, 9.0], 2)
    assert bins.of(np.array([-100.0, 1.5, 7.9, 8.0, 100.0])).tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("least", [2**53, 2**62, -(2**63)])
def test_integers_that_no_float_has_are_drawn_one_by_one(least: int) -> None:
    values = np.arange(least, least + 64, dtype=np.int64)
    bins = Bins.fit(values, n_bins=4, dtype=values.dtype)
    assert np.bincount(bins.of(values)).tolist() == [16, 16, 16, 16]
    codes = np.arange(4).repeat(2_000)
    draws = bins.draw(codes, np.random.default_rng(0).random(8_000))
    assert np.abs(bins.of(draws) - codes).max() <= 2
    assert {*draws.tolist()} >= {*values.tolist()[1:15]}  # odd ones too


def test_the_widest_integers_do_not_overflow() -> None:
    values = np.array([-(2**63), 0, 2**63 - 1], dtype=np.int64)
    bins = Bins.fit(values, n_bins=1, dtype=values.dtype)
    draws = bins.draw(np.zeros(1_000, np.int64), np.random.default_rng(0).random(1_000))
    assert (draws < -(2**60)).any()
    assert (draws > 2**60).any()
