"""Two tables that are compared, as every artifact takes them."""

from dataclasses import dataclass
from typing import final

from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec
from artifact_torch.table_comparison.seen import Gaps, Seen
from artifact_torch.table_comparison.shared import Shared


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """Both tables as they are seen, and what of them is shared."""

    resources: TableComparisonResources
    spec: TableSpec
    real: Seen
    generated: Seen
    gaps: Gaps
    shared: Shared


def compared(
    resources: TableComparisonResources,
    spec: TableSpec,
    real: Seen,
    generated: Seen,
    found: Gaps,
) -> Compared:
    """They share what artifact-core needs of them more than once."""
    shared = Shared(
        real.table,
        generated.table,
        of_real=resources.of_real,
        of_generated=resources.of_generated,
        gaps=found,
    )
    return Compared(
        resources=resources, spec=spec, real=real, generated=generated, gaps=found, shared=shared
    )
