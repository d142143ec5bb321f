"""Categories and their codes."""

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demo.libs.transformers.encoder import Encoder
from tests.demo.tensors import array

columns = st.one_of(
    st.lists(st.text(max_size=3), min_size=1, max_size=30),
    st.lists(st.integers(-3, 3), min_size=1, max_size=30),
    st.lists(st.booleans(), min_size=1, max_size=30),
)


@given(values=columns)
def test_decoding_gives_the_encoded_table_back(
    values: list[str] | list[int] | list[bool],
) -> None:
    table = pd.DataFrame({"a": values, "b": values[::-1]})
    encoder = Encoder.fit(table, ["a", "b"])
    codes = encoder.encode(table)
    pd.testing.assert_frame_equal(pd.DataFrame(encoder.decode(codes)), table)
    assert encoder.cardinalities == (len(set(values)), len(set(values)))
    assert codes.dtype == torch.int64


@pytest.mark.parametrize(
    "dtype",
    [
        "int32",
        "uint8",
        "float16",
        "float64",
        "category",
        "string",
        "Int64",
        "datetime64[s]",
        "datetime64[ns, UTC]",
    ],
)
def test_dtypes_survive(dtype: str) -> None:
    table = pd.DataFrame({"a": [1, 2, 1]}).astype({"a": dtype})
    encoder = Encoder.fit(table, ["a"])
    pd.testing.assert_frame_equal(pd.DataFrame(encoder.decode(encoder.encode(table))), table)


def test_codes_rank_categories_by_first_appearance() -> None:
    table = pd.DataFrame({"sex": ["M", "F", "M"], "flag": [1, 1, 0]}, index=[5, 6, 7])
    encoder = Encoder.fit(table, ["sex", "flag"])
    assert array(encoder.encode(table)).tolist() == [[0, 0], [1, 0], [0, 1]]
    assert encoder.features == ("sex", "flag")


def test_unknown_categories_are_named() -> None:
    encoder = Encoder.fit(pd.DataFrame({"sex": ["M", "F"]}), ["sex"])
    with pytest.raises(ValueError, match="got 'm', 'x'") as caught:
        encoder.encode(pd.DataFrame({"sex": ["x", "M", "m", "x"]}))
    assert str(caught.value) == (
        "column 'sex' must have the categories it had when the encoder was fitted ('M', 'F'), "
        "got 'm', 'x'; fit the encoder on a table that has them, or drop their rows"
    )


def test_missing_values_are_refused() -> None:
    with pytest.raises(ValueError, match="missing") as caught:
        Encoder.fit(pd.DataFrame({"sex": ["M", None]}), ["sex"])
    assert str(caught.value) == (
        "column 'sex' must have no missing values, got 1 of 2; fill them or drop their rows"
    )


def test_no_features_give_no_columns() -> None:
    table = pd.DataFrame({"sex": ["M", "F"]})
    encoder = Encoder.fit(table, [])
    assert encoder.decode(encoder.encode(table)) == {}


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_the_dtype_of_the_fitted_column_need_not_be_that_of_the_encoded_one(dtype: str) -> None:
    encoder = Encoder.fit(pd.DataFrame({"a": ["x", "y", "z"]}), ["a"])
    table = pd.DataFrame({"a": ["z", "x", "z"]}).astype({"a": dtype})
    assert array(encoder.encode(table))[:, 0].tolist() == [2, 0, 2]


def test_categories_that_no_row_has_get_no_code() -> None:
    column = pd.Series(pd.Categorical(["b", "a", "b"], categories=["a", "b", "c"]))
    encoder = Encoder.fit(pd.DataFrame({"a": column}), ["a"])
    assert encoder.cardinalities == (2,)
    assert array(encoder.encode(pd.DataFrame({"a": column})))[:, 0].tolist() == [0, 1, 0]


def test_a_missing_value_is_no_category() -> None:
    encoder = Encoder.fit(pd.DataFrame({"a": [1.0, 2.0]}), ["a"])
    with pytest.raises(ValueError, match="got nan"):
        encoder.encode(pd.DataFrame({"a": [1.0, float("nan")]}))
