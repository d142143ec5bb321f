"""Validate models that give each row a probability for each of several classes."""

from artifact_torch.domain_kit import DomainPlan, DomainRoutine, LabelledSplit
from artifact_torch.multiclass_classification.artifacts import (
    MULTICLASS_CLASSIFICATION,
    MulticlassClassificationResources,
)
from artifact_torch.multiclass_classification.contracts import (
    AnyMulticlassClassifier,
    MulticlassClassifier,
    MulticlassPredictor,
)
from artifact_torch.multiclass_classification.routine import multiclass_classification_routine

__all__ = [
    "MULTICLASS_CLASSIFICATION",
    "AnyMulticlassClassifier",
    "DomainPlan",
    "DomainRoutine",
    "LabelledSplit",
    "MulticlassClassificationResources",
    "MulticlassClassifier",
    "MulticlassPredictor",
    "multiclass_classification_routine",
]
