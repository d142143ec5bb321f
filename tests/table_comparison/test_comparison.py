import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.spi.orchestration import ArtifactType
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonEngine,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import TableComparisonArray, TableComparisonArrayRegistry

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.contracts.kinds import Array
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.routines.results import is_real_array, value_problems
from artifact_torch.table_comparison import TableComparisonResources
from artifact_torch.table_comparison.comparison import Comparison

HEART = Path(
    os.environ.get(
        "ARTIFACT_TORCH_HEART_CSV",
        Path(__file__).parents[3] / "shared" / "data" / "heart.csv",
    )
)


@pytest.mark.parametrize("member", TableComparisonScoreType)
def test_scores_are_artifact_cores(
    member: TableComparisonScoreType, resources: TableComparisonResources
) -> None:
    score = Comparison(resources).compute(ResultKind.SCORE, member)
    engine = TableComparisonEngine.build(resource_spec=resources.spec)
    assert score == engine.produce_dataset_comparison_score(
        score_type=member,
        dataset_real=resources.df_real,
        dataset_synthetic=resources.generated,
    )


def test_js_distance_worked_by_hand() -> None:
    # One category each way: P = (1, 0), Q = (0, 1), so the divergence is ln 2 and its root the distance.
    df_real = pd.DataFrame({"kind": ["a", "b"]})
    spec = TabularDataSpec.from_df(df_real, cat_features=["kind"])
    resources = TableComparisonResources(
        spec=spec,
        df_real=pd.DataFrame({"kind": ["a", "a"]}),
        generated=pd.DataFrame({"kind": ["b", "b", "b"]}),
    )
    compare = Comparison(resources)
    score = compare.compute(ResultKind.SCORE, TableComparisonScoreType.MEAN_JS_DISTANCE)
    assert score == pytest.approx(math.sqrt(math.log(2.0)))


KINDS: list[tuple[ResultKind, ArtifactType]] = [
    (ResultKind.SCORE, TableComparisonScoreType.CORRELATION_DISTANCE),
    (ResultKind.PLOT, TableComparisonPlotType.MEAN_ALIGNMENT),
    (ResultKind.SCORE_COLLECTION, TableComparisonScoreCollectionType.JS_DISTANCE),
    (ResultKind.ARRAY_COLLECTION, TableComparisonArrayCollectionType.MEAN_JUXTAPOSITION),
    (ResultKind.PLOT_COLLECTION, TableComparisonPlotCollectionType.CORRELATION_HEATMAPS),
]


@pytest.mark.parametrize(("kind", "member"), KINDS)
def test_every_kind_is_of_its_kind(
    kind: ResultKind, member: ArtifactType, resources: TableComparisonResources
) -> None:
    """artifact-core has no array of its own."""
    value = Comparison(resources).compute(kind, member)
    assert list(value_problems(Result(kind, member.name, value))) == []


def test_a_custom_array_by_its_name(resources: TableComparisonResources) -> None:
    @TableComparisonArrayRegistry.register_custom_artifact("TWO_LENGTHS")
    class TwoLengths(TableComparisonArray[ArtifactHyperparams]):
        def _compare_datasets(
            self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
        ) -> Array:
            return np.array([len(dataset_real), len(dataset_synthetic)], dtype=np.float64)

    assert TwoLengths is not None
    value = Comparison(resources).compute(ResultKind.ARRAY, "TWO_LENGTHS")
    assert is_real_array(value)
    assert value.tolist() == [60.0, 40.0]


def test_the_tables_are_the_real_and_the_generated_one(
    resources: TableComparisonResources,
) -> None:
    compare = Comparison(resources)
    distances = compare.compute(
        ResultKind.SCORE_COLLECTION, TableComparisonScoreCollectionType.JS_DISTANCE
    )
    assert is_mapping(distances)
    assert sorted(map(str, distances)) == ["age", "group", "smoker", "visits"]
    means = compare.compute(
        ResultKind.ARRAY_COLLECTION, TableComparisonArrayCollectionType.MEAN_JUXTAPOSITION
    )
    assert is_mapping(means)
    ages = means["age"]
    assert is_real_array(ages)
    np.testing.assert_allclose(
        ages, [resources.df_real["age"].mean(), resources.generated["age"].mean()]
    )


def test_unknown_arrays_are_refused_by_artifact_core(resources: TableComparisonResources) -> None:
    with pytest.raises(ValueError, match="Artifact NOPE not registered"):
        Comparison(resources).compute(ResultKind.ARRAY, "NOPE")


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
    scores = {
        member.name: compare.compute(ResultKind.SCORE, member)
        for member in TableComparisonScoreType
    }
    assert scores == pytest.approx({"MEAN_JS_DISTANCE": 0.0, "CORRELATION_DISTANCE": 0.0})
