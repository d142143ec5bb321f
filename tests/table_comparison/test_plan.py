import logging
from collections.abc import Callable

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonEngine,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
)
from artifact_core.table_comparison.spi import TableComparisonScore, TableComparisonScoreRegistry
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.contracts import ArtifactPlan, ArtifactResults, ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources

JS = TableComparisonScoreType.MEAN_JS_DISTANCE
CORRELATION = TableComparisonScoreType.CORRELATION_DISTANCE


@TableComparisonScoreRegistry.register_custom_artifact("ROW_RATIO")
class RowRatio(TableComparisonScore[ArtifactHyperparams]):
    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> float:
        return len(dataset_synthetic) / len(dataset_real)


@TableComparisonScoreRegistry.register_custom_artifact("ALWAYS_RAISES")
class AlwaysRaises(TableComparisonScore[ArtifactHyperparams]):
    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> float:
        raise RuntimeError("on purpose")


def as_plan(
    plan: ArtifactPlan[TableComparisonResources],
) -> ArtifactPlan[TableComparisonResources]:
    return plan


def full_plan() -> TableComparisonPlan:
    return TableComparisonPlan(
        scores=[JS, CORRELATION],
        plots=[TableComparisonPlotType.MEAN_ALIGNMENT],
        score_collections=[TableComparisonScoreCollectionType.JS_DISTANCE],
        array_collections=[TableComparisonArrayCollectionType.STD_JUXTAPOSITION],
        plot_collections=[TableComparisonPlotCollectionType.CORRELATION_HEATMAPS],
    )


def names(results: ArtifactResults) -> dict[str, list[str]]:
    found = {
        "scores": [*results.scores],
        "arrays": [*results.arrays],
        "plots": [*results.plots],
        "score_collections": [*results.score_collections],
        "array_collections": [*results.array_collections],
        "plot_collections": [*results.plot_collections],
        "failures": [*results.failures],
    }
    return {kind: listed for kind, listed in found.items() if listed}


def test_the_plan_satisfies_the_contract() -> None:
    assert isinstance(as_plan(full_plan()), ArtifactPlan)


def test_the_results_are_artifact_cores(resources: TableComparisonResources) -> None:
    results = full_plan().execute(resources, 1, final=False)
    assert names(results) == {
        "scores": ["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"],
        "score_collections": ["JS_DISTANCE"],
        "array_collections": ["STD_JUXTAPOSITION"],
    }
    engine = TableComparisonEngine.build(resource_spec=resources.spec)
    for member in (JS, CORRELATION):
        expected = engine.produce_dataset_comparison_score(
            score_type=member,
            dataset_real=resources.df_real,
            dataset_synthetic=resources.generated,
        )
        assert results.scores[member.name] == expected
        assert type(results.scores[member.name]) is float


def test_plots_come_at_the_end_and_leave_no_figure_open(
    resources: TableComparisonResources,
) -> None:
    results = full_plan().execute(resources, 1, final=True)
    assert names(results) == {
        "plots": ["MEAN_ALIGNMENT"],
        "plot_collections": ["CORRELATION_HEATMAPS"],
    }
    assert plt.get_fignums() == []


def test_a_custom_artifact_by_its_name(resources: TableComparisonResources) -> None:
    plan = TableComparisonPlan(scores=["ROW_RATIO"])
    assert plan.execute(resources, 1, final=False).scores == {"ROW_RATIO": 40 / 60}


def test_one_that_raises_costs_nothing_else(
    resources: TableComparisonResources, caplog: pytest.LogCaptureFixture
) -> None:
    plan = TableComparisonPlan(
        scores=[JS, "ALWAYS_RAISES", "ROW_RATIO"],
        score_collections=[TableComparisonScoreCollectionType.JS_DISTANCE],
    )
    with caplog.at_level(logging.INFO):
        results = plan.execute(resources, 3, final=False)
    assert names(results) == {
        "scores": ["MEAN_JS_DISTANCE", "ROW_RATIO"],
        "score_collections": ["JS_DISTANCE"],
        "failures": ["ALWAYS_RAISES"],
    }
    assert results.failures["ALWAYS_RAISES"] == "RuntimeError: on purpose"
    assert caplog.messages == [
        "ALWAYS_RAISES could not be computed at epoch 3: RuntimeError: on purpose"
    ]


def test_infinite_values_cost_only_what_cannot_take_them(
    resources: TableComparisonResources,
) -> None:
    resources.generated.loc[0, "age"] = float("inf")
    plan = TableComparisonPlan(scores=[JS, "ROW_RATIO"])
    results = plan.execute(resources, 1, final=False)
    assert [*results.scores] == ["ROW_RATIO"]
    assert results.failures["MEAN_JS_DISTANCE"].startswith("ValueError: ")


@given(
    scores_every=st.none() | st.integers(1, 6),
    plots_every=st.none() | st.integers(1, 6),
    epoch=st.integers(1, 30),
    final=st.booleans(),
)
def test_every_kind_has_its_own_cadence(
    scores_every: int | None, plots_every: int | None, epoch: int, final: bool
) -> None:
    plan = TableComparisonPlan(
        scores=[JS],
        plots=[TableComparisonPlotType.PDF],
        scores_every=scores_every,
        plots_every=plots_every,
    )
    own_round = [every is not None and epoch % every == 0 for every in (scores_every, plots_every)]
    expected = [not due if final else due for due in own_round]
    assert plan.is_due(epoch, final=final) is any(expected)


def test_execute_computes_what_is_due(resources: TableComparisonResources) -> None:
    plan = TableComparisonPlan(
        scores=["ROW_RATIO"],
        score_collections=[TableComparisonScoreCollectionType.JS_DISTANCE],
        scores_every=2,
        score_collections_every=3,
    )
    computed = {
        (epoch, final): [*names(plan.execute(resources, epoch, final=final))]
        for epoch in (1, 2, 3, 6)
        for final in (False, True)
    }
    assert computed == {
        (1, False): [],
        (1, True): ["scores", "score_collections"],
        (2, False): ["scores"],
        (2, True): ["score_collections"],
        (3, False): ["score_collections"],
        (3, True): ["scores"],
        (6, False): ["scores", "score_collections"],
        (6, True): [],
    }


def test_without_the_end_only_cadences_count() -> None:
    plan = TableComparisonPlan(scores=[JS], scores_every=4, at_end=False)
    assert [epoch for epoch in range(1, 10) if plan.is_due(epoch, final=False)] == [4, 8]
    assert not any(plan.is_due(epoch, final=True) for epoch in range(1, 10))


def test_result_names() -> None:
    assert full_plan().result_names == [
        (ResultKind.SCORE, "MEAN_JS_DISTANCE"),
        (ResultKind.SCORE, "CORRELATION_DISTANCE"),
        (ResultKind.PLOT, "MEAN_ALIGNMENT"),
        (ResultKind.SCORE_COLLECTION, "JS_DISTANCE"),
        (ResultKind.ARRAY_COLLECTION, "STD_JUXTAPOSITION"),
        (ResultKind.PLOT_COLLECTION, "CORRELATION_HEATMAPS"),
    ]


def test_an_empty_plan_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TableComparisonPlan()
    assert str(caught.value) == (
        "TableComparisonPlan: it is empty; list at least one artifact, for example a score"
    )


def test_all_problems_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TableComparisonPlan(scores=[JS, JS], arrays=["NOPE"], scores_every=0, plots_every=-1)
    lines = str(caught.value).splitlines()
    cadence = "must be a whole number of at least 1, got"
    assert len(lines) == 4
    assert lines[0] == (
        "TableComparisonPlan: scores: MEAN_JS_DISTANCE is listed 2 times, list it once"
    )
    assert lines[1].startswith(f"TableComparisonPlan: scores_every {cadence} 0;")
    assert lines[2].startswith("TableComparisonPlan: arrays: 'NOPE' is not a registered array")
    assert lines[3].startswith(f"TableComparisonPlan: plots_every {cadence} -1;")


def test_options_of_the_wrong_type() -> None:
    def untyped(make: Callable[..., object], **options: object) -> object:
        return make(**options)

    with pytest.raises(ConfigurationError) as refused:
        untyped(TableComparisonPlan, scores=TableComparisonScoreType.MEAN_JS_DISTANCE, at_end="no")
    assert str(refused.value) == (
        "TableComparisonPlan: scores must be a list, got a TableComparisonScoreType; write [...] "
        "around it\nTableComparisonPlan: at_end must be True or False, got 'no'"
    )
