from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pandas as pd
from artifact_core._base.orchestration.registry import ArtifactRegistry
from artifact_core._base.primitives.artifact_type import ArtifactType
from artifact_core._base.typing.artifact_result import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_core._domains.dataset_comparison.engine import DatasetComparisonEngine
from artifact_core._domains.dataset_comparison.resources import DatasetComparisonArtifactResources
from artifact_core._interfaces.serializable import Serializable
from artifact_core.table_comparison.spi import TabularDataSpecProtocol

__all__ = [
    "TabularDataSpec",
    "TableComparisonEngine",
    "TableComparisonArrayCollectionType",
    "TableComparisonArrayType",
    "TableComparisonPlotCollectionType",
    "TableComparisonPlotType",
    "TableComparisonScoreCollectionType",
    "TableComparisonScoreType",
]

class TableComparisonScoreType(ArtifactType):
    MEAN_JS_DISTANCE = "mean_js_distance"
    CORRELATION_DISTANCE = "correlation_distance"

class TableComparisonArrayType(ArtifactType):  # type: ignore[misc]  # no members, as in the library
    ...

class TableComparisonPlotType(ArtifactType):
    PDF = "pdf"
    CDF = "cdf"
    DESCRIPTIVE_STATS_ALIGNMENT = "descriptive_stats_alignment_plot"
    MEAN_ALIGNMENT = "mean_alignment_plot"
    STD_ALIGNMENT = "std_alignment_plot"
    VARIANCE_ALIGNMENT = "variance_alignment_plot"
    MEDIAN_ALIGNMENT = "median_alignment_plot"
    FIRST_QUARTILE_ALIGNMENT = "first_quartile_alignment_plot"
    THIRD_QUARTILE_ALIGNMENT = "third_quartile_alignment_plot"
    MIN_ALIGNMENT = "min_alignment_plot"
    MAX_ALIGNMENT = "max_alignment_plot"
    CORRELATION_HEATMAP_JUXTAPOSITION = "correlation_heatmap_juxtaposition"
    PCA_JUXTAPOSITION = "pca_juxtaposition"
    TRUNCATED_SVD_JUXTAPOSITION = "truncated_svd_juxtaposition"
    TSNE_JUXTAPOSITION = "tsne_juxtaposition"

class TableComparisonScoreCollectionType(ArtifactType):
    JS_DISTANCE = "js_distance"

class TableComparisonArrayCollectionType(ArtifactType):
    MEAN_JUXTAPOSITION = "mean_juxtaposition"
    STD_JUXTAPOSITION = "std_juxtaposition"
    VARIANCE_JUXTAPOSITION = "variance_juxtaposition"
    MEDIAN_JUXTAPOSITION = "median_juxtaposition"
    FIRST_QUARTILE_JUXTAPOSITION = "first_quartile_juxtaposition"
    THIRD_QUARTILE_JUXTAPOSITION = "third_quartile_juxtaposition"
    MIN_JUXTAPOSITION = "min_juxtaposition"
    MAX_JUXTAPOSITION = "max_juxtaposition"

class TableComparisonPlotCollectionType(ArtifactType):
    PDF = "pdf"
    CDF = "cdf"
    CORRELATION_HEATMAPS = "correlation_heatmaps"

class TabularDataSpec(Serializable, TabularDataSpecProtocol):
    def __init__(
        self,
        cts_feature_specs: Mapping[str, Any],
        cat_feature_specs: Mapping[str, Any],
        features_order: Sequence[str],
    ) -> None: ...
    @classmethod
    def from_df(
        cls,
        df: pd.DataFrame,
        cts_features: Sequence[str] | None = None,
        cat_features: Sequence[str] | None = None,
    ) -> Self: ...
    @classmethod
    def build(
        cls, cts_features: Sequence[str] | None = None, cat_features: Sequence[str] | None = None
    ) -> Self: ...
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
    def cat_unique_map(self) -> Mapping[str, list[str]]: ...
    @property
    def cat_unique_count_map(self) -> Mapping[str, int]: ...
    @property
    def seq_n_cat(self) -> Sequence[int]: ...
    def fit(self, df: pd.DataFrame) -> None: ...
    def get_unique_categories(self, feature_name: str) -> list[str]: ...
    def get_n_unique_categories(self, feature_name: str) -> int: ...
    def export(self, filepath: Path) -> None: ...
    @classmethod
    def load(cls, filepath: Path) -> Self: ...
    def to_dict(self) -> dict[str, Any]: ...
    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self: ...

class TableComparisonEngine(
    DatasetComparisonEngine[
        pd.DataFrame,
        TabularDataSpecProtocol,
        TableComparisonScoreType,
        TableComparisonArrayType,
        TableComparisonPlotType,
        TableComparisonScoreCollectionType,
        TableComparisonArrayCollectionType,
        TableComparisonPlotCollectionType,
    ]
):
    @classmethod
    def _get_score_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonScoreType,
            Score,
        ]
    ]: ...
    @classmethod
    def _get_array_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonArrayType,
            Array,
        ]
    ]: ...
    @classmethod
    def _get_plot_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonPlotType,
            Plot,
        ]
    ]: ...
    @classmethod
    def _get_score_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonScoreCollectionType,
            ScoreCollection,
        ]
    ]: ...
    @classmethod
    def _get_array_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonArrayCollectionType,
            ArrayCollection,
        ]
    ]: ...
    @classmethod
    def _get_plot_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            DatasetComparisonArtifactResources[pd.DataFrame],
            TabularDataSpecProtocol,
            TableComparisonPlotCollectionType,
            PlotCollection,
        ]
    ]: ...
