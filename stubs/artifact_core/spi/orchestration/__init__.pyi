from artifact_core._base.orchestration.engine import ArtifactEngine
from artifact_core._base.orchestration.registry import ArtifactRegistry
from artifact_core._base.primitives.artifact_type import ArtifactType
from artifact_core._domains.classification.engine import ClassificationEngine  # type: ignore[import-untyped]
from artifact_core._domains.classification.registry import ClassificationArtifactRegistry  # type: ignore[import-untyped]
from artifact_core._domains.dataset_comparison.engine import DatasetComparisonEngine
from artifact_core._domains.dataset_comparison.registry import DatasetComparisonArtifactRegistry

__all__ = [
    "ArtifactEngine",
    "ArtifactRegistry",
    "ArtifactType",
    "ClassificationEngine",
    "ClassificationArtifactRegistry",
    "DatasetComparisonEngine",
    "DatasetComparisonArtifactRegistry",
]
