"""Bin codes and the values drawn from them."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demo.libs.transformers.discretizer import Discretizer
from tests.demo.tensors import array

numbers = st.floats(min_value=-1e6, max_value=1e6)
columns = st.one_of(
    st.lists(numbers, min_size=1, max_size=60),
    st.lists(st.integers(-20, 20), min_size=1, max_size=60),
    st.lists(numbers.map(lambda value: round(value, 1)), min_size=1, max_size=60),
)


def decoded(discretizer: Discretizer, codes: torch.Tensor) -> pd.DataFrame:
    return pd.DataFrame(discretizer.decode(codes))


@given(values=columns, n_bins=st.integers(1, 12))
def test_a_drawn_value_lies_inside_the_bin_of_its_code(
    values: list[float] | list[int], n_bins: int
) -> None:
    table = pd.DataFrame({"x": values})
    discretizer = Discretizer.fit(table, ["x"], n_bins=n_bins)
    codes = discretizer.encode(table)
    drawn = decoded(discretizer, codes)
    assert torch.equal(discretizer.encode(drawn), codes)
    for code in np.unique(array(codes)):
        inside = array(codes)[:, 0] == code
        members, draws = table["x"][inside], drawn["x"][inside]
        assert members.min() <= draws.min()
        assert draws.max() <= members.max()
    assert drawn["x"].dtype == table["x"].dtype


@given(values=columns, n_bins=st.integers(1, 12))
def test_codes_are_ordered_and_all_used(values: list[float] | list[int], n_bins: int) -> None:
    table = pd.DataFrame({"x": sorted(values)})
    discretizer = Discretizer.fit(table, ["x"], n_bins=n_bins)
    codes = array(discretizer.encode(table))[:, 0].tolist()
    assert codes == sorted(codes)
    assert set(codes) == set(range(discretizer.cardinalities[0]))


def test_bins_hold_equal_shares_of_distinct_values() -> None:
    table = pd.DataFrame({"x": np.arange(100.0)})
    discretizer = Discretizer.fit(table, ["x"], n_bins=4)
    assert np.bincount(array(discretizer.encode(table))[:, 0]).tolist() == [25, 25, 25, 25]


def test_a_point_mass_has_a_bin_of_its_own() -> None:
    table = pd.DataFrame({"cholesterol": [0] * 30 + [-5, -3] + list(range(100, 168))})
    discretizer = Discretizer.fit(table, ["cholesterol"], n_bins=10)
    codes = discretizer.encode(table)[:, 0]
    assert (codes[:30] == codes[0]).all()
    assert codes[0] not in codes[30:]
    assert set(discretizer.decode(codes[:30, None])["cholesterol"]) == {0}


def test_draws_follow_the_distribution_inside_the_bin() -> None:
    torch.default_generator.manual_seed(0)
    values = np.random.default_rng(0).exponential(size=2_000)
    discretizer = Discretizer.fit(pd.DataFrame({"x": values}), ["x"], n_bins=1)
    drawn = decoded(discretizer, torch.zeros(20_000, 1, dtype=torch.int64))["x"].to_numpy()
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(drawn, levels) == pytest.approx(np.quantile(values, levels), rel=0.06)


def test_draws_have_the_decimals_of_the_column() -> None:
    tenths = [round(0.1 * i, 1) for i in range(50)]
    table = pd.DataFrame({"tenths": tenths, "thirds": [i / 3.0 for i in range(50)]})
    discretizer = Discretizer.fit(table, ["tenths", "thirds"], n_bins=5)
    drawn = decoded(discretizer, discretizer.encode(table))
    assert set(drawn["tenths"]) <= set(tenths)
    assert not set(drawn["thirds"]) <= set(table["thirds"])


def test_values_outside_and_between_the_bins() -> None:
    discretizer = Discretizer.fit(pd.DataFrame({"x": [0.0, 1.0, 8.0, 9.0]}), ["x"], n_bins=2)
    codes = discretizer.encode(pd.DataFrame({"x": [-100.0, 1.5, 7.9, 8.0, 100.0]}))
    assert array(codes)[:, 0].tolist() == [0, 0, 0, 1, 1]


def test_the_same_seed_draws_the_same_values() -> None:
    table = pd.DataFrame({"x": np.arange(50.0), "y": np.arange(50.0) ** 2})
    discretizer = Discretizer.fit(table, ["x", "y"], n_bins=3)
    drawn: list[pd.DataFrame] = []
    for seed in (3, 3, 4):
        torch.default_generator.manual_seed(seed)
        drawn.append(decoded(discretizer, discretizer.encode(table)))
    pd.testing.assert_frame_equal(drawn[0], drawn[1])
    assert not drawn[0].equals(drawn[2])


def test_no_features_give_no_columns() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0]})
    discretizer = Discretizer.fit(table, [], n_bins=3)
    assert discretizer.encode(table).shape == (2, 0)
    assert discretizer.decode(discretizer.encode(table)) == {}


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="got 1 missing or infinite") as caught:
        Discretizer.fit(pd.DataFrame({"x": [1.0, bad, 3.0]}), ["x"], n_bins=2)
    assert str(caught.value) == (
        "column 'x' must have finite numbers only, got 1 missing or infinite of 3 values; "
        "fill them or drop their rows"
    )


def test_no_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="^n_bins must be at least 1, got 0$"):
        Discretizer.fit(pd.DataFrame({"x": [1.0]}), ["x"], n_bins=0)
