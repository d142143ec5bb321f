"""The real tables of a routine, and what is wrong with the parts it is built of."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import final

import pandas as pd

from artifact_torch.cadence import cadence_problems
from artifact_torch.contracts import ArtifactPlan
from artifact_torch.table_comparison.contracts import TableSpec
from artifact_torch.table_comparison.tables import (
    described,
    empty_columns,
    listed,
    table_problems,
)


@final
@dataclass(frozen=True, eq=False)
class Split:
    """A real table to compare with, every `every` epochs; `None` means only at the end."""

    df_real: pd.DataFrame
    _: KW_ONLY
    every: int | None


def part_problems(spec: object, plan: object, splits: Mapping[str, object]) -> list[str]:
    """All that keeps a routine from being built of these parts, in words."""
    problems = _spec_problems(spec) + _plan_problems(plan)
    if all(split is None for split in splits.values()):
        problems.append(
            "has no split; give at least one, for example validation=Split(df_real, every=5)"
        )
    for name, split in splits.items():
        problems += [f"{name}: {problem}" for problem in _split_problems(split, spec)]
    return problems


def _spec_problems(spec: object) -> list[str]:
    problems: list[str] = []
    if isinstance(spec, type) or not isinstance(spec, TableSpec):
        problems.append(
            f"spec is {described(spec)}, expected a TableSpec such as artifact-core's "
            "TabularDataSpec.from_df(df_real, cts_features=[...], cat_features=[...])"
        )
    elif not spec.features:
        problems.append("spec has no columns; fit it to the training table")
    elif unfit := [name for name in spec.cat_features if not spec.cat_unique_map.get(name)]:
        problems.append(f"spec knows no category of {listed(unfit)}; fit it to the training table")
    return problems


def _plan_problems(plan: object) -> list[str]:
    problems: list[str] = []
    if isinstance(plan, type) or not isinstance(plan, ArtifactPlan):
        problems.append(
            f"plan is {described(plan)}, expected a TableComparisonPlan(scores=[...]), or "
            "ExperimentPlan(YourPlan, spec) around a plan class of artifact-experiment"
        )
    return problems


def _split_problems(split: object, spec: object) -> list[str]:
    if split is None:
        return []
    if not isinstance(split, Split):
        return [f"is {described(split)}, expected Split(df_real, every=5)"]
    problems = cadence_problems(split.every, "every")
    if isinstance(spec, type) or not isinstance(spec, TableSpec):
        return problems
    unfit = table_problems(split.df_real, spec)
    problems += [f"df_real {problem}" for problem in unfit]
    if not unfit and (empty := empty_columns(split.df_real, spec)):
        problems.append(f"df_real has only NaN in {listed(empty)}; leave it out of the spec")
    return problems
