"""Kinds of columns, read and edited."""

import operator
from pathlib import Path

import pandas as pd
import pytest

from artifact_torch.errors import ConfigurationError
from artifact_torch.tables import ColumnSpec, ColumnSpecs, TableCodec, infer_spec

TABLE = pd.DataFrame(
    {
        "a b": [1.5, 2.5, 3.5],
        "when": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04"]),
        "sex": ["M", "F", "M"],
        "ok": [True, False, True],
        7: ["x", "y", "x"],
    }
)
SPECS = infer_spec(TABLE)


def test_they_are_edited_by_name() -> None:
    edited = SPECS.with_kinds({"a b": "drop", 7: "drop"}, sex="fresh")
    assert [each.kind for each in edited] == ["drop", "datetime", "fresh", "boolean", "drop"]
    assert edited["sex"].reason == "as told"
    assert SPECS["sex"].kind == "category"  # which is not changed


def test_the_features_are_what_a_comparison_calls_them() -> None:
    assert SPECS.cts_features == ["a b", "when"]
    assert SPECS.cat_features == ["sex", "ok", "7"]
    dropped = SPECS.with_kinds({"a b": "drop"}, sex="fresh")
    assert (dropped.cts_features, dropped.cat_features) == (["when"], ["ok", "7"])
    assert dropped.names == ("a b", "when", "sex", "ok", 7)
    assert len(dropped) == 5


def test_a_frame_of_them_is_read_back() -> None:
    frame = SPECS.to_frame()
    assert ColumnSpecs.from_frame(frame) == SPECS
    frame.loc[frame["column"] == "sex", "kind"] = "drop"
    edited = ColumnSpecs.from_frame(frame[["column", "kind"]])
    assert edited["sex"] == ColumnSpec(name="sex", kind="drop")
    assert edited != SPECS


def test_an_empty_cell_of_a_file_is_no_reason(tmp_path: Path) -> None:
    told = SPECS.with_kinds({7: "drop"}).to_frame().assign(reason="", examples="")
    told.to_csv(tmp_path / "kinds.csv", index=False)
    read = ColumnSpecs.from_frame(pd.read_csv(tmp_path / "kinds.csv"))
    assert {(each.reason, each.examples) for each in read} == {("", "")}


def test_a_column_named_by_an_integer_survives_a_file(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [0.5, 1.5, 2.5], 7: [1, 2, 3]})
    infer_spec(table).with_kinds({7: "category"}).to_frame().to_csv(tmp_path / "k.csv", index=False)
    read = ColumnSpecs.from_frame(pd.read_csv(tmp_path / "k.csv"))
    assert read.named_as(table.columns).names == ("a", 7)
    codec = TableCodec.fit(table, read)
    assert codec.features == ("a", 7)
    assert codec.cardinalities[1] == 3
    whole = pd.DataFrame({"1": [0.5, 1.5], "2": ["x", "y"]})  # of which a file makes integers
    infer_spec(whole).to_frame().to_csv(tmp_path / "k.csv", index=False)
    read = ColumnSpecs.from_frame(pd.read_csv(tmp_path / "k.csv"))
    assert TableCodec.fit(whole, read).features == ("1", "2")


def test_printed_they_are_a_table() -> None:
    lines = str(SPECS).splitlines()
    assert lines[0].split() == ["column", "kind", "reason", "examples"]
    assert [line.split()[0] for line in lines[1:]] == ["a", "when", "sex", "ok", "7"]


def test_unknown_names_and_kinds_are_listed_together() -> None:
    with pytest.raises(ConfigurationError) as caught:
        operator.methodcaller("with_kinds", {"sx": "category", "ok": "flag"})(SPECS)  # of no type
    assert str(caught.value).splitlines() == [
        "with_kinds: 'sx' is no column, the columns are 'a b', 'when', 'sex', 'ok', 7",
        (
            "with_kinds: column 'ok': the kind must be one of numeric, category, ordinal, boolean, "
            "datetime, identifier, fresh, drop, got 'flag'"
        ),
    ]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"kind": ["drop"]}), "there is no column 'column', to_frame has it"),
        (
            pd.DataFrame({"column": ["x", "y"], "kind": ["drop", 3]}),
            "column 'y': the kind must be one of .*, got 3",
        ),
    ],
)
def test_a_frame_that_says_no_kinds_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^from_frame: {message}$"):
        ColumnSpecs.from_frame(frame)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'sx' is no column"):
        _ = SPECS["sx"]


def test_names_that_read_the_same_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="the column '1' is there 2 times"):
        ColumnSpecs([ColumnSpec(name=1, kind="drop"), ColumnSpec(name="1", kind="drop")])
