from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import pandas as pd
from artifact_core.table_comparison import (
    TableComparisonArrayType,
    TableComparisonArrayCollectionType,
    TableComparisonPlotType,
    TableComparisonPlotCollectionType,
    TableComparisonScoreType,
    TableComparisonScoreCollectionType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import (
    TableComparisonArtifactResources,
    TabularDataSpecProtocol,
)
from artifact_core.typing import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_experiment._base.components.plans.artifact import ArtifactPlanBuildContext  # type: ignore[import-untyped]
from artifact_experiment._base.primitives.data_split import DataSplit
from artifact_experiment._base.tracking.backend.client import TrackingClient

__all__ = [
    "TableComparisonArrayType",
    "TableComparisonArrayCollectionType",
    "TableComparisonPlotType",
    "TableComparisonPlotCollectionType",
    "TableComparisonScoreType",
    "TableComparisonScoreCollectionType",
    "TabularDataSpec",
    "TableComparisonPlan",
]

# Declared without its base, whose callbacks and handlers checkers do not see: mypy would take the
# base for Any, and believe every attribute.
class TableComparisonPlan(ABC):
    @classmethod
    def create(
        cls,
        resource_spec: TabularDataSpecProtocol,
        tracking_client: TrackingClient[Any] | None = None,
    ) -> Self: ...
    @classmethod
    def build(cls, context: ArtifactPlanBuildContext[TabularDataSpecProtocol]) -> Self: ...
    @property
    def scores(self) -> Mapping[str, Score]: ...
    @property
    def arrays(self) -> Mapping[str, Array]: ...
    @property
    def plots(self) -> Mapping[str, Plot]: ...
    @property
    def score_collections(self) -> Mapping[str, ScoreCollection]: ...
    @property
    def array_collections(self) -> Mapping[str, ArrayCollection]: ...
    @property
    def plot_collections(self) -> Mapping[str, PlotCollection]: ...
    @staticmethod
    @abstractmethod
    def _get_score_types() -> list[TableComparisonScoreType]: ...
    @staticmethod
    def _get_custom_score_types() -> Sequence[str]: ...
    @staticmethod
    @abstractmethod
    def _get_array_types() -> list[TableComparisonArrayType]: ...
    @staticmethod
    def _get_custom_array_types() -> Sequence[str]: ...
    @staticmethod
    @abstractmethod
    def _get_plot_types() -> list[TableComparisonPlotType]: ...
    @staticmethod
    def _get_custom_plot_types() -> Sequence[str]: ...
    @staticmethod
    @abstractmethod
    def _get_score_collection_types() -> list[TableComparisonScoreCollectionType]: ...
    @staticmethod
    def _get_custom_score_collection_types() -> Sequence[str]: ...
    @staticmethod
    @abstractmethod
    def _get_array_collection_types() -> list[TableComparisonArrayCollectionType]: ...
    @staticmethod
    def _get_custom_array_collection_types() -> Sequence[str]: ...
    @staticmethod
    @abstractmethod
    def _get_plot_collection_types() -> list[TableComparisonPlotCollectionType]: ...
    @staticmethod
    def _get_custom_plot_collection_types() -> Sequence[str]: ...
    def execute_artifacts(
        self, resources: TableComparisonArtifactResources, data_split: DataSplit | None = None
    ) -> None: ...
    def execute_table_comparison(
        self,
        dataset_real: pd.DataFrame,
        dataset_synthetic: pd.DataFrame,
        data_split: DataSplit | None = None,
    ) -> None: ...
    def clear_cache(self) -> None: ...
