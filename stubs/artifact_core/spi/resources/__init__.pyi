from artifact_core._base.core.resource_spec import (
    NO_RESOURCE_SPEC,
    NoResourceSpec,
    ResourceSpecProtocol,
)
from artifact_core._base.core.resources import ArtifactResources
from artifact_core._domains.classification.resources import ClassificationArtifactResources  # type: ignore[import-untyped]
from artifact_core._domains.dataset_comparison.resources import DatasetComparisonArtifactResources

__all__ = [
    "NO_RESOURCE_SPEC",
    "NoResourceSpec",
    "ResourceSpecProtocol",
    "ArtifactResources",
    "ClassificationArtifactResources",
    "DatasetComparisonArtifactResources",
]
