from collections.abc import Callable
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
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
from artifact_core.table_comparison.spi import (
    TableComparisonArray,
    TableComparisonArrayRegistry,
    TableComparisonScore,
    TableComparisonScoreRegistry,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.contracts import ArtifactPlan, Moment, Result, ResultKind
from artifact_torch.contracts.kinds import Array
from artifact_torch.errors import ConfigurationError
from artifact_torch.routines.results import Computed
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources
from artifact_torch.table_comparison.contracts import Kept
from tests.domain_kit.reading import names, reasons, values

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


@TableComparisonArrayRegistry.register_custom_artifact("ONE_ARRAY")
class OneArray(TableComparisonArray[ArtifactHyperparams]):
    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> Array:
        return np.zeros(2)


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


def at(epoch: int, *, ends_run: bool = False) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch, ends_run=ends_run)


def executed(plan: TableComparisonPlan, resources: TableComparisonResources) -> Computed:
    """All that the plan has."""
    return plan.execute(resources, plan.result_names)


def test_the_plan_satisfies_the_contract() -> None:
    assert isinstance(as_plan(full_plan()), ArtifactPlan)


def test_the_results_are_artifact_cores(resources: TableComparisonResources) -> None:
    results = executed(full_plan(), resources)
    assert names(results) == {
        "score": ["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"],
        "plot": ["MEAN_ALIGNMENT"],
        "score_collection": ["JS_DISTANCE"],
        "array_collection": ["STD_JUXTAPOSITION"],
        "plot_collection": ["CORRELATION_HEATMAPS"],
    }
    engine = TableComparisonEngine.build(resource_spec=resources.spec)
    assert values(results) == {
        member.name: engine.produce_dataset_comparison_score(
            score_type=member,
            dataset_real=resources.df_real,
            dataset_synthetic=resources.generated,
        )
        for member in (JS, CORRELATION)
    }
    assert plt.get_fignums() == []


def test_only_what_is_asked_for_is_computed(resources: TableComparisonResources) -> None:
    plan = TableComparisonPlan(
        scores=["ALWAYS_RAISES", JS, "ROW_RATIO"],
        score_collections=[TableComparisonScoreCollectionType.JS_DISTANCE],
    )
    asked = [(ResultKind.SCORE, "ROW_RATIO"), (ResultKind.SCORE, "JS_DISTANCE")]
    assert plan.execute(resources, asked) == [Result(ResultKind.SCORE, "ROW_RATIO", 40 / 60)]
    assert plan.execute(resources, []) == []


def test_one_that_raises_costs_nothing_else(resources: TableComparisonResources) -> None:
    plan = TableComparisonPlan(
        scores=[JS, "ALWAYS_RAISES", "ROW_RATIO"],
        score_collections=[TableComparisonScoreCollectionType.JS_DISTANCE],
    )
    results = executed(plan, resources)
    assert names(results) == {
        "score": ["MEAN_JS_DISTANCE", "ROW_RATIO"],
        "score_collection": ["JS_DISTANCE"],
        "failure": ["ALWAYS_RAISES"],
    }
    assert reasons(results) == {"ALWAYS_RAISES": "RuntimeError: on purpose"}


def test_infinite_values_count_against_the_table(resources: TableComparisonResources) -> None:
    plan = TableComparisonPlan(scores=[JS, TableComparisonScoreType.CORRELATION_DISTANCE])
    before = values(executed(plan, replace(resources, of_generated=Kept())))
    resources.generated.loc[:19, "age"] = float("inf")
    after = values(executed(plan, resources))
    assert [*after] == [*before] == ["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"]
    for name, value in before.items():
        worse = after[name]
        assert isinstance(value, float)
        assert isinstance(worse, float)
        assert worse > value + 0.02


MEMBERS: dict[ResultKind, object] = {
    ResultKind.SCORE: JS,
    ResultKind.ARRAY: "ONE_ARRAY",  # artifact-core has none of its own
    ResultKind.PLOT: TableComparisonPlotType.PDF,
    ResultKind.SCORE_COLLECTION: TableComparisonScoreCollectionType.JS_DISTANCE,
    ResultKind.ARRAY_COLLECTION: TableComparisonArrayCollectionType.STD_JUXTAPOSITION,
    ResultKind.PLOT_COLLECTION: TableComparisonPlotCollectionType.CORRELATION_HEATMAPS,
}
# every, at_end: due (x) or not after epochs 1 to 6, and at the end of a run of 5 and of 6
DUE = [
    (1, True, "xxxxxx", "xx"),
    (1, False, "xxxxxx", "xx"),
    (2, True, ".x.x.x", "xx"),
    (2, False, ".x.x.x", ".x"),
    (3, True, "..x..x", "xx"),
    (3, False, "..x..x", ".x"),
    (5, True, "....x.", "xx"),
    (5, False, "....x.", "x."),
    (7, True, "......", "xx"),
    (7, False, "......", ".."),
    (None, True, "......", "xx"),
]


def plan_of(kind: ResultKind, every: int | None, *, at_end: bool) -> TableComparisonPlan:
    field = f"{kind.value}s"
    options: dict[str, object] = {field: [MEMBERS[kind]], f"{field}_every": every, "at_end": at_end}
    made = untyped(TableComparisonPlan, **options)
    assert isinstance(made, TableComparisonPlan)
    return made


@pytest.mark.parametrize("kind", ResultKind)
@pytest.mark.parametrize(("every", "at_end", "epochs", "ends"), DUE)
def test_when_each_kind_is_due(
    kind: ResultKind, every: int | None, at_end: bool, epochs: str, ends: str
) -> None:
    """An end that is an epoch of its cadence too is due: the trainer leaves out what it has."""
    plan = plan_of(kind, every, at_end=at_end)
    moments = [at(epoch) for epoch in range(1, 7)] + [at(epoch, ends_run=True) for epoch in (5, 6)]
    answers = [list(plan.due(moment)) for moment in moments]
    assert answers == [list(plan.result_names) if due == "x" else [] for due in epochs + ends]
    assert [each for each, _ in plan.result_names] == [kind]


@pytest.mark.parametrize("kind", ResultKind)
def test_what_would_never_be_due_is_refused(kind: ResultKind) -> None:
    with pytest.raises(ConfigurationError) as refused:
        plan_of(kind, None, at_end=False)
    field = f"{kind.value}s"
    assert str(refused.value) == (
        f"plan: {field} would never be computed: {field}_every=None means only at "
        "the end, and at_end is False; set one of them"
    )


@settings(deadline=None)
@given(
    scores_every=st.none() | st.integers(1, 6),
    plots_every=st.none() | st.integers(1, 6),
    epoch=st.integers(1, 30),
    ends_run=st.booleans(),
)
def test_every_kind_has_its_own_cadence(
    scores_every: int | None, plots_every: int | None, epoch: int, ends_run: bool
) -> None:
    plan = TableComparisonPlan(
        scores=[JS],
        plots=[TableComparisonPlotType.PDF],
        scores_every=scores_every,
        plots_every=plots_every,
    )
    expected = [
        name
        for name, every in zip(plan.result_names, (scores_every, plots_every), strict=True)
        if ends_run or (every is not None and epoch % every == 0)
    ]
    assert list(plan.due(at(epoch, ends_run=ends_run))) == expected


def test_by_default_plots_wait_for_the_end() -> None:
    of_plots = {ResultKind.PLOT, ResultKind.PLOT_COLLECTION}
    kinds = [kind for kind, _ in full_plan().due(at(1))]
    assert kinds == [kind for kind, _ in full_plan().result_names if kind not in of_plots]
    assert full_plan().due(at(1, ends_run=True)) == full_plan().result_names


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
        "plan: it is empty; list at least one artifact, for example a score"
    )


def test_all_problems_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TableComparisonPlan(scores=[JS, JS], arrays=["NOPE"], scores_every=0, plots_every=-1)
    lines = str(caught.value).splitlines()
    cadence = "must be at least 1, got"
    assert len(lines) == 4
    assert lines[0] == ("plan: scores: MEAN_JS_DISTANCE is listed 2 times, list it once")
    assert lines[1].startswith(f"plan: scores_every {cadence} 0;")
    assert lines[2].startswith("plan: arrays: 'NOPE' is not a registered array")
    assert lines[3].startswith(f"plan: plots_every {cadence} -1;")


def untyped(make: Callable[..., object], **options: object) -> object:
    """What a checker would refuse as well."""
    return make(**options)


def test_options_of_the_wrong_type() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(TableComparisonPlan, scores=TableComparisonScoreType.MEAN_JS_DISTANCE, at_end="no")
    assert str(refused.value) == (
        "plan: scores must be a list, got a TableComparisonScoreType; write [...] "
        "around it\nplan: at_end must be True or False, got 'no'"
    )
