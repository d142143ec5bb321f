import numpy as np
import pandas as pd
import pytest
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec

from artifact_torch.contracts import ArtifactResults, Moment, ResultName
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonResources
from artifact_torch.table_comparison.splits import part_problems

PLAN = TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE])


def test_parts_that_fit(df_real: pd.DataFrame, spec: TabularDataSpec) -> None:
    splits = {"train": Split(df_real, every=5), "test": Split(df_real, every=None), "other": None}
    assert part_problems(spec, PLAN, splits) == []


def test_no_split_at_all(spec: TabularDataSpec) -> None:
    assert part_problems(spec, PLAN, {"train": None, "test": None}) == [
        "has no split; give at least one, for example validation=Split(df_real, every=5)"
    ]


def test_every_problem_of_every_split(df_real: pd.DataFrame, spec: TabularDataSpec) -> None:
    splits = {
        "train": Split(df_real.rename(columns={"age": "ages"}), every=0),
        "validation": Split(df_real[:0], every=1),
        "test": Split(df_real.assign(visits=np.nan), every=None),
        "more": df_real,
    }
    columns = "its columns are 'ages', 'visits', 'group', 'smoker'"
    assert part_problems(spec, PLAN, splits) == [
        (
            "train: every must be at least 1, got 0; a whole number means epochs, else steps(n) or "
            "minutes(n), None only at the end"
        ),
        f"train: df_real lacks 'age' (is it 'ages' for 'age'?); {columns}",
        "validation: df_real has no rows, expected at least 1",
        "test: df_real has only NaN in 'visits'; leave it out of the spec",
        "more: is an instance of DataFrame, expected Split(df_real, every=5)",
    ]


@pytest.mark.parametrize(
    ("spec", "got"), [(None, "None"), (TabularDataSpec, "the class TabularDataSpec")]
)
def test_no_spec_is_refused_and_not_passed_over(
    spec: object, got: str, df_real: pd.DataFrame
) -> None:
    """D19: the published package skips the routine without a word."""
    (problem,) = part_problems(spec, PLAN, {"train": Split(df_real, every=1)})
    assert problem == (
        f"spec is {got}, expected a TableSpec such as artifact-core's "
        "TabularDataSpec.from_df(df_real, cts_features=[...], cat_features=[...])"
    )


def test_specs_that_were_never_fitted(df_real: pd.DataFrame) -> None:
    splits = {"train": Split(df_real, every=1)}
    assert part_problems(TabularDataSpec.build(), PLAN, splits) == [
        "spec has no columns; fit it to the training table"
    ]
    unfitted = TabularDataSpec.build(cts_features=["age"], cat_features=["group"])
    assert part_problems(unfitted, PLAN, splits) == [
        (
            "spec knows no category of 'group'; fit it to the training table, without columns that "
            "have no value"
        )
    ]


@pytest.mark.parametrize(
    ("plan", "got"),
    [
        (None, "None"),
        (TableComparisonPlan, "the class TableComparisonPlan"),
        (3, "an instance of int"),
    ],
)
def test_something_else_as_plan(
    plan: object, got: str, df_real: pd.DataFrame, spec: TabularDataSpec
) -> None:
    """D5: a split without a plan raised KeyError during training."""
    (problem,) = part_problems(spec, plan, {"train": Split(df_real, every=1)})
    assert problem == (
        f"plan is {got}, expected a TableComparisonPlan(scores=[...]), or "
        "experiment_plan(YourPlan, spec) of a plan class of artifact-experiment"
    )


class Forgets:
    """Its `execute` does not take the names."""

    result_names: tuple[ResultName, ...] = ()

    def due(self, moment: Moment) -> tuple[ResultName, ...]:
        return ()

    def execute(self, resources: TableComparisonResources) -> ArtifactResults:
        return ArtifactResults()


def test_a_plan_with_a_member_that_does_not_fit_is_named(
    df_real: pd.DataFrame, spec: TabularDataSpec
) -> None:
    (problem,) = part_problems(spec, Forgets(), {"train": Split(df_real, every=1)})
    first, second = problem.splitlines()
    assert first.startswith("plan is an instance of Forgets, expected a TableComparisonPlan(")
    assert second.startswith("  - execute: ")
    assert second.endswith("[parameter-missing]")
