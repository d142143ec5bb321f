import json

import numpy as np
import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonArrayType,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import (
    TableComparisonScore,
    TableComparisonScoreRegistry,
    TabularDataSpecProtocol,
)
from artifact_experiment import table_comparison
from artifact_experiment.table_comparison import TableComparisonPlan

from artifact_torch.contracts import ArtifactPlan, Moment, ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.table_comparison import TableComparisonResources, experiment_plan
from tests.domain_kit.reading import names, reasons, values


@TableComparisonScoreRegistry.register_custom_artifact("BREAKS")
class Breaks(TableComparisonScore[ArtifactHyperparams]):
    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> float:
        raise RuntimeError("on purpose")


@TableComparisonScoreRegistry.register_custom_artifact("WANTS_MORE_COLUMNS")
class WantsMoreColumns(TableComparisonScore[ArtifactHyperparams]):
    def __init__(
        self, resource_spec: TabularDataSpecProtocol, hyperparams: ArtifactHyperparams
    ) -> None:
        super().__init__(resource_spec, hyperparams)
        raise ValueError(f"{resource_spec.n_features} columns are too few")

    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> float:
        return 0.0


class Plan(TableComparisonPlan):
    """As a user of artifact-experiment writes it."""

    @staticmethod
    def _get_score_types() -> list[TableComparisonScoreType]:
        return [TableComparisonScoreType.MEAN_JS_DISTANCE]

    @staticmethod
    def _get_array_types() -> list[TableComparisonArrayType]:
        return []

    @staticmethod
    def _get_plot_types() -> list[TableComparisonPlotType]:
        return [TableComparisonPlotType.MEAN_ALIGNMENT]

    @staticmethod
    def _get_score_collection_types() -> list[TableComparisonScoreCollectionType]:
        return [TableComparisonScoreCollectionType.JS_DISTANCE]

    @staticmethod
    def _get_array_collection_types() -> list[TableComparisonArrayCollectionType]:
        return [TableComparisonArrayCollectionType.MEAN_JUXTAPOSITION]

    @staticmethod
    def _get_plot_collection_types() -> list[TableComparisonPlotCollectionType]:
        return []


class PlanWithCustomScore(Plan):
    @staticmethod
    def _get_custom_score_types() -> list[str]:
        return ["BREAKS"]


def refused(plan_class: type[TableComparisonPlan], spec: TabularDataSpec) -> str:
    with pytest.raises(ConfigurationError) as caught:
        experiment_plan(plan_class, spec)
    return str(caught.value)


def without(*hooks: str) -> type[TableComparisonPlan]:
    """`Plan` as if these hooks had been forgotten."""
    return type("Forgetful", (Plan,), {hook: vars(TableComparisonPlan)[hook] for hook in hooks})


def as_plan(
    plan: ArtifactPlan[TableComparisonResources],
) -> ArtifactPlan[TableComparisonResources]:
    return plan


def test_it_is_a_plan_with_the_names_of_the_hooks(spec: TabularDataSpec) -> None:
    plan = as_plan(experiment_plan(PlanWithCustomScore, spec))
    assert isinstance(plan, ArtifactPlan)
    assert plan.result_names == [
        (ResultKind.SCORE, "MEAN_JS_DISTANCE"),
        (ResultKind.SCORE, "BREAKS"),
        (ResultKind.PLOT, "MEAN_ALIGNMENT"),
        (ResultKind.SCORE_COLLECTION, "JS_DISTANCE"),
        (ResultKind.ARRAY_COLLECTION, "MEAN_JUXTAPOSITION"),
    ]


def test_the_numbers_are_those_of_artifact_experiment(
    spec: TabularDataSpec, resources: TableComparisonResources
) -> None:
    theirs = Plan.create(resource_spec=spec)
    theirs.execute_table_comparison(
        dataset_real=resources.df_real, dataset_synthetic=resources.generated
    )
    plan = experiment_plan(Plan, spec)
    ours = plan.execute(resources, plan.result_names)
    assert values(ours) == theirs.scores
    assert values(ours, ResultKind.SCORE_COLLECTION) == theirs.score_collections
    assert values(ours, ResultKind.PLOT).keys() == theirs.plots.keys()
    (means,) = values(ours, ResultKind.ARRAY_COLLECTION).values()
    assert is_mapping(means)
    for feature, array in theirs.array_collections["MEAN_JUXTAPOSITION"].items():
        np.testing.assert_array_equal(np.asarray(means[feature]), array)


def test_one_that_raises_costs_nothing_else(
    spec: TabularDataSpec, resources: TableComparisonResources
) -> None:
    theirs = PlanWithCustomScore.create(resource_spec=spec)
    with pytest.raises(RuntimeError, match="on purpose"):
        theirs.execute_table_comparison(
            dataset_real=resources.df_real, dataset_synthetic=resources.generated
        )
    plan = experiment_plan(PlanWithCustomScore, spec)
    results = plan.execute(resources, plan.result_names)
    assert reasons(results) == {"BREAKS": "RuntimeError: on purpose"}
    assert [*values(results)] == ["MEAN_JS_DISTANCE"]
    assert [*values(results, ResultKind.PLOT)] == ["MEAN_ALIGNMENT"]


def test_only_what_is_asked_for_is_computed(
    spec: TabularDataSpec, resources: TableComparisonResources
) -> None:
    plan = experiment_plan(PlanWithCustomScore, spec)
    results = plan.execute(resources, [(ResultKind.PLOT, "MEAN_ALIGNMENT")])
    assert names(results) == {"plot": ["MEAN_ALIGNMENT"]}


def at(epoch: int, *, ends_run: bool = False) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch, ends_run=ends_run)


def test_one_cadence_for_all_kinds(spec: TabularDataSpec) -> None:
    plan = experiment_plan(Plan, spec, every=4)
    everything = list(plan.result_names)
    due = [list(plan.due(at(epoch))) for epoch in range(1, 9)]
    assert due == [[], [], [], everything] * 2
    assert list(plan.due(at(5, ends_run=True))) == everything
    without_end = experiment_plan(Plan, spec, every=4, at_end=False)
    assert list(without_end.due(at(5, ends_run=True))) == []
    at_end = experiment_plan(Plan, spec, every=None)
    assert not any(at_end.due(at(epoch)) for epoch in range(1, 9))
    assert list(at_end.due(at(8, ends_run=True))) == everything


def test_a_cadence_below_one(spec: TabularDataSpec) -> None:
    with pytest.raises(ConfigurationError) as caught:
        experiment_plan(Plan, spec, every=0)
    assert str(caught.value) == (
        "experiment_plan: every must be at least 1, got 0; a whole number means epochs, else "
        "steps(n) or minutes(n), None only at the end"
    )


def test_forgotten_hooks_are_all_named(spec: TabularDataSpec) -> None:
    forgetful = without("_get_score_types", "_get_plot_types")
    advice = "is missing or returns None; write it, returning a list"
    assert refused(forgetful, spec).splitlines() == [
        f"experiment_plan: Forgetful._get_score_types {advice}",
        f"experiment_plan: Forgetful._get_plot_types {advice}",
    ]


def test_a_name_that_nobody_registered(spec: TabularDataSpec) -> None:
    class Unknown(Plan):
        @staticmethod
        def _get_custom_score_types() -> list[str]:
            return ["NOPE"]

    assert "scores: 'NOPE' is not a registered score" in refused(Unknown, spec)


def test_a_plan_that_artifact_core_cannot_build(spec: TabularDataSpec) -> None:
    class Greedy(Plan):
        @staticmethod
        def _get_custom_score_types() -> list[str]:
            return ["WANTS_MORE_COLUMNS"]

    message = refused(Greedy, spec)
    assert message.startswith("test_a_plan_that_artifact_core_cannot_build.<locals>.Greedy ")
    assert message.endswith("cannot be built: ValueError: 4 columns are too few")


def test_hooks_that_go_wrong(spec: TabularDataSpec) -> None:
    class Wrong(Plan):
        @staticmethod
        def _get_score_types() -> list[TableComparisonScoreType]:
            raise LookupError("no scores")

        @staticmethod
        def _get_plot_types() -> list[TableComparisonPlotType]:
            untyped: list[TableComparisonPlotType] = json.loads("[3]")
            return untyped

    name = Wrong.__qualname__
    assert refused(Wrong, spec).splitlines() == [
        f"experiment_plan: {name}._get_score_types raised LookupError: no scores",
        f"experiment_plan: {name}._get_plot_types lists 3, expected TableComparisonPlotType",
    ]


def test_an_override_without_effect_is_refused(spec: TabularDataSpec) -> None:
    class Eager(Plan):
        def clear_cache(self) -> None:
            pass

    assert refused(Eager, spec) == (
        f"the class {Eager.__qualname__} overrides clear_cache, which has no effect here: only its hooks "
        "`_get_*_types` are read; remove it, or write an ArtifactPlan of your own"
    )


def test_what_is_no_plan_class(spec: TabularDataSpec) -> None:
    wanted = "a subclass of artifact_experiment.table_comparison.TableComparisonPlan"
    not_a_class: type[TableComparisonPlan] = json.loads("3")
    itself: type[TableComparisonPlan] = vars(table_comparison)["TableComparisonPlan"]
    assert refused(not_a_class, spec) == f"plan_class must be {wanted}, got an instance of int"
    assert refused(itself, spec).endswith(f"{wanted}, got the class TableComparisonPlan")
