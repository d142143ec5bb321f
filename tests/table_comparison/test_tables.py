import json
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec

from artifact_torch.domain_kit.unfit import described
from artifact_torch.table_comparison import table_spec
from artifact_torch.table_comparison.seen import seen
from artifact_torch.table_comparison.tables import (
    gap_notes,
    listed,
    real_problems,
    spec_problems,
    table_problems,
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
    wrong = generated.assign(age="x", smoker=generated["smoker"].sort_values() + 0.5)
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


WRONG: list[tuple[str, Callable[[pd.DataFrame], object], list[str]]] = [
    (
        "levels",
        lambda t: t.set_axis(pd.MultiIndex.from_product([["a"], t.columns]), axis=1),
        [
            (
                "has columns of 2 levels, expected one name each; join them, for example with "
                "table.columns = ['_'.join(map(str, name)) for name in table.columns]"
            )
        ],
    ),
    ("no rows", lambda t: t[:0], ["has no rows, expected at least 1"]),
    (
        "lists",
        lambda t: t.assign(group=t["group"].map(lambda word: [word])),
        [
            (
                "has values that are no categories (list) in the categorical column 'group'; make text "
                "of them, for example with astype(str)"
            )
        ],
    ),
    (
        "texts and complex numbers",
        lambda t: t.assign(age="1", visits=t["visits"] + 1j),
        [
            f"has dtype {dtype} in the continuous column {name!r}, expected a numeric dtype; "
            "convert it, for example with astype(float)"
            for name, dtype in (("age", "object"), ("visits", "complex128"))
        ],
    ),
    ("truth", lambda t: t.assign(age=t["age"] > 50), []),
    ("times", lambda t: t.assign(age=pd.Timestamp("2020", tz="Europe/Paris")), []),
    ("spans", lambda t: t.assign(age=pd.Timedelta(1, "D")), []),
    ("some infinite", lambda t: t.assign(age=[np.inf, *[1.0] * 39]), []),
    ("nothing at all", lambda t: t.assign(age=np.nan, group=None, smoker=np.nan), []),
    ("some unknown", lambda t: t.assign(group=["a", *["new"] * 39]), []),
]


@pytest.mark.parametrize(
    ("change", "problems"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_a_generated_table_may_have(
    change: Callable[[pd.DataFrame], object],
    problems: list[str],
    generated: pd.DataFrame,
    spec: TabularDataSpec,
) -> None:
    assert table_problems(change(generated), spec) == problems


def test_names_that_are_no_text() -> None:
    table = pd.DataFrame({0: [1.0, 2.0], 1: [3.0, 4.0], "b": [0, 1]})
    spec = table_spec(table.rename(columns=str), cts_features=["0", "1"])
    (problem,) = table_problems(table, spec)
    assert problem == (
        "has columns whose names are no text (0, 1); make text of them, for example with "
        "table.columns = table.columns.map(str)"
    )
    assert table_problems(table, table_spec(table.rename(columns=str), cts_features=["b"])) == []


def test_a_real_table_has_values_and_no_infinite_ones(
    df_real: pd.DataFrame, spec: TabularDataSpec
) -> None:
    assert real_problems(df_real, spec) == []
    df_real.loc[0, "age"] = None
    df_real.loc[0, "group"] = None
    assert real_problems(df_real, spec) == []
    df_real.loc[1, "age"] = -np.inf
    df_real.loc[2, "age"] = 1e200
    assert real_problems(df_real.assign(group=None, visits=np.nan), spec) == [
        (
            "has numbers that are infinite or above 1e+150 in 'age' (2 of 60); replace them, by NaN "
            "where the value is not known"
        ),
        "has only NaN in 'visits', 'group'; leave it out of the spec",
    ]


def test_specs_that_no_table_fits(df_real: pd.DataFrame) -> None:
    whole: list[str] = json.loads("[0, 1]")  # as untyped code may pass them
    assert spec_problems(TabularDataSpec.build(cts_features=whole)) == [
        (
            "spec names columns by what is no text (0, 1); make it of a table after table.columns = "
            "table.columns.map(str)"
        )
    ]
    assert spec_problems(TabularDataSpec.build(cts_features=["age", "age"])) == [
        "spec has 'age' more than once, list each column once"
    ]


def test_what_is_told_of_gaps(generated: pd.DataFrame, spec: TabularDataSpec) -> None:
    generated.loc[:2, "group"] = "d"
    generated.loc[3, "group"] = None
    found = seen(generated, spec)
    assert gap_notes(found, 40, may_miss=["group"]) == {
        "unknown": (
            "categories that the spec does not know in 'group': 3 of 40 ('d'): they count as one of "
            "their own"
        )
    }
    assert gap_notes(found, 40, may_miss=[])["missing"] == (
        "values are missing in 'group': 1 of 40: they count as a category of their own"
    )


def test_long_lists_are_cut() -> None:
    assert listed("abcdefghijkl") == ("'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' and 2 more")


def test_descriptions() -> None:
    assert [described(value) for value in (None, int, 3)] == [
        "None",
        "the class int",
        "an instance of int",
    ]
