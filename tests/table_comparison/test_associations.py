"""The same matrix as dython's, over whole columns at once."""

import warnings
from importlib import import_module
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.table_comparison.associations import (
    Nominal,
    Numeric,
    associations,
    can_be_associated,
)

KINDS = [*product(get_args(Nominal), get_args(Numeric))]


def by_dython(
    table: pd.DataFrame, nominal: list[str], of_nominal: str, of_numeric: str
) -> pd.DataFrame:
    dython: Any = import_module("dython.nominal")  # Any: it has no stubs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: pd.DataFrame = dython.associations(
            table.copy(),
            nominal_columns=nominal,
            nom_nom_assoc=of_nominal,
            num_num_assoc=of_numeric,
            mark_columns=True,
            compute_only=True,
        )["corr"]
    return found


def column(rng: np.random.Generator, rows: int, kind: str) -> "pd.Series":
    gaps = np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows))
    values: dict[str, object] = {
        "offset": rng.normal(1e6, 1.0, rows),
        "gaps": gaps,
        "whole": rng.integers(0, 4, rows),
        "one": np.full(rows, 3.0),
        "one_word": ["same"] * rows,
        "many_words": rng.integers(0, rows, rows).astype(str),
        "words": rng.choice(["no", "yes", "", "nan"], rows),
    }
    return pd.Series(values[kind])


NUMBERS, WORDS = ("offset", "gaps", "whole", "one"), ("one_word", "many_words", "words")


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(2, 60),
    kinds=st.lists(st.sampled_from([*NUMBERS, *WORDS]), min_size=1, max_size=6),
    of=st.sampled_from(KINDS),
)
def test_any_table(seed: int, rows: int, kinds: list[str], of: tuple[Nominal, Numeric]) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({f"{n} {kind}": column(rng, rows, kind) for n, kind in enumerate(kinds)})
    nominal = [name for name in table.columns if name.endswith(WORDS)]
    before = table.copy()
    assert can_be_associated(table, nominal)
    ours = associations(table, nominal, of_nominal=of[0], of_numeric=of[1])
    theirs = by_dython(table, nominal, *of)
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=1e-12)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("of_numeric", ["pearson", "kendall"])
def test_what_artifact_core_computes_by_default_is_bit_for_bit_dythons(of_numeric: Numeric) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"n{i}": column(rng, 300, kind) for i, kind in enumerate(NUMBERS)})
    words = {f"w{i}": pd.Series(rng.integers(0, 2 + i, 300).astype(str)) for i in range(6)}
    table = table.assign(**words)
    ours = associations(table, [*words], of_nominal="cramer", of_numeric=of_numeric)
    pd.testing.assert_frame_equal(
        ours, by_dython(table, [*words], "cramer", of_numeric), rtol=0, atol=0
    )


def test_worked_by_hand() -> None:
    table = pd.DataFrame(
        {"x": [0.0, 1.0, 0.0, 1.0], "y": [1.0, 3.0, 1.0, 3.0], "w": ["a", "b", "a", "b"]}
    )
    found = associations(table, ["w"], of_nominal="theil", of_numeric="pearson")
    assert [*found.columns] == ["x (con)", "y (con)", "w (nom)"]
    np.testing.assert_allclose(found.to_numpy(), np.ones((3, 3)), rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "values",
    [["a", None], ["a", np.nan], ["a", 1], [1, 2], [True, False]],
    ids=["None", "NaN", "mixed", "numbers", "truth"],
)
def test_not_for_nominal_columns_of_other_than_strings(values: list[object]) -> None:
    assert not can_be_associated(pd.DataFrame({"w": values}), ["w"])


@pytest.mark.parametrize(
    "values",
    [[1.0, np.inf], [True, False], ["1", "2"], [1.0]],
    ids=["infinite", "truth", "text", "one row"],
)
def test_not_for_other_numbers(values: list[object]) -> None:
    assert not can_be_associated(pd.DataFrame({"x": values}), [])
