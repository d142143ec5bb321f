"""The real tables of a routine, and what is wrong with the parts it is built of."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import final

import pandas as pd
from typing_extensions import TypeIs

from artifact_torch.contracts import ArtifactPlan, Every
from artifact_torch.domain_kit.splits import split_problems
from artifact_torch.domain_kit.unfit import unfit
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec
from artifact_torch.table_comparison.tables import listed, real_problems, spec_problems


@final
@dataclass(frozen=True, eq=False)
class Split:
    """A real table to compare with; `every=5` means epochs, `steps(500)` steps, None the end alone."""

    df_real: pd.DataFrame
    _: KW_ONLY
    every: Every | None


def part_problems(spec: object, plan: object, splits: Mapping[str, object]) -> list[str]:
    """All that keeps a routine from being built of these parts, in words."""

    def unfit_table(split: Split) -> list[str]:
        return _table_problems(split.df_real, spec)

    return [
        *_spec_problems(spec),
        *_plan_problems(plan),
        *split_problems(splits, _is_split, "Split(df_real, every=5)", unfit_table),
    ]


def _is_split(value: object) -> TypeIs[Split]:
    return isinstance(value, Split)


def _spec_problems(spec: object) -> list[str]:
    wanted = (
        "a TableSpec such as artifact-core's "
        "TabularDataSpec.from_df(df_real, cts_features=[...], cat_features=[...])"
    )
    problems = unfit("spec", spec, TableSpec, wanted)
    if problems or not isinstance(spec, TableSpec):
        return problems
    return _unfit_spec(spec)


def _unfit_spec(spec: TableSpec) -> list[str]:
    """The real tables are not compared with it."""
    if not spec.features:
        return ["spec has no columns; fit it to the training table"]
    if problems := spec_problems(spec):
        return problems
    if unknown := [name for name in spec.cat_features if not spec.cat_unique_map.get(name)]:
        return [
            (
                f"spec knows no category of {listed(unknown)}; fit it to the training table, without "
                "columns that have no value"
            )
        ]
    return []


def _plan_problems(plan: object) -> list[str]:
    wanted = (
        "a TableComparisonPlan(scores=[...]), or "
        "experiment_plan(YourPlan, spec) of a plan class of artifact-experiment"
    )
    return unfit("plan", plan, ArtifactPlan[TableComparisonResources], wanted)


def _table_problems(table: pd.DataFrame, spec: object) -> list[str]:
    if isinstance(spec, type) or not isinstance(spec, TableSpec) or _unfit_spec(spec):
        return []
    return [f"df_real {problem}" for problem in real_problems(table, spec)]
