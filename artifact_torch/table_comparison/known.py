"""The comparisons by name, so that a plan of names is made without loading it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from artifact_torch.contracts import ResultKind
from artifact_torch.domain_kit.core import CoreDomain
from artifact_torch.table_comparison.contracts import TableComparisonResources

_STATISTICS: Final = (
    *("MEAN", "STD", "VARIANCE", "MEDIAN"),
    *("FIRST_QUARTILE", "THIRD_QUARTILE", "MIN", "MAX"),
)

CORE_NAMES: Final[Mapping[ResultKind, frozenset[str]]] = MappingProxyType(
    {
        ResultKind.SCORE: frozenset({"MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"}),
        ResultKind.ARRAY: frozenset(),
        ResultKind.PLOT: frozenset(
            {
                "PDF",
                "CDF",
                "DESCRIPTIVE_STATS_ALIGNMENT",
                *(f"{each}_ALIGNMENT" for each in _STATISTICS),
                "CORRELATION_HEATMAP_JUXTAPOSITION",
                "PCA_JUXTAPOSITION",
                "TRUNCATED_SVD_JUXTAPOSITION",
                "TSNE_JUXTAPOSITION",
            }
        ),
        ResultKind.SCORE_COLLECTION: frozenset({"JS_DISTANCE"}),
        ResultKind.ARRAY_COLLECTION: frozenset(f"{each}_JUXTAPOSITION" for each in _STATISTICS),
        ResultKind.PLOT_COLLECTION: frozenset({"PDF", "CDF", "CORRELATION_HEATMAPS"}),
    }
)
"""The members of the enums of artifact-core 0.2.1, the one version that `tables` installs."""

OWN_NAMES: Final[Mapping[ResultKind, frozenset[str]]] = MappingProxyType(
    {
        ResultKind.SCORE: frozenset[str](),
        ResultKind.ARRAY: frozenset[str](),
        ResultKind.PLOT: frozenset({"DISTRIBUTIONS", "CORRELATION_DIFFERENCE"}),
        ResultKind.SCORE_COLLECTION: frozenset(
            {"MISSING_DIFFERENCE", "UNKNOWN_DIFFERENCE", "CEILINGS"}
        ),
        ResultKind.ARRAY_COLLECTION: frozenset[str](),
        ResultKind.PLOT_COLLECTION: frozenset({"DISTRIBUTIONS"}),
    }
)
"""What artifact-core does not have, and is made in `own`."""

NAMES: Final[Mapping[ResultKind, frozenset[str]]] = MappingProxyType(
    {kind: CORE_NAMES[kind] | OWN_NAMES[kind] for kind in ResultKind}
)
"""All that a plan may list without registering it."""


CORE: Final = CoreDomain(module="artifact_core.table_comparison", prefix="TableComparison")
"""Its enums, registries and bases of custom artifacts."""


def find(kind: ResultKind, name: str) -> object:
    """The artifact of a name. Raises artifact-core's `ValueError` for one nobody registered."""
    from artifact_core.table_comparison import TabularDataSpec

    return CORE.registry(kind).get(artifact_type=name, resource_spec=TabularDataSpec.build())


def adapted(
    kind: ResultKind, function: Callable[[TableComparisonResources], object]
) -> type[object]:
    """The artifact of artifact-core that computes a function of two tables.

    Any: artifact-core's own classes, whose types hang on the kind.
    """

    def compared(artifact: Any, dataset_real: Any, dataset_synthetic: Any) -> object:
        return function(
            TableComparisonResources(
                spec=artifact.resource_spec, df_real=dataset_real, generated=dataset_synthetic
            )
        )

    return CORE.custom(kind, "_compare_datasets", compared)
