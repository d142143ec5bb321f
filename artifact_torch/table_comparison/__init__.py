"""Validate models of synthetic tables with artifact-core's comparisons."""

from artifact_torch.internal.extras import require
from artifact_torch.table_comparison.contracts import (
    AnyTableSynthesizer,
    TableComparisonResources,
    TableGenerator,
    TableSpec,
    TableSynthesizer,
)
from artifact_torch.table_comparison.experiment import experiment_plan
from artifact_torch.table_comparison.membership import Membership, membership
from artifact_torch.table_comparison.membership_plan import MembershipPlan
from artifact_torch.table_comparison.plan import TableComparisonPlan
from artifact_torch.table_comparison.routine import TableComparisonRoutine
from artifact_torch.table_comparison.scored import beside_ceilings
from artifact_torch.table_comparison.spec import table_spec
from artifact_torch.table_comparison.splits import Split

for _library in ("artifact_core", "matplotlib"):  # asked for here, loaded by the first comparison
    require(_library, extra="tables", thing="artifact_torch.table_comparison")

__all__ = [
    "AnyTableSynthesizer",
    "Membership",
    "MembershipPlan",
    "Split",
    "TableComparisonPlan",
    "TableComparisonResources",
    "TableComparisonRoutine",
    "TableGenerator",
    "TableSpec",
    "TableSynthesizer",
    "beside_ceilings",
    "experiment_plan",
    "membership",
    "table_spec",
]
