"""artifact-core's comparisons of two given tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.extras import from_extra
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.isolation import figures_closed
from artifact_torch.table_comparison.known import NAMES
from artifact_torch.table_comparison.seen import gaps, kept_seen, spec_of
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

        spec = resources.spec
        real = kept_seen(resources.of_real, resources.df_real, spec)
        generated = kept_seen(resources.of_generated, resources.generated, spec)
        self._engine = TableComparisonEngine.build(resource_spec=spec_of(spec, real, generated))
        self._tables = {"dataset_real": real.table, "dataset_synthetic": generated.table}
        self._shared = Shared(
            real.table,
            generated.table,
            of_real=resources.of_real,
            of_generated=resources.of_generated,
            gaps=gaps(spec, real, generated),
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
