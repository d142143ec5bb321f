"""Each measure against what is known of the tables that it is given."""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from artifact_torch.table_comparison import TableSpec, table_spec
from demo.benchmark.measures import nearness, share_of_copies, two_sample_auc, utility

sklearn_ensemble: Any = import_module("sklearn.ensemble")  # Any: it has no types


def made(seed: int, n_rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.normal(size=n_rows)
    kind = np.where(size + rng.normal(scale=0.5, size=n_rows) > 0, "b", "a")
    return pd.DataFrame({"size": size, "twice": 2 * size, "kind": kind})


def spec_of(table: pd.DataFrame) -> TableSpec:
    return table_spec(table, cts_features=["size", "twice"], cat_features=["kind"])


@pytest.mark.parametrize("seed", range(3))
def test_two_halves_of_one_table_are_hardly_told_apart(seed: int) -> None:
    auc = two_sample_auc(made(2 * seed), made(2 * seed + 1), spec_of(made(0)), seed)
    # the deviation of an AUC of 300 and 300 rows is 0.024; folds add some
    assert auc == pytest.approx(0.5, abs=0.09)


def test_what_one_column_gives_away_is_told() -> None:
    real, generated = made(0), made(1)
    shifted = generated.assign(size=generated["size"] + 100.0)
    # not 1: each fold has chances of its own, which the order of all rows mixes a little
    assert two_sample_auc(real, shifted, spec_of(real), 0) > 0.99
    other = generated.assign(kind="c")
    assert two_sample_auc(real, other, spec_of(real), 0) > 0.99


def test_columns_that_do_not_belong_together_are_told_by_what_is_between_them_alone() -> None:
    real, generated = made(0), made(1)
    apart = generated.assign(twice=generated["twice"].sample(frac=1, random_state=0).to_numpy())
    assert two_sample_auc(real, apart, spec_of(real), 0) > 0.9
    found = nearness(real, apart, spec_of(real))
    assert found["js"] == nearness(real, generated, spec_of(real))["js"]  # it sees each alone


def test_a_table_is_at_no_distance_from_itself() -> None:
    real = made(0)
    assert nearness(real, real, spec_of(real)) == pytest.approx({"js": 0.0, "correlation": 0.0})


def test_a_number_is_predicted_as_well_as_by_the_model_that_is_named() -> None:
    train, held_out = made(0), made(1)
    model = sklearn_ensemble.HistGradientBoostingRegressor(random_state=0)
    model.fit(train[["size"]], train["twice"])
    expected = model.score(held_out[["size"]], held_out["twice"])
    spec = table_spec(train, cts_features=["size", "twice"])
    assert utility(train, held_out, spec, "twice", 0) == pytest.approx(expected)
    flat = train.assign(size=1.0)  # then the mean is all that it can say: R² is 0 at most
    assert utility(flat, held_out, spec, "twice", 0) <= 0.0


def test_a_category_is_predicted_by_what_tells_it() -> None:
    train, held_out = made(0), made(1)
    spec = table_spec(train, cts_features=["size"], cat_features=["kind"])
    chances = 1 / (1 + np.exp(-held_out["size"]))  # the best order there is
    best = import_module("sklearn.metrics").roc_auc_score(held_out["kind"] == "b", chances)
    assert best - 0.08 < utility(train, held_out, spec, "kind", 0) <= best
    wrong = train.assign(kind=train["kind"].map({"a": "b", "b": "a"}))
    assert utility(wrong, held_out, spec, "kind", 0) < 1 - best + 0.08


def test_rows_that_lack_a_category_have_no_chance_at_it() -> None:
    train, held_out = made(0), made(1)
    spec = table_spec(train, cts_features=["size"], cat_features=["kind"])
    assert utility(train[train["kind"] == "a"], held_out, spec, "kind", 0) == 0.5
    three = held_out.copy()
    three.loc[:99, "kind"] = "c"
    # a's and b's are somewhere between, that of c is 0.5: it is in no row of training
    found = utility(train, three, spec, "kind", 0)
    assert 0.5 < found < utility(train, held_out, spec, "kind", 0)


def test_copies_are_counted_by_whole_rows() -> None:
    train = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    generated = pd.DataFrame({"a": [1, 1, 2, 3], "b": ["x", "x", "z", "z"]})
    assert share_of_copies(train, generated) == 0.75


def test_a_missing_value_or_a_column_that_was_left_out_hides_no_copy() -> None:
    train = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": ["x", None, "z"], "id": ["p", "q", "r"]})
    assert share_of_copies(train, train.copy()) == 1.0
    assert share_of_copies(train, train[["a", "b"]]) == 1.0
    assert share_of_copies(train, train.assign(id=["s", "t", "u"])) == 0.0
