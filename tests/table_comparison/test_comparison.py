import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonEngine,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from matplotlib.figure import Figure

from artifact_torch.table_comparison import TableComparisonResources
from artifact_torch.table_comparison.comparison import Comparison

HEART = Path(
    os.environ.get(
        "ARTIFACT_TORCH_HEART_CSV",
        Path(__file__).parents[3] / "shared" / "data" / "heart.csv",
    )
)


@pytest.mark.parametrize("member", TableComparisonScoreType)
def test_scores_are_artifact_cores_as_plain_floats(
    member: TableComparisonScoreType, resources: TableComparisonResources
) -> None:
    score = Comparison(resources).score(member)
    engine = TableComparisonEngine.build(resource_spec=resources.spec)
    assert score == engine.produce_dataset_comparison_score(
        score_type=member,
        dataset_real=resources.df_real,
        dataset_synthetic=resources.generated,
    )
    assert type(score) is float


def test_js_distance_worked_by_hand() -> None:
    # One category each way: P = (1, 0), Q = (0, 1), so the divergence is ln 2 and its root the distance.
    df_real = pd.DataFrame({"kind": ["a", "b"]})
    spec = TabularDataSpec.from_df(df_real, cat_features=["kind"])
    resources = TableComparisonResources(
        spec=spec,
        df_real=pd.DataFrame({"kind": ["a", "a"]}),
        generated=pd.DataFrame({"kind": ["b", "b", "b"]}),
    )
    score = Comparison(resources).score(TableComparisonScoreType.MEAN_JS_DISTANCE)
    assert score == pytest.approx(math.sqrt(math.log(2.0)))


def test_the_other_kinds(resources: TableComparisonResources) -> None:
    compare = Comparison(resources)
    distances = compare.score_collection(TableComparisonScoreCollectionType.JS_DISTANCE)
    assert sorted(distances) == ["age", "group", "smoker", "visits"]
    assert {type(value) for value in distances.values()} == {float}
    means = compare.array_collection(TableComparisonArrayCollectionType.MEAN_JUXTAPOSITION)
    np.testing.assert_allclose(
        means["age"], [resources.df_real["age"].mean(), resources.generated["age"].mean()]
    )
    assert isinstance(compare.plot(TableComparisonPlotType.MEAN_ALIGNMENT), Figure)
    plots = compare.plot_collection(TableComparisonPlotCollectionType.CORRELATION_HEATMAPS)
    assert {type(plot) for plot in plots.values()} == {Figure}


def test_unknown_arrays_are_refused_by_artifact_core(resources: TableComparisonResources) -> None:
    with pytest.raises(ValueError, match="Artifact NOPE not registered"):
        Comparison(resources).array("NOPE")


@pytest.mark.skipif(not HEART.exists(), reason="the heart disease table is not on this machine")
def test_a_real_table_against_itself() -> None:
    df_real = pd.read_csv(HEART)
    names = [str(name) for name in df_real.columns]
    numeric = [name for name in names if df_real[name].nunique() > 10]
    spec = TabularDataSpec.from_df(
        df_real, cts_features=numeric, cat_features=[n for n in names if n not in numeric]
    )
    compare = Comparison(
        TableComparisonResources(spec=spec, df_real=df_real, generated=df_real.sample(frac=1.0))
    )
    scores = {member.name: compare.score(member) for member in TableComparisonScoreType}
    assert scores == pytest.approx({"MEAN_JS_DISTANCE": 0.0, "CORRELATION_DISTANCE": 0.0})
