"""artifact-core's comparisons of two given tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import ResultKind
from artifact_torch.domain_kit import Domain
from artifact_torch.domain_kit.domain import Compute
from artifact_torch.domain_kit.isolation import figures_closed
from artifact_torch.internal.extras import from_extra
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.known import CORE, NAMES, adapted, find
from artifact_torch.table_comparison.shared import Shared

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType


@final
class Comparison:
    """Computes one artifact at a time; raises whatever the artifact raises. What several of
    artifact-core's own need is made once, and none of their figures is ever pyplot's.
    """

    def __init__(self, resources: TableComparisonResources) -> None:
        with from_extra("tables", "a table comparison"):  # with the first, not with the package
            from artifact_core.table_comparison import TableComparisonEngine

        self._engine = TableComparisonEngine.build(resource_spec=resources.spec)
        self._tables = {
            "dataset_real": resources.df_real,
            "dataset_synthetic": resources.generated,
        }
        self._shared = Shared(
            resources.df_real,
            resources.generated,
            of_real=resources.of_real,
            of_generated=resources.of_generated,
        )

    def compute(self, kind: ResultKind, member: ArtifactType | str) -> object:
        """The value of one artifact, of the type that its kind has."""
        from artifact_torch.table_comparison.core_parts import computing  # with matplotlib

        # a custom artifact may change the tables that it is given, and use pyplot
        is_custom = isinstance(member, str) and member not in NAMES[kind]
        # the engine has one method a kind: produce_dataset_comparison_score(score_type=...), ...
        produce: Callable[..., object] = getattr(
            self._engine, f"produce_dataset_comparison_{kind.value}"
        )
        with figures_closed() if is_custom else computing(self._shared):
            return produce(**{f"{kind.value}_type": member}, **self._tables)


def _computing(resources: TableComparisonResources) -> Compute:
    return Comparison(resources).compute


TABLES = Domain(
    names=dict(NAMES),
    computing=_computing,
    find=find,
    registry=CORE.registry,
    adapted=adapted,
    enums=CORE.enums,
)
"""The comparisons of two tables that a plan may list."""
