"""The real tables of a routine, and what is wrong with the parts it is built of."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import final

import pandas as pd
from typing_extensions import get_protocol_members

from artifact_torch.checking.annotations.forms import class_of
from artifact_torch.checking.contract import check_contract
from artifact_torch.checking.violation import errors
from artifact_torch.contracts import ArtifactPlan, Every
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec
from artifact_torch.table_comparison.tables import (
    described,
    listed,
    real_problems,
    spec_problems,
)


@final
@dataclass(frozen=True, eq=False)
class Split:
    """A real table to compare with; `every=5` means epochs, `steps(500)` steps, None the end alone."""

    df_real: pd.DataFrame
    _: KW_ONLY
    every: Every | None


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
    wanted = (
        "a TableSpec such as artifact-core's "
        "TabularDataSpec.from_df(df_real, cts_features=[...], cat_features=[...])"
    )
    problems = _unfit("spec", spec, TableSpec, wanted)
    if problems or not isinstance(spec, TableSpec):
        return problems
    return _unfit_spec(spec)


def _unfit_spec(spec: TableSpec) -> list[str]:
    """The real tables are not compared with it."""
    if not spec.features:
        return ["spec has no columns; fit it to the training table"]
    if problems := spec_problems(spec):
        return problems
    if unfit := [name for name in spec.cat_features if not spec.cat_unique_map.get(name)]:
        return [f"spec knows no category of {listed(unfit)}; fit it to the training table"]
    return []


def _plan_problems(plan: object) -> list[str]:
    wanted = (
        "a TableComparisonPlan(scores=[...]), or "
        "ExperimentPlan(YourPlan, spec) around a plan class of artifact-experiment"
    )
    return _unfit("plan", plan, ArtifactPlan[TableComparisonResources], wanted)


def _unfit(name: str, part: object, contract: object, wanted: str) -> list[str]:
    """What is wrong member by member, unless it has none of them: then it is something else."""
    violations = [] if isinstance(part, type) else errors(check_contract(part, contract))
    if not violations and not isinstance(part, type):
        return []
    missing = {violation.member for violation in violations if violation.code == "missing"}
    is_other = missing >= get_protocol_members(class_of(contract) or object)
    reasons = "" if is_other else "".join(f"\n  - {violation}" for violation in violations)
    return [f"{name} is {described(part)}, expected {wanted}{reasons}"]


def _split_problems(split: object, spec: object) -> list[str]:
    if split is None:
        return []
    if not isinstance(split, Split):
        return [f"is {described(split)}, expected Split(df_real, every=5)"]
    problems = cadence_problems("every", split.every, or_none=True)
    if isinstance(spec, type) or not isinstance(spec, TableSpec) or _unfit_spec(spec):
        return problems
    return problems + [f"df_real {problem}" for problem in real_problems(split.df_real, spec)]
