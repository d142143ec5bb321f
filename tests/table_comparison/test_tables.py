import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec

from artifact_torch.domain_kit.unfit import described
from artifact_torch.table_comparison.tables import (
    empty_columns,
    listed,
    table_problems,
    unknown_categories,
)


def test_a_table_like_the_real_one_has_no_problem(
    generated: pd.DataFrame, spec: TabularDataSpec
) -> None:
    assert table_problems(generated, spec) == []
    assert table_problems(generated[["smoker", "group", "visits", "age"]], spec) == []
    assert table_problems(generated.assign(extra=["x"] * len(generated)), spec) == []


@pytest.mark.parametrize(
    "values",
    [
        np.arange(40, dtype=np.float32),
        np.arange(40, dtype=np.int8),
        pd.array([*range(39), None], dtype="Int64"),
        np.arange(40) > 20,
    ],
)
def test_every_numeric_dtype_is_continuous(
    values: "pd.api.extensions.ExtensionArray | npt.NDArray[np.generic]",
    generated: pd.DataFrame,
    spec: TabularDataSpec,
) -> None:
    assert table_problems(generated.assign(visits=values), spec) == []


def test_not_a_table(spec: TabularDataSpec) -> None:
    (problem,) = table_problems({"age": [1.0]}, spec)
    assert problem == (
        "is an instance of dict, expected a pandas.DataFrame with the columns "
        "'age', 'visits', 'group', 'smoker'"
    )
    assert table_problems(None, spec)[0].startswith("is None, expected a pandas.DataFrame")


def test_no_rows(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    assert table_problems(generated[:0], spec) == ["has no rows, expected at least 1"]


def test_missing_columns_with_near_names(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    renamed = generated.rename(columns={"age": "Age", "smoker": "q"})
    (problem,) = table_problems(renamed, spec)
    assert problem == (
        "lacks 'age', 'smoker' (is it 'Age' for 'age'?); its columns are "
        "'Age', 'visits', 'group', 'q'"
    )


def test_a_column_twice(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    twice = pd.concat([generated, generated[["age"]]], axis=1)
    assert table_problems(twice, spec) == ["has the column 'age' 2 times"]


def test_all_wrong_dtypes_at_once(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    wrong = generated.assign(age="x", smoker=generated["smoker"].sort_values().astype(float))
    not_numeric, unknown = table_problems(wrong, spec)
    assert not_numeric == (
        "has dtype object in the continuous column 'age', expected a numeric dtype; "
        "convert it, for example with astype(float)"
    )
    got = ", ".join(repr(str(value)) for value in wrong["smoker"].unique())
    known = ", ".join(repr(value) for value in spec.cat_unique_map["smoker"])
    assert unknown == (
        f"has no known category in the categorical column 'smoker': got {got}, "
        f"expected {known}; compare its dtype with the training table's"
    )


def test_empty_columns(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    generated.loc[0, "age"] = np.nan
    assert empty_columns(generated, spec) == []
    assert empty_columns(generated.assign(visits=np.nan), spec) == ["visits"]


def test_unknown_categories(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    assert unknown_categories(generated, spec) == []
    generated.loc[:2, "group"] = "d"
    generated.loc[3, "group"] = None
    assert unknown_categories(generated, spec) == ["'group': 4 of 40 ('d', 'None')"]


def test_long_lists_are_cut() -> None:
    assert listed("abcdefghijkl") == ("'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' and 2 more")


def test_descriptions() -> None:
    assert [described(value) for value in (None, int, 3)] == [
        "None",
        "the class int",
        "an instance of int",
    ]
