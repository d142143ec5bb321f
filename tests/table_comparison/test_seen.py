"""What artifact-core is given of a table, and how what a model leaves out is scored."""

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.table_comparison import TableComparisonResources, TableSpec, table_spec
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.seen import gaps, numbers_of, seen, spec_of

WORDS = ["a", "b", "c"]

_distance: Any = import_module("scipy.spatial.distance")  # Any: it has no stubs


def scores(real: pd.DataFrame, generated: pd.DataFrame, spec: TableSpec) -> dict[str, float]:
    comparison = Comparison(TableComparisonResources(spec=spec, df_real=real, generated=generated))
    found: dict[str, float] = {}
    for name in ("MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"):
        value = comparison.compute(ResultKind.SCORE, name)
        assert isinstance(value, float)
        found[name] = value
    of_columns = comparison.compute(ResultKind.SCORE_COLLECTION, "JS_DISTANCE")
    assert is_mapping(of_columns)
    return found | {str(k): v for k, v in of_columns.items() if isinstance(v, float)}


def table(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = np.concatenate([[-6.0, 6.0], rng.normal(size=rows - 2).clip(-5, 5)])  # one range for all
    return pd.DataFrame(
        {
            "x": x,
            "y": x + rng.normal(size=rows).clip(-3, 3),
            "w": rng.choice(WORDS, rows, p=[0.5, 0.3, 0.2]),
            "k": np.where(x > 0, "up", "down"),
        }
    )


REAL = table(0, 200)
SPEC = table_spec(REAL, cts_features=["x", "y"], cat_features=["w", "k"])


def test_a_table_without_gaps_is_seen_as_it_is() -> None:
    found = seen(REAL, SPEC)
    assert found.table is REAL
    assert (found.missing, found.unknown, found.strange) == ({}, {}, {})
    assert spec_of(SPEC, found, found) is SPEC
    assert gaps(SPEC, found, found).apart == {}


def test_numbers_of_every_kind() -> None:
    zone = "Europe/Paris"
    real = pd.DataFrame(
        {
            "flag": [True, False],
            "day": pd.DatetimeIndex(["1970-01-02 00:00", "1971-01-01 12:00"]),
            "zoned": pd.to_datetime(["1970-01-02", "1970-01-03"])
            .tz_localize("UTC")
            .tz_convert(zone),
            "span": pd.to_timedelta(["1D", "NaT"]),
            "nullable": pd.array([3, None], dtype="Int64"),
            "maybe": pd.array([True, None], dtype="boolean"),
            "infinite": [np.inf, 1.0],
            "huge": [1.0, -1e200],
            "whole": np.array([1, 2], dtype=np.uint8),
        }
    )
    found = seen(real, table_spec(real, cts_features=[*map(str, real)]))
    expected = {
        "flag": [1.0, 0.0],
        "day": [1.0, 365.5],
        "zoned": [1.0, 2.0],
        "span": [1.0, np.nan],
        "nullable": [3.0, np.nan],
        "maybe": [1.0, np.nan],
        "infinite": [np.nan, 1.0],
        "huge": [1.0, np.nan],
    }
    for name, values in expected.items():
        assert found.table[name].dtype == np.float64
        np.testing.assert_array_equal(found.table[name], values)
    assert found.table["whole"].dtype == np.uint8
    assert found.missing == dict.fromkeys(["span", "nullable", "maybe", "infinite", "huge"], 0.5)


@pytest.mark.parametrize(
    ("fitted", "given", "texts"),
    [
        ([1, 2, 3], [1.0, None, 4.0], ["1", "(missing)", "(unknown)"]),
        ([1.0, 2.0, None], [1, 2, 3], ["1.0", "2.0", "(unknown)"]),
        (["x", "(missing)", "y"], ["x", None, "(missing)"], ["x", "((missing))", "(missing)"]),
        ([True, False, True], [True, None, False], ["True", "(missing)", "False"]),
        (["1", "2", "1"], [True, "2", "2"], ["(unknown)", "2", "2"]),
        (
            pd.DatetimeIndex(["2020-01-01 00:00", "2020-01-02 12:00", "2020-01-02 12:00"]),
            pd.DatetimeIndex(["2020-01-01", "2020-01-01", "2020-01-02"]),
            ["2020-01-01 00:00:00", "2020-01-01 00:00:00", "(unknown)"],
        ),
    ],
)
def test_categories_are_told_by_their_values(
    fitted: object, given: object, texts: list[str]
) -> None:
    spec = table_spec(pd.DataFrame({"c": fitted}), cat_features=["c"])
    found = seen(pd.DataFrame({"c": given}), spec)
    assert found.table["c"].tolist() == texts


def test_how_far_two_tables_are_apart() -> None:
    real, generated = REAL.copy(), REAL.copy()
    real.loc[:19, "w"] = None  # 10 %
    generated.loc[:39, "w"] = None
    generated.loc[40:99, "w"] = "new"
    generated.loc[:49, "x"] = np.nan
    ours, theirs = seen(real, SPEC), seen(generated, SPEC)
    assert theirs.strange == {"w": ["new"]}
    assert gaps(SPEC, ours, theirs).apart == pytest.approx({"w": 0.4, "x": 0.25})
    known = spec_of(SPEC, ours, theirs).cat_unique_map
    assert known["w"][-2:] == ["(missing)", "(unknown)"]
    assert known["k"] == SPEC.cat_unique_map["k"]


def test_js_of_categories_worked_by_hand() -> None:
    """A missing value and an unknown one have a place each."""
    generated = REAL.copy()
    generated.loc[:99, "w"] = None
    generated.loc[100:149, "w"] = "new"
    p = [*(float((REAL["w"] == word).mean()) for word in WORDS), 0.0, 0.0]
    q = [*(float((generated["w"] == word).mean()) for word in WORDS), 0.5, 0.25]
    assert scores(REAL, generated, SPEC)["w"] == pytest.approx(float(_distance.jensenshannon(p, q)))


def test_js_of_numbers_worked_by_hand() -> None:
    """100 bins over the range of both, and one for what is missing."""
    real, generated = REAL.copy(), table(1, 200)
    real.loc[150:, "x"] = np.nan
    generated.loc[100:, "x"] = np.nan
    both = np.concatenate([real["x"].dropna(), generated["x"].dropna()])
    edges = np.linspace(float(both.min()), float(both.max()), 101)
    p, q = (np.histogram(each["x"].dropna(), edges)[0] for each in (real, generated))
    expected = _distance.jensenshannon([*p / 200, 0.25], [*q / 200, 0.5])
    found = scores(real, generated, SPEC)
    assert found["x"] == pytest.approx(float(expected))
    assert found["MEAN_JS_DISTANCE"] == pytest.approx(np.mean([found[name] for name in "xywk"]))


def test_equal_gaps_are_no_difference() -> None:
    gappy = REAL.copy()
    gappy.loc[:49, ["x", "w"]] = None
    found = scores(gappy, gappy.sample(frac=1.0, random_state=0), SPEC)
    assert found == pytest.approx(dict.fromkeys(found, 0.0), abs=1e-7)


@pytest.mark.parametrize(("column", "value"), [("x", None), ("w", None), ("w", "new")])
def test_half_of_it_missing_or_unknown_is_worse(column: str, value: str | None) -> None:
    """artifact-core alone gives the good table and the bad one the same distance."""
    good = table(1, 200)
    bad = good.copy()
    bad.loc[::2, column] = value
    before, after = scores(REAL, good, SPEC), scores(REAL, bad, SPEC)
    assert after[column] > before[column] + 0.15
    assert after["MEAN_JS_DISTANCE"] > before["MEAN_JS_DISTANCE"] + 0.04
    assert after["CORRELATION_DISTANCE"] > before["CORRELATION_DISTANCE"] + 0.2


def test_a_table_of_nothing_is_the_worst() -> None:
    nothing = pd.DataFrame(None, index=range(50), columns=[*REAL]).astype({"x": float, "y": float})
    worst = float(np.sqrt(np.log(2)))
    found = scores(REAL, nothing, SPEC)
    assert found["MEAN_JS_DISTANCE"] == pytest.approx(worst)
    assert found["CORRELATION_DISTANCE"] > 0.99


DEGRADED: dict[
    str, Callable[[pd.Series, "np.ndarray[tuple[int], np.dtype[np.bool_]]"], pd.Series]
] = {
    "x": lambda column, rows: column.mask(rows),
    "w": lambda column, rows: column.mask(rows),
    "k": lambda column, rows: column.where(~rows, "new"),
}


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**16),
    column=st.sampled_from([*DEGRADED]),
    first=st.integers(0, 100),
    more=st.integers(0, 100),
)
def test_a_model_that_leaves_out_more_never_has_a_better_distance(
    seed: int, column: str, first: int, more: int
) -> None:
    """Whatever rows they are: the real table has nothing where their mass goes."""
    generated = table(seed, 202)
    order = 2 + np.random.default_rng(seed).permutation(200)  # the range stays
    distances: list[float] = []
    for count in (0, first, first + more):
        rows = np.isin(np.arange(202), order[:count])
        worse = generated.assign(**{column: DEGRADED[column](generated[column], rows)})
        found = scores(REAL, worse, SPEC)
        assert found["MEAN_JS_DISTANCE"] == pytest.approx(np.mean([found[name] for name in "xywk"]))
        distances.append(found[column])
    assert distances == pytest.approx(sorted(distances), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**16),
    column=st.sampled_from([*DEGRADED]),
    first=st.integers(0, 4),
    more=st.integers(0, 4),
)
def test_a_model_that_leaves_out_more_never_has_better_correlations(
    seed: int, column: str, first: int, more: int
) -> None:
    """Of ten copies of a table some are left out, so that what is present says the same."""
    copies = pd.concat([table(seed, 60)] * 10, ignore_index=True)
    number = np.repeat(np.arange(10), 60)
    distances: list[float] = []
    for count in (0, first, first + more):
        worse = copies.assign(**{column: DEGRADED[column](copies[column], number < count)})
        distances.append(scores(REAL, worse, SPEC)["CORRELATION_DISTANCE"])
    # Cramér's correction depends a little on how many rows there are
    assert all(b >= a - 0.01 for a, b in pairwise(distances))
    if more:
        assert distances[2] > distances[0]


def test_years_beyond_those_of_nanoseconds_are_days_too() -> None:
    times = pd.Series(np.array(["1500-01-01", "9999-12-31", "NaT"], dtype="M8[us]"))
    assert numbers_of(times).dropna().tolist() == [-171664.0, 2932896.0]
