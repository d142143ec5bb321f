"""Validate models that give each row a probability for each of several classes."""

from artifact_torch.domain_kit import DomainPlan, LabelledSplit
from artifact_torch.multiclass_classification.artifacts import (
    MULTICLASS_CLASSIFICATION,
    MulticlassClassificationResources,
)
from artifact_torch.multiclass_classification.contracts import (
    AnyMulticlassClassifier,
    MulticlassClassifier,
    MulticlassPredictor,
)
from artifact_torch.multiclass_classification.routine import MulticlassClassificationRoutine

__all__ = [
    "MULTICLASS_CLASSIFICATION",
    "AnyMulticlassClassifier",
    "DomainPlan",
    "LabelledSplit",
    "MulticlassClassificationResources",
    "MulticlassClassificationRoutine",
    "MulticlassClassifier",
    "MulticlassPredictor",
]
