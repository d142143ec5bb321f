"""Categories and their codes."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.tables.category_column import CategoryColumn
from tests.tables.schemas import of_dtype

columns = st.one_of(
    st.lists(st.text(max_size=3), min_size=1, max_size=30),
    st.lists(st.integers(-3, 3), min_size=1, max_size=30),
    st.lists(st.booleans(), min_size=1, max_size=30),
)


def again(column: pd.Series, fitted: CategoryColumn) -> pd.Series:
    made = fitted.column(fitted.draw(fitted.encode(column)))
    return pd.Series(made, name=column.name)


def of(column: pd.Series, *, is_ordered: bool = False) -> CategoryColumn:
    return CategoryColumn.fit(column, is_ordered=is_ordered)


@given(values=columns)
def test_decoding_gives_the_encoded_column_back(
    values: list[str] | list[int] | list[bool],
) -> None:
    column = pd.Series(values, name="a")
    fitted = of(column)
    pd.testing.assert_series_equal(again(column, fitted), column)
    assert fitted.cardinality == len(set(values))


@pytest.mark.parametrize(
    "dtype",
    [
        "int32",
        "uint8",
        "float16",
        "float64",
        "category",
        "string",
        "string[pyarrow]",
        "Int64",
        "datetime64[s]",
        "datetime64[ns, UTC]",
    ],
)
def test_dtypes_survive(dtype: str) -> None:
    column = of_dtype(pd.Series([1, 2, 1], name="a"), dtype)
    pd.testing.assert_series_equal(again(column, of(column)), column)


def test_codes_rank_categories_by_first_appearance() -> None:
    column = pd.Series(["M", "F", "M"], index=[5, 5, 7])
    assert of(column).encode(column).tolist() == [0, 1, 0]


def test_ordered_codes_rank_them_by_their_order() -> None:
    levels = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
    column = pd.Series(["high", "low", "mid", "low"], dtype=levels)
    assert of(column, is_ordered=True).encode(column).tolist() == [2, 0, 1, 0]


def test_unknown_categories_have_no_code() -> None:
    fitted = of(pd.Series(["M", "F"]))
    assert fitted.encode(pd.Series(["x", "M", None, "F"])).tolist() == [-1, 0, -1, 1]


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_the_dtype_of_the_fitted_column_need_not_be_that_of_the_encoded_one(dtype: str) -> None:
    fitted = of(pd.Series(["x", "y", "z"]))
    assert fitted.encode(of_dtype(pd.Series(["z", "x", "z"]), dtype)).tolist() == [2, 0, 2]


def test_categories_that_no_row_has_get_no_code() -> None:
    column = pd.Series(pd.Categorical(["b", "a", "b"], categories=["a", "b", "c"]), name="a")
    fitted = of(column)
    assert fitted.cardinality == 2
    assert fitted.encode(column).tolist() == [0, 1, 0]
    pd.testing.assert_series_equal(again(column, fitted), column)


def test_each_kind_of_missing_object_has_a_code_of_its_own() -> None:
    values = ["a", None, float("nan"), pd.NA, pd.NaT, None, "a"]
    column = pd.Series(values, dtype=object)
    fitted = of(column)
    assert fitted.encode(column).tolist() == [0, 1, 2, 3, 4, 1, 0]
    made = fitted.column(fitted.draw(fitted.encode(column)))
    assert [*map(type, made)] == [*map(type, values)]


def test_intervals_are_categories() -> None:
    column = pd.cut(pd.Series([1.0, 5.0, 9.0], name="a"), bins=3)
    pd.testing.assert_series_equal(again(column, of(column)), column)
