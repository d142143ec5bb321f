"""What the columns of a table seem to be; what is refused."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

from artifact_torch.errors import ConfigurationError
from artifact_torch.tables import ColumnSpecs, Kind, TableCodec, infer_spec

N = 40
REPEATED = np.arange(N) // 2


def series(values: Iterable[object]) -> pd.Series:
    return pd.Series([*values])


def kind_of(values: Iterable[object], name: str) -> Kind:
    table = pd.DataFrame({name: series(values)})
    (column,) = infer_spec(table)
    return column.kind


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ([0, 1, 1, 0], "flag", "category"),
        ([3, 3, 3], "constant", "category"),
        ([None, None], "nothing", "category"),
        ([1, 5, 9, 5], "age", "numeric"),
        ([0.5, None, 2.5, 7.5], "money", "numeric"),
        ([True, False], "b", "boolean"),
        ([True, None], "b", "boolean"),
        (["a", "b", None], "c", "category"),
        (["00123", "01234"] * N, "zip", "category"),
        ([f"bob{i}@example.com" for i in range(N)], "mail", "identifier"),
        (range(1, N + 1), "n", "identifier"),
        (range(100, 100 + N), "n", "numeric"),
        ([7, 9, 12], "user_id", "identifier"),
        ([7.0, 9.0, None], "userId", "identifier"),
        (REPEATED, "store_id", "category"),
        (REPEATED, "idea", "numeric"),
        ([1, 2, 3] * N, "class", "ordinal"),
        ([1.0, 2.0, 3.0, None] * N, "class", "ordinal"),
        ([*range(10)] * N, "digit", "ordinal"),
        ([*range(11)] * N, "n", "numeric"),
        ([0.5, 1.0, 1.5] * N, "dose", "numeric"),
        ([1, 2, 3] * 9, "class", "numeric"),
        ([0] * 30 * N + [1] * 10 * N + [2] * N, "class", "ordinal"),
        ([0] * 30 * N + [1] * 30 * N + [2] * N, "children", "numeric"),
        ([2**60 + i * i for i in range(N)], "account", "identifier"),
        (pd.to_datetime(["2020-01-01", "2021-05-06"]), "d", "datetime"),
        (pd.to_datetime(["2020-01-01", "2021-05-06"]).date, "d", "datetime"),
    ],
)
def test_kinds(values: Iterable[object], name: str, expected: Kind) -> None:
    assert kind_of(values, name) == expected


@pytest.mark.parametrize(("is_ordered", "expected"), [(False, "category"), (True, "ordinal")])
def test_kinds_of_categoricals(is_ordered: bool, expected: Kind) -> None:
    (column,) = infer_spec(pd.DataFrame({"c": pd.Categorical(["b", "a"], ordered=is_ordered)}))
    assert column.kind == expected


def test_an_order_is_asked_for_by_name() -> None:
    table = pd.DataFrame({"x": pd.Categorical(["a", "b"])})
    with pytest.raises(ConfigurationError, match="has categories without an order; order them"):
        TableCodec.fit(table, infer_spec(table).with_kinds(x="ordinal"))


def test_the_proposal_is_a_table_with_reasons_and_examples() -> None:
    table = pd.DataFrame({"zip": ["00123", "04567", None] * 3, 7: [1.5, 2.5, 3.5] * 3})
    assert infer_spec(table).to_frame().to_dict("records") == [
        {
            "column": "zip",
            "kind": "category",
            "reason": "text, 2 distinct, some with leading zeros, 3 missing",
            "examples": "'00123', '04567'",
        },
        {
            "column": 7,
            "kind": "numeric",
            "reason": "numbers, 3 distinct",
            "examples": "1.5, 2.5, 3.5",
        },
    ]


def test_a_few_whole_numbers_of_many_rows_are_grades_for_a_reason() -> None:
    (column,) = infer_spec(pd.DataFrame({"class": [3, 1, 2, None] * N}))
    assert column.reason == "whole numbers, only 3 distinct, each of many rows, 40 missing"


def twice() -> pd.DataFrame:
    table = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "c"])
    table.columns = pd.Index(["a", "b", "a"])
    return table


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: {"a": [1]}, "the table must be a pandas.DataFrame, got a dict"),
        (lambda: pd.DataFrame({"a": []}), "the table has no rows, expected at least 1"),
        (lambda: pd.DataFrame(index=[1, 2]), "the table has no columns, expected at least 1"),
        (twice, "the column 'a' is there 2 times; rename all but one"),
        (lambda: pd.DataFrame({1: [1], "1": [2]}), "the column '1' is there 2 times"),
        (lambda: pd.DataFrame({("a", "b"): [1]}), "the columns have names of 2 levels"),
    ],
)
def test_a_table_that_is_none(make: Callable[[], pd.DataFrame], message: str) -> None:
    for take in (infer_spec, TableCodec.fit):
        with pytest.raises(ConfigurationError, match=f": {message}"):
            take(make())


def test_all_columns_that_cannot_be_taken_are_listed_with_what_to_do() -> None:
    table = pd.DataFrame(
        {
            "inf": [1.0, np.inf, -np.inf],
            "lists": [[1], [2], [3]],
            "mixed": [1, "a", "b"],
            "complex": [1j, 2j, 3j],
            "took": pd.to_timedelta([1, 2, 3], unit="s"),
            "month": pd.period_range("2020-01", periods=3, freq="M"),
            "fine": [1, 2, 4],
        }
    )
    with pytest.raises(ConfigurationError) as caught:
        infer_spec(table)
    assert str(caught.value).splitlines() == [
        (
            "infer_spec: column 'inf' has 2 of 3 values that are not finite; make missing values of "
            "them: .replace([np.inf, -np.inf], np.nan), or drop their rows"
        ),
        (
            "infer_spec: column 'lists' holds objects of list (3); give each item a column of its own, "
            "or make texts of them: .map(str)"
        ),
        (
            "infer_spec: column 'mixed' holds objects of str (2), int (1); give it one type: "
            ".astype(str), or pd.to_numeric(..., errors='coerce')"
        ),
        (
            "infer_spec: column 'complex' has dtype complex128, which is not taken; take its real and "
            "imaginary part as two columns, or leave it out"
        ),
        (
            "infer_spec: column 'took' has dtype timedelta64[ns], which is not taken; take it as a "
            "number: .dt.total_seconds(), or leave it out"
        ),
        (
            "infer_spec: column 'month' has dtype period[M], which is not taken; take its beginning: "
            ".dt.to_timestamp(), or leave it out"
        ),
    ]


def test_an_identifier_is_refused_with_what_can_be_done() -> None:
    table = pd.DataFrame({"user_id": [7, 9, 12], "a b id": [1, 5, 8], "x": [1.0, 2.0, 4.0]})
    with pytest.raises(ConfigurationError) as caught:
        TableCodec.fit(table)
    first, second = str(caught.value).splitlines()
    assert first == (
        "TableCodec.fit: column 'user_id' is an identifier (whole numbers, 3 of 3 distinct); "
        "choose: with_kinds(user_id='fresh') makes new values, with_kinds(user_id='drop') leaves "
        "it out, with_kinds(user_id='category') copies the values that are there"
    )
    assert "with_kinds({'a b id': 'fresh'})" in second


@pytest.mark.parametrize(
    ("form", "remedy"),
    [
        ("{:02}.11.2026", "; dates that are text: pd.to_datetime"),
        ("1,{:02}", "; numbers that are text: pd.read_csv"),
        ("a{:02}", "copies the values that are there"),
    ],
)
def test_text_that_reads_like_something_else_is_told_so(form: str, remedy: str) -> None:
    table = pd.DataFrame({"x": [form.format(day) for day in range(1, 29)]})
    with pytest.raises(ConfigurationError) as caught:
        TableCodec.fit(table)
    assert str(caught.value).split("(...")[0].endswith(remedy)


def test_times_are_shown_as_they_are_written() -> None:
    times = pd.date_range("2026-11-26", periods=3, freq="D")
    [column] = infer_spec(pd.DataFrame({"x": times}))
    assert column.examples == "2026-11-26, 2026-11-27, 2026-11-28"
    [column] = infer_spec(pd.DataFrame({"x": times + pd.Timedelta(minutes=5)}))
    assert column.examples == "2026-11-26 00:05:00, 2026-11-27 00:05:00, 2026-11-28 00:05:00"


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (["a", "b"], "numeric", "holds text values as object, its kind can be category, fresh, "),
        (["1", "k.A."], "numeric", ".*, drop, got numeric; 'k.A.' is no number: make missing"),
        ([1, 2], "datetime", "holds integer values as int64, its kind can be numeric, category, "),
        ([0.5, 1.5], "fresh", "has fractions, new values are made of whole numbers and texts"),
        ([2**70, 1], "numeric", "has integers beyond 64 bits; make texts of them"),
        ([-1.7e308, 1.7e308], "numeric", "has a range that no float can hold"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused(
    values: Iterable[object], kind: Kind, message: str
) -> None:
    table = pd.DataFrame({"x": series(values)})
    with pytest.raises(ConfigurationError, match=f"^TableCodec.fit: column 'x' {message}"):
        TableCodec.fit(table, infer_spec(table).with_kinds(x=kind))


def test_a_column_that_is_left_out_can_hold_anything() -> None:
    table = pd.DataFrame({"x": [1, 2, 4], "y": pd.Series([[1], (), "a"], dtype=object)})
    specs = ColumnSpecs([*infer_spec(table[["x"]])]).to_frame()
    specs.loc[1] = {"column": "y", "kind": "drop"}
    codec = TableCodec.fit(table, ColumnSpecs.from_frame(specs))
    pd.testing.assert_frame_equal(codec.decode(codec.encode(table)), table[["x"]])
