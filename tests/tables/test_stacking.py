"""One table of many batches."""

import gc
import weakref
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.libs.transformers.columns import Column, stacked

DTYPES = ["int32", "float16", "object", "category", "string", "Int64", "datetime64[ns, UTC]"]


def columns(table: pd.DataFrame) -> dict[str, Column]:
    return {
        str(name): table[name].to_numpy()
        if isinstance(table[name].dtype, np.dtype)
        else table[name].array
        for name in table.columns
    }


@given(values=st.lists(st.integers(0, 5), min_size=1, max_size=40), size=st.integers(1, 12))
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches_of_any_size_give_the_table_they_were_cut_from(
    values: list[int], size: int, dtype: str
) -> None:
    table = pd.DataFrame({"b": values, "a": np.arange(len(values))}).astype({"b": dtype})
    batches = [table[start : start + size] for start in range(0, len(table), size)]
    made = stacked(map(columns, batches), n_rows=len(table))
    pd.testing.assert_frame_equal(made, table)
    assert isinstance(made.index, pd.RangeIndex)


def test_a_batch_without_rows_gives_the_columns() -> None:
    table = pd.DataFrame({"a": np.zeros(0), "b": pd.Series([], dtype="category")})
    pd.testing.assert_frame_equal(stacked([columns(table)], n_rows=0), table)


def test_a_batch_is_let_go_before_the_next_is_asked_for() -> None:
    asked_with: list[int] = []
    made: list[weakref.ref[np.ndarray[tuple[int], np.dtype[np.int64]]]] = []

    def batches() -> Iterator[Mapping[str, Column]]:
        for start in range(4):
            gc.collect()
            asked_with.append(sum(each() is not None for each in made))
            part = np.arange(start, start + 1)
            made.append(weakref.ref(part))
            batch = {"a": part}
            del part
            yield batch
            del batch

    table = stacked(batches(), n_rows=4)
    assert table["a"].to_list() == [0, 1, 2, 3]
    assert asked_with == [0, 0, 0, 0]
