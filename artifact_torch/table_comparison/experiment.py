"""Plans written as classes for artifact-experiment, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artifact_torch.domain_kit.hooks import plan_of_hooks
from artifact_torch.table_comparison.comparison import TABLES

if TYPE_CHECKING:  # loads every tracking backend: about 3 seconds
    from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment

    from artifact_torch.contracts import Every
    from artifact_torch.domain_kit import DomainPlan
    from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec


def experiment_plan(
    plan_class: type[PlanOfExperiment],
    spec: TableSpec,
    *,
    every: Every | None = 1,
    at_end: bool = True,
) -> DomainPlan[TableComparisonResources]:
    """A subclass of artifact-experiment's `TableComparisonPlan`, as a plan of this package.

    Its hooks are read once and become a plan of ours, which is what runs: artifact-experiment's
    own `execute` stops at the first artifact that raises (`ArtifactPlan.execute` of 0.1.11), ours
    reports it and computes the rest. Results go to the trainer's tracking client like all others;
    the generated table is exported by the routine (`export_to=`). `every` holds for all kinds;
    `None` means only at the end.

    Raises `ConfigurationError`: a forgotten hook, a name or hyperparameters that artifact-core
    does not know, a cadence below 1, an override that would have no effect here.
    """
    return plan_of_hooks(
        TABLES,
        plan_class,
        "artifact_experiment.table_comparison.TableComparisonPlan",
        spec,
        every=every,
        at_end=at_end,
    )
