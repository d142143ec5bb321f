"""Associations of what is present, against a loop over the rows of each pair."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.table_comparison.associations import Nominal, Numeric, associations
from artifact_torch.table_comparison.present import (
    is_narrow,
    js_with_missing,
    present_associations,
    set_apart,
)

WORDS = {"w": frozenset({"(missing)"}), "v": frozenset({"(missing)", "(unknown)"})}


def table(seed: int, rows: int, *, gaps: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    made = pd.DataFrame(
        {
            "x": x,
            "w": np.where(x > 0, "up", "down").astype(object),
            "y": x + rng.normal(size=rows),
            "v": rng.choice(["a", "b", "c"], rows).astype(object),
            "one": np.ones(rows),
        }
    )
    for name, gap in (("x", np.nan), ("y", np.nan), ("w", "(missing)"), ("v", "(unknown)")):
        made.loc[rng.random(rows) < gaps, name] = gap
    return made


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**16),
    rows=st.integers(3, 60),
    gaps=st.sampled_from([0.0, 0.2, 0.9, 1.0]),
    of_nominal=st.sampled_from(["cramer", "theil"]),
    of_numeric=st.sampled_from(["pearson", "spearman", "kendall"]),
)
def test_each_pair_is_of_the_rows_that_have_both(
    seed: int, rows: int, gaps: float, of_nominal: Nominal, of_numeric: Numeric
) -> None:
    made = table(seed, rows, gaps=gaps)
    found = present_associations(
        made, ["w", "v"], WORDS, of_nominal=of_nominal, of_numeric=of_numeric
    )
    names = [str(name) for name in made.columns]
    for i, first in enumerate(names):
        for j, second in enumerate(names):
            pair = made[[first, second]] if i != j else made[[first]]
            there = ~pair.isin(["(missing)", "(unknown)"]) & pair.notna()
            kept = pair[there.all(axis=1)]
            expected = 0.0
            if len(kept) > 1:
                nominal = [name for name in kept.columns if name in WORDS]
                matrix = associations(
                    kept, nominal, of_nominal=of_nominal, of_numeric=of_numeric
                ).to_numpy()
                expected = matrix[0, -1]
            if len(kept) != 2 or of_numeric != "pearson":  # there dython rounds
                assert found.iloc[i, j] == pytest.approx(expected, abs=1e-9), (first, second)


def test_without_gaps_it_is_the_same_bit_for_bit() -> None:
    made = table(0, 200, gaps=0.0)
    given = ["w", "v"]
    ours = present_associations(made, given, WORDS, of_nominal="cramer", of_numeric="pearson")
    theirs = associations(made, given, of_nominal="cramer", of_numeric="pearson")
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=0)


def test_what_is_apart_counts_as_a_whole_difference() -> None:
    real = pd.DataFrame([[1.0, 0.5, -0.5], [0.5, 1.0, 0.0], [-0.5, 0.0, 1.0]])
    made = pd.DataFrame([[1.0, 0.3, 0.9], [0.3, 1.0, 0.0], [0.9, 0.0, 1.0]])
    moved = set_apart(real, made, [0.5, 0.0, 0.0])
    # of 0.2 half is left, and half of 1 comes to it; 1.4 is more than a whole difference already
    np.testing.assert_allclose(
        moved, [[1.5, -0.1, 0.9], [-0.1, 1.0, 0.0], [0.9, 0.0, 1.0]], rtol=0, atol=1e-12
    )
    pd.testing.assert_frame_equal(set_apart(real, made, [0.0] * 3), made, rtol=0, atol=0)


def test_the_worst_distance_of_a_column() -> None:
    real, nothing = pd.Series([1.0, 2.0, 3.0]), pd.Series([np.nan, np.nan])
    assert js_with_missing(real, nothing, 10) == pytest.approx(np.sqrt(np.log(2)))
    assert js_with_missing(real, real, 10) == 0.0


def test_numbers_in_a_range_too_narrow_for_floats_are_told_apart() -> None:
    real = pd.Series(2**60 + np.arange(60) * 256)
    same = pd.Series(2**60 + np.arange(60)[::-1] * 256)
    other = pd.Series(2**60 + np.arange(60) % 2 * 256)
    assert is_narrow(real, other)
    assert js_with_missing(real, same, 10) == 0.0
    near_zero = js_with_missing(real - 2**60, other - 2**60, 10)
    assert js_with_missing(real, other, 10) == near_zero > 0.5
    assert not is_narrow(real, real * 0)
    assert not is_narrow(real * 0 + 2**60, real * 0 + 2**60)
    assert not is_narrow(pd.Series([-1.0, 1e-9]), pd.Series([1e-30, np.nan]))
