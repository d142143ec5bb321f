"""Whole tables to codes and back."""

import pandas as pd
import pytest
import torch

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
