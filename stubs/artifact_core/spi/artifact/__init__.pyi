from artifact_core._base.core.artifact import Artifact
from artifact_core._base.core.hyperparams import NO_ARTIFACT_HYPERPARAMS, ArtifactHyperparams
from artifact_core._domains.classification.artifact import ClassificationArtifact  # type: ignore[import-untyped]
from artifact_core._domains.dataset_comparison.artifact import DatasetComparisonArtifact

__all__ = [
    "Artifact",
    "NO_ARTIFACT_HYPERPARAMS",
    "ArtifactHyperparams",
    "ClassificationArtifact",
    "DatasetComparisonArtifact",
]
