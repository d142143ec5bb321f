"""Validate models of synthetic tables with artifact-core's comparisons."""

from artifact_torch.internal.extras import from_extra

with from_extra("tables", "artifact_torch.table_comparison"):
    from artifact_torch.table_comparison.contracts import (
        AnyTableSynthesizer,
        TableComparisonResources,
        TableGenerator,
        TableSpec,
        TableSynthesizer,
    )
    from artifact_torch.table_comparison.experiment_plan import ExperimentPlan
    from artifact_torch.table_comparison.plan import TableComparisonPlan
    from artifact_torch.table_comparison.routine import TableComparisonRoutine
    from artifact_torch.table_comparison.splits import Split

__all__ = [
    "AnyTableSynthesizer",
    "ExperimentPlan",
    "Split",
    "TableComparisonPlan",
    "TableComparisonResources",
    "TableComparisonRoutine",
    "TableGenerator",
    "TableSpec",
    "TableSynthesizer",
]
