"""Attacks on tables of which it is known what they give away."""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.table_comparison import TableSpec, membership, table_spec
from artifact_torch.table_comparison import membership as compute
from artifact_torch.table_comparison.row_distances import distances, encoded_rows
from tests.table_comparison.conftest import make_table

roc_auc_score: Any = import_module("sklearn.metrics").roc_auc_score  # Any: it has no types


@pytest.fixture
def columns() -> TableSpec:
    table = make_table(seed=0, rows=500)
    return table_spec(table, cts_features=["age", "visits"], cat_features=["group", "smoker"])


def test_copies_give_every_row_away(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=200), make_table(seed=2, rows=100)
    found = membership(train=train, held_out=held_out, generated=train, spec=columns)
    assert (found.auc, found.interval) == (1.0, (1.0, 1.0))
    assert set(found.attacks) == {"closest", "ratio", "density"}
    assert min(found.attacks.values()) > 0.6


def test_half_of_the_rows_as_copies_give_half_of_them_away(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=600), make_table(seed=2, rows=300)
    generated = train.iloc[:300]
    found = membership(train=train, held_out=held_out, generated=generated, spec=columns)
    assert found.auc == pytest.approx(0.5 * 1.0 + 0.5 * 0.5, abs=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_draws_of_the_same_source_give_nothing_away(seed: int, columns: TableSpec) -> None:
    train, held_out, generated = (
        make_table(seed=10 * seed + number, rows=500) for number in range(1, 4)
    )
    found = membership(train=train, held_out=held_out, generated=generated, spec=columns)
    assert found.auc == pytest.approx(0.5, abs=0.06)  # its deviation is 0.018
    assert found.interval[0] < 0.5 + 0.02


def test_the_closest_row_is_that_of_sklearn(columns: TableSpec) -> None:
    train, held_out, made = (make_table(seed=number, rows=60) for number in range(3))
    found = membership(train=train, held_out=held_out, generated=made, spec=columns)
    members, others, rows = encoded_rows([train, held_out, made], columns)
    figures = [-distances(each, rows).min(axis=1) for each in (members, others)]
    truth = np.repeat([1, 0], 60)
    assert found.attacks["closest"] == pytest.approx(roc_auc_score(truth, np.concatenate(figures)))
    assert found.auc == max(found.attacks.values()) == found.attacks[found.attack]


def test_the_interval_is_that_of_the_auc(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=400), make_table(seed=2, rows=400)
    made = make_table(seed=3, rows=400)
    found = membership(train=train, held_out=held_out, generated=made, spec=columns)
    low, high = found.interval
    assert low < found.auc < high
    # Hanley and McNeil: the deviation is near that of ranks, sqrt((n + m + 1) / (12 n m))
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(801 / (12 * 400 * 400)), rel=0.15)


def test_rows_are_drawn_by_the_seed_alone(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=300), make_table(seed=2, rows=300)
    made = make_table(seed=3, rows=900)

    def found(seed: int) -> object:
        return compute(
            train=train, held_out=held_out, generated=made, spec=columns, n_rows=50, seed=seed
        )

    assert found(0) == found(0)
    assert found(0) != found(1)


def test_a_table_against_itself_and_one_of_one_row_are_refused(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=30), make_table(seed=2, rows=30)
    with pytest.raises(ValidationError, match="the held-out rows are the training rows"):
        membership(train=train, held_out=train, generated=held_out, spec=columns)
    with pytest.raises(ValidationError, match="got 1 held-out rows, expected at least 2"):
        membership(train=train, held_out=held_out.iloc[:1], generated=train, spec=columns)
    with pytest.raises(ConfigurationError, match="n_rows must be at least 2, got 1"):
        membership(train=train, held_out=held_out, generated=train, spec=columns, n_rows=1)


def test_tables_that_the_spec_does_not_fit_are_refused_all_at_once(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=30), make_table(seed=2, rows=30)
    with pytest.raises(ValidationError) as caught:
        membership(
            train=train.drop(columns="age"),
            held_out=held_out.assign(more=1),
            generated=train.assign(visits="many"),
            spec=columns,
        )
    told = str(caught.value).splitlines()
    assert len(told) == 2
    assert told[0].startswith("membership: the table of training rows lacks 'age'")
    assert "generated rows has dtype" in told[1]
    assert "'visits'" in told[1]


def test_spans_of_time_are_numbers_and_one_that_is_missing_is_none() -> None:
    days = pd.Series([*range(20), *[None] * 20], dtype="Int64")
    spans = pd.DataFrame({"a": pd.to_timedelta(days, unit="D"), "b": days})
    one, other = (
        distances(rows, rows)
        for name in ("a", "b")
        for rows in encoded_rows([spans], table_spec(spans, cts_features=[name]))
    )
    assert np.array_equal(one, other)
    assert one[0, -1] == 1.0


def test_missing_values_and_other_columns_are_no_hindrance(columns: TableSpec) -> None:
    train, held_out = make_table(seed=1, rows=50), make_table(seed=2, rows=50)
    train.loc[:9, "age"] = np.nan
    held_out.loc[:19, "group"] = None
    more = train.assign(other=pd.Timestamp("2026-01-01"))
    assert membership(train=more, held_out=held_out, generated=train, spec=columns).auc == 1.0
