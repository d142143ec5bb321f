"""Distances of rows against sums written out."""

import math
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from artifact_torch.table_comparison import table_spec
from artifact_torch.table_comparison.row_distances import distances, encoded_rows
from tests.table_comparison.conftest import make_table

cdist: Any = import_module("scipy.spatial.distance").cdist  # Any: it has no stubs


def test_a_distance_is_the_sum_over_the_columns() -> None:
    one = pd.DataFrame({"size": [0.0, 1.0, math.nan], "colour": ["red", "blue", "red"]})
    other = pd.DataFrame({"size": [0.5, math.nan], "colour": ["red", "green"]})
    spec = table_spec(one, cts_features=["size"], cat_features=["colour"])
    rows, others = encoded_rows([one, other], spec)
    unit = np.quantile([0.0, 1.0, 0.5], 0.99) - np.quantile([0.0, 1.0, 0.5], 0.01)
    expected = [[0.5 / unit, 2.0], [0.5 / unit + 1, 2.0], [1.0, 1.0]]
    assert distances(rows, others) == pytest.approx(np.array(expected), rel=1e-6)


def test_numbers_are_as_far_apart_as_by_scipy() -> None:
    one, other = make_table(seed=0, rows=70), make_table(seed=1, rows=50)
    spec = table_spec(one, cts_features=["age", "visits"], cat_features=["group", "smoker"])
    both = pd.concat([one, other])
    units = both[["age", "visits"]].quantile(0.99) - both[["age", "visits"]].quantile(0.01)
    expected = np.zeros((70, 50))
    for name in spec.cts_features:
        a, b = (table[[name]].to_numpy() / units[name] for table in (one, other))
        expected += np.minimum(cdist(a, b, "cityblock"), 1)
    for name in spec.cat_features:
        a, b = (table[name].astype(str).to_numpy() for table in (one, other))
        expected += a[:, None] != b[None, :]
    rows, others = encoded_rows([one, other], spec)
    assert distances(rows, others) == pytest.approx(expected, abs=1e-5)


def test_a_column_of_one_value_and_one_of_none_part_nothing() -> None:
    table = pd.DataFrame({"same": [3.0, 3.0], "none": [math.nan, math.nan]})
    rows = encoded_rows([table], table_spec(table, cts_features=["same", "none"]))[0]
    assert distances(rows, rows).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_what_is_one_row_is_at_no_distance_however_many_are_worked_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = make_table(seed=0, rows=40)
    spec = table_spec(table, cts_features=["age"], cat_features=["group"])
    rows = encoded_rows([table], spec)[0]
    whole = distances(rows, rows)
    monkeypatch.setattr("artifact_torch.table_comparison.row_distances._BLOCK", 90)
    assert np.array_equal(distances(rows, rows), whole)
    assert (np.diagonal(whole) == 0).all()


def test_times_whole_numbers_with_gaps_and_bools_are_numbers() -> None:
    days = [*pd.date_range("2026-01-01", periods=3, tz="CET"), pd.NaT]
    counts = pd.Series([0, 1, 2, None], dtype="Int64")
    table = pd.DataFrame({"count": counts, "flag": [False, True, True, True]})
    table["day"] = pd.Series(days)
    rows = {
        name: encoded_rows([table], table_spec(table, cts_features=[name]))[0]
        for name in ("count", "flag", "day")
    }
    apart = {name: distances(each, each) for name, each in rows.items()}
    assert np.array_equal(apart["day"], apart["count"])
    assert apart["day"][0].tolist() == pytest.approx([0.0, 1 / 1.96, 1.0, 1.0])
    assert apart["flag"][1].tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=0.03)
