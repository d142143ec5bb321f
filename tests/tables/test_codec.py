"""Whole tables to codes and back."""

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demo.libs.transformers.table_codec import TableCodec
from tests.demo.tensors import array

TABLE = pd.DataFrame(
    {"sex": ["M", "F", "M"], "age": [40, 50, 60], "note": ["", "", ""], "peak": [0.0, 0.5, 1.0]}
)


def test_decoded_tables_have_the_used_columns_in_order_with_their_dtypes() -> None:
    codec = TableCodec.fit(TABLE, cts_features=["peak", "age"], cat_features=["sex"], n_bins=3)
    codes = codec.encode(TABLE)
    assert codec.cardinalities == (3, 3, 2)
    assert array(codes).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 0]]
    pd.testing.assert_frame_equal(codec.decode(codes), TABLE[["sex", "age", "peak"]])


@pytest.mark.parametrize(("cts", "cat"), [(["age"], []), ([], ["sex"])])
def test_one_kind_of_column_is_enough(cts: list[str], cat: list[str]) -> None:
    codec = TableCodec.fit(TABLE, cts_features=cts, cat_features=cat, n_bins=3)
    codes = codec.encode(TABLE)
    pd.testing.assert_frame_equal(codec.decode(codes), TABLE[cts + cat])
    assert codes.dtype == torch.int64


@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=2), st.booleans(), st.integers(-9, 9), st.floats(-100, 100, width=32)
        ),
        min_size=1,
        max_size=50,
    ),
    n_bins=st.integers(1, 9),
    size=st.integers(1, 20),
)
def test_tables_survive_encoding_and_decoding_in_batches_of_any_size(
    rows: list[tuple[str, bool, int, float]], n_bins: int, size: int
) -> None:
    table = pd.DataFrame(rows, columns=["text", "flag", "count", "level"])
    codec = TableCodec.fit(
        table, cts_features=["level", "count"], cat_features=["flag", "text"], n_bins=n_bins
    )
    codes = codec.encode(table)
    batches = (codes[start : start + size] for start in range(0, len(codes), size))
    made = codec.decode_batches(batches, n_rows=len(codes))
    categorical = ["text", "flag"]
    pd.testing.assert_frame_equal(made[categorical], table[categorical])
    pd.testing.assert_series_equal(made.dtypes, table.dtypes)
    assert torch.equal(codec.encode(made), codes)


def test_a_table_of_many_rows_is_decoded_as_one() -> None:
    codec = TableCodec.fit(TABLE, cts_features=["age"], cat_features=["sex"], n_bins=3)
    codes = codec.encode(TABLE)
    pd.testing.assert_frame_equal(
        codec.decode(codes.repeat(7000, 1)),
        pd.concat([TABLE[["sex", "age"]]] * 7000, ignore_index=True),
    )


def test_no_codes_give_a_table_without_rows() -> None:
    codec = TableCodec.fit(TABLE, cts_features=["age"], cat_features=["sex"], n_bins=3)
    made = codec.decode(codec.encode(TABLE)[:0])
    pd.testing.assert_frame_equal(made, TABLE[["sex", "age"]][:0])
