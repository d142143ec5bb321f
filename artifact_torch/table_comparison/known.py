"""artifact-core's own comparisons by name, so that a plan of names is made without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from artifact_torch.contracts import ResultKind

if TYPE_CHECKING:  # with seaborn, scikit-learn and SciPy: 1.1 seconds, 130 MiB
    from artifact_core.spi.orchestration import ArtifactType
    from artifact_core.table_comparison.spi import TabularDataSpecProtocol

_STATISTICS: Final = (
    *("MEAN", "STD", "VARIANCE", "MEDIAN"),
    *("FIRST_QUARTILE", "THIRD_QUARTILE", "MIN", "MAX"),
)

NAMES: Final[Mapping[ResultKind, frozenset[str]]] = MappingProxyType(
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


class Registry(Protocol):
    """The part of artifact-core's registries that is used."""

    def get(self, artifact_type: str, resource_spec: TabularDataSpecProtocol) -> object: ...


def member_types() -> Mapping[ResultKind, type[ArtifactType]]:
    """The enum of each kind. Loads artifact-core."""
    from artifact_core import table_comparison as core

    return {
        ResultKind.SCORE: core.TableComparisonScoreType,
        ResultKind.ARRAY: core.TableComparisonArrayType,
        ResultKind.PLOT: core.TableComparisonPlotType,
        ResultKind.SCORE_COLLECTION: core.TableComparisonScoreCollectionType,
        ResultKind.ARRAY_COLLECTION: core.TableComparisonArrayCollectionType,
        ResultKind.PLOT_COLLECTION: core.TableComparisonPlotCollectionType,
    }


def find(kind: ResultKind, name: str) -> object:
    """The artifact of a name. Raises artifact-core's `ValueError` for one nobody registered."""
    from artifact_core.table_comparison import TabularDataSpec

    return _registries()[kind].get(artifact_type=name, resource_spec=TabularDataSpec.build())


def _registries() -> Mapping[ResultKind, Registry]:
    from artifact_core.table_comparison import spi

    return {
        ResultKind.SCORE: spi.TableComparisonScoreRegistry,
        ResultKind.ARRAY: spi.TableComparisonArrayRegistry,
        ResultKind.PLOT: spi.TableComparisonPlotRegistry,
        ResultKind.SCORE_COLLECTION: spi.TableComparisonScoreCollectionRegistry,
        ResultKind.ARRAY_COLLECTION: spi.TableComparisonArrayCollectionRegistry,
        ResultKind.PLOT_COLLECTION: spi.TableComparisonPlotCollectionRegistry,
    }
