from abc import abstractmethod
from typing import Generic, TypeVar

from artifact_core._base.core.artifact import Artifact
from artifact_core._base.core.hyperparams import ArtifactHyperparams
from artifact_core._base.core.resource_spec import ResourceSpecProtocol
from artifact_core._base.typing.artifact_result import ArtifactResult
from artifact_core._domains.dataset_comparison.resources import (
    DatasetComparisonArtifactResources as DatasetComparisonArtifactResources,
)

DatasetT = TypeVar("DatasetT")
ResourceSpecProtocolT = TypeVar("ResourceSpecProtocolT", bound=ResourceSpecProtocol)
ArtifactHyperparamsT = TypeVar("ArtifactHyperparamsT", bound=ArtifactHyperparams)
ArtifactResultT = TypeVar("ArtifactResultT", bound=ArtifactResult)

class DatasetComparisonArtifact(
    Artifact[
        DatasetComparisonArtifactResources[DatasetT],
        ResourceSpecProtocolT,
        ArtifactHyperparamsT,
        ArtifactResultT,
    ],
    Generic[DatasetT, ResourceSpecProtocolT, ArtifactHyperparamsT, ArtifactResultT],
):
    @abstractmethod
    def _compare_datasets(
        self, dataset_real: DatasetT, dataset_synthetic: DatasetT
    ) -> ArtifactResultT: ...
    @abstractmethod
    def _validate_datasets(
        self, dataset_real: DatasetT, dataset_synthetic: DatasetT
    ) -> tuple[DatasetT, DatasetT]: ...
    def _compute(
        self, resources: DatasetComparisonArtifactResources[DatasetT]
    ) -> ArtifactResultT: ...
    def _validate(
        self, resources: DatasetComparisonArtifactResources[DatasetT]
    ) -> DatasetComparisonArtifactResources[DatasetT]: ...
