"""What artifact-core does not have: differences of gaps, and what scores are of real rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec

from artifact_torch.contracts import Moment, ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonResources,
    TableComparisonRoutine,
    beside_ceilings,
)
from artifact_torch.table_comparison.comparison import Comparison
from tests.domain_kit.reading import reasons, values
from tests.table_comparison.conftest import make_table


def collection(resources: TableComparisonResources, name: str) -> dict[object, object]:
    value = Comparison(resources).compute(ResultKind.SCORE_COLLECTION, name)
    assert is_mapping(value)
    return {**value}


def test_differences_of_gaps(resources: TableComparisonResources) -> None:
    resources.df_real.loc[:5, "age"] = np.nan  # 6 of 60
    resources.generated.loc[:9, "age"] = np.nan  # 10 of 40
    resources.generated.loc[:19, "group"] = "new"
    assert collection(resources, "MISSING_DIFFERENCE") == {
        "age": pytest.approx(0.15),
        "visits": 0.0,
        "group": 0.0,
        "smoker": 0.0,
    }
    assert collection(resources, "UNKNOWN_DIFFERENCE") == {"group": 0.5, "smoker": 0.0}


def test_ceilings_are_scores_of_real_rows(
    df_real: pd.DataFrame, generated: pd.DataFrame, spec: TabularDataSpec
) -> None:
    holdout = make_table(seed=2, rows=50)
    resources = TableComparisonResources(
        spec=spec, df_real=df_real, generated=generated.head(40), holdout=holdout
    )
    found = collection(resources, "CEILINGS")
    assert [*found] == [
        "MEAN_JS_DISTANCE",
        "CORRELATION_DISTANCE",
        "MEAN_JS_DISTANCE_HOLDOUT",
        "CORRELATION_DISTANCE_HOLDOUT",
    ]
    rng = np.random.default_rng(0)
    again = [df_real.iloc[rng.integers(0, 60, 40)] for _ in range(3)]
    for name in ("MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"):

        def score(rows: pd.DataFrame, of: str = name) -> float:
            given = TableComparisonResources(spec=spec, df_real=df_real, generated=rows)
            value = Comparison(given).compute(ResultKind.SCORE, of)
            assert isinstance(value, float)
            return value

        assert found[name] == pytest.approx(np.mean([score(rows) for rows in again]))
        assert found[f"{name}_HOLDOUT"] == score(holdout)
    assert collection(resources, "CEILINGS") == found


def test_a_routine_holds_each_split_against_another(
    df_real: pd.DataFrame, spec: TabularDataSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Copies:
        def generate(self, params: int) -> pd.DataFrame:
            return df_real.head(params)

    held_out = make_table(seed=2, rows=50)
    plan = TableComparisonPlan(scores=["MEAN_JS_DISTANCE"], score_collections=["CEILINGS"])
    routine = TableComparisonRoutine(
        spec=spec,
        plan=plan,
        params=40,
        train=Split(df_real, every=1),
        validation=Split(held_out, every=1),
    )
    results = routine.validate(Copies(), routine.result_names, Moment(epoch=1, step=1))
    assert reasons(results) == {}
    ceilings = values(results, ResultKind.SCORE_COLLECTION)
    assert [*ceilings] == ["CEILINGS_TRAIN", "CEILINGS_VAL"]
    resources = TableComparisonResources(spec=spec, df_real=held_out, generated=df_real)
    of_val = ceilings["CEILINGS_VAL"]
    assert is_mapping(of_val)
    expected = Comparison(resources).compute(ResultKind.SCORE, "MEAN_JS_DISTANCE")
    assert of_val["MEAN_JS_DISTANCE_HOLDOUT"] == expected
    # once for each real table
    monkeypatch.setattr(Comparison, "_score", None)
    again = routine.validate(Copies(), routine.result_names, Moment(epoch=2, step=2))
    assert values(again, ResultKind.SCORE_COLLECTION) == ceilings


def test_a_table_beside_its_ceilings(
    df_real: pd.DataFrame, generated: pd.DataFrame, spec: TabularDataSpec
) -> None:
    found = beside_ceilings(spec, df_real, generated.assign(extra=0))
    assert [*found.index] == ["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"]
    assert [*found.columns] == ["generated", "bootstrap", "holdout"]
    assert found["holdout"].isna().all()
    assert (found["bootstrap"] < found["generated"]).all()
    held = beside_ceilings(spec, df_real, generated, holdout=generated)
    assert (held["holdout"] == held["generated"]).all()


def test_a_plan_with_them_can_go_beside_the_training() -> None:
    plan = TableComparisonPlan(
        plots=["DISTRIBUTIONS", "CORRELATION_DIFFERENCE"],
        plot_collections=["DISTRIBUTIONS"],
        score_collections=["CEILINGS", "MISSING_DIFFERENCE", "UNKNOWN_DIFFERENCE"],
    )
    assert plan.stays == ""
    sent: object = pickle.loads(pickle.dumps(plan))  # noqa: S301  (our own)
    assert sent == plan
