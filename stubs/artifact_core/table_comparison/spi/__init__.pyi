from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import pandas as pd
from artifact_core._base.core.hyperparams import ArtifactHyperparams
from artifact_core._base.orchestration.registry import ArtifactRegistry
from artifact_core._base.typing.artifact_result import (
    Array,
    ArrayCollection,
    ArtifactResult,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_core._domains.dataset_comparison.artifact import DatasetComparisonArtifact
from artifact_core._domains.dataset_comparison.resources import DatasetComparisonArtifactResources
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonArrayType,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
)

__all__ = [
    "TabularDataSpecProtocol",
    "TableComparisonArray",
    "TableComparisonArrayCollection",
    "TableComparisonArtifact",
    "TableComparisonPlot",
    "TableComparisonPlotCollection",
    "TableComparisonScore",
    "TableComparisonScoreCollection",
    "TableComparisonArtifactResources",
    "TableComparisonArrayCollectionRegistry",
    "TableComparisonArrayRegistry",
    "TableComparisonPlotCollectionRegistry",
    "TableComparisonPlotRegistry",
    "TableComparisonScoreCollectionRegistry",
    "TableComparisonScoreRegistry",
]

_HyperparamsT = TypeVar("_HyperparamsT", bound=ArtifactHyperparams)
_ResultT = TypeVar("_ResultT", bound=ArtifactResult)

class TabularDataSpecProtocol(Protocol):
    @property
    def features(self) -> Sequence[str]: ...
    @property
    def n_features(self) -> int: ...
    @property
    def cts_features(self) -> Sequence[str]: ...
    @property
    def n_cts_features(self) -> int: ...
    @property
    def cts_dtypes(self) -> Mapping[str, type[Any]]: ...
    @property
    def cat_features(self) -> Sequence[str]: ...
    @property
    def n_cat_features(self) -> int: ...
    @property
    def cat_dtypes(self) -> Mapping[str, type[Any]]: ...
    @property
    def cat_unique_map(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def cat_unique_count_map(self) -> Mapping[str, int]: ...

TableComparisonArtifactResources: TypeAlias = DatasetComparisonArtifactResources[pd.DataFrame]

class TableComparisonArtifact(
    DatasetComparisonArtifact[pd.DataFrame, TabularDataSpecProtocol, _HyperparamsT, _ResultT],
    Generic[_HyperparamsT, _ResultT],
):
    @abstractmethod
    def _compare_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> _ResultT: ...
    def _validate_datasets(
        self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
    ) -> tuple[pd.DataFrame, pd.DataFrame]: ...

TableComparisonScore: TypeAlias = TableComparisonArtifact[_HyperparamsT, Score]
TableComparisonArray: TypeAlias = TableComparisonArtifact[_HyperparamsT, Array]
TableComparisonPlot: TypeAlias = TableComparisonArtifact[_HyperparamsT, Plot]
TableComparisonScoreCollection: TypeAlias = TableComparisonArtifact[_HyperparamsT, ScoreCollection]
TableComparisonArrayCollection: TypeAlias = TableComparisonArtifact[_HyperparamsT, ArrayCollection]
TableComparisonPlotCollection: TypeAlias = TableComparisonArtifact[_HyperparamsT, PlotCollection]

class TableComparisonScoreRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources, TabularDataSpecProtocol, TableComparisonScoreType, Score
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...

class TableComparisonArrayRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources, TabularDataSpecProtocol, TableComparisonArrayType, Array
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...

class TableComparisonPlotRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources, TabularDataSpecProtocol, TableComparisonPlotType, Plot
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...

class TableComparisonScoreCollectionRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources,
        TabularDataSpecProtocol,
        TableComparisonScoreCollectionType,
        ScoreCollection,
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...

class TableComparisonArrayCollectionRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources,
        TabularDataSpecProtocol,
        TableComparisonArrayCollectionType,
        ArrayCollection,
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...

class TableComparisonPlotCollectionRegistry(
    ArtifactRegistry[
        TableComparisonArtifactResources,
        TabularDataSpecProtocol,
        TableComparisonPlotCollectionType,
        PlotCollection,
    ]
):
    @classmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...
