from abc import ABCMeta
from typing import Generic, TypeVar

from artifact_core._base.core.resource_spec import ResourceSpecProtocol
from artifact_core._base.orchestration.engine import ArtifactEngine
from artifact_core._base.primitives.artifact_type import ArtifactType
from artifact_core._base.typing.artifact_result import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_core._domains.dataset_comparison.resources import DatasetComparisonArtifactResources

DatasetT = TypeVar("DatasetT")
ResourceSpecProtocolT = TypeVar("ResourceSpecProtocolT", bound=ResourceSpecProtocol)
ScoreTypeT = TypeVar("ScoreTypeT", bound=ArtifactType)
ArrayTypeT = TypeVar("ArrayTypeT", bound=ArtifactType)
PlotTypeT = TypeVar("PlotTypeT", bound=ArtifactType)
ScoreCollectionTypeT = TypeVar("ScoreCollectionTypeT", bound=ArtifactType)
ArrayCollectionTypeT = TypeVar("ArrayCollectionTypeT", bound=ArtifactType)
PlotCollectionTypeT = TypeVar("PlotCollectionTypeT", bound=ArtifactType)

class DatasetComparisonEngine(
    ArtifactEngine[
        DatasetComparisonArtifactResources[DatasetT],
        ResourceSpecProtocolT,
        ScoreTypeT,
        ArrayTypeT,
        PlotTypeT,
        ScoreCollectionTypeT,
        ArrayCollectionTypeT,
        PlotCollectionTypeT,
    ],
    Generic[
        DatasetT,
        ResourceSpecProtocolT,
        ScoreTypeT,
        ArrayTypeT,
        PlotTypeT,
        ScoreCollectionTypeT,
        ArrayCollectionTypeT,
        PlotCollectionTypeT,
    ],
    metaclass=ABCMeta,
):
    def produce_dataset_comparison_score(
        self,
        score_type: ScoreTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> Score: ...
    def produce_dataset_comparison_array(
        self,
        array_type: ArrayTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> Array: ...
    def produce_dataset_comparison_plot(
        self,
        plot_type: PlotTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> Plot: ...
    def produce_dataset_comparison_score_collection(
        self,
        score_collection_type: ScoreCollectionTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> ScoreCollection: ...
    def produce_dataset_comparison_array_collection(
        self,
        array_collection_type: ArrayCollectionTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> ArrayCollection: ...
    def produce_dataset_comparison_plot_collection(
        self,
        plot_collection_type: PlotCollectionTypeT | str,
        dataset_real: DatasetT,
        dataset_synthetic: DatasetT,
    ) -> PlotCollection: ...
