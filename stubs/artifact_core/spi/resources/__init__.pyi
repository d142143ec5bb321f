from dataclasses import dataclass
from typing import Generic, TypeVar

_DatasetT = TypeVar("_DatasetT")

@dataclass(frozen=True)
class ArtifactResources: ...

@dataclass(frozen=True)
class DatasetComparisonArtifactResources(ArtifactResources, Generic[_DatasetT]):
    dataset_real: _DatasetT
    dataset_synthetic: _DatasetT
