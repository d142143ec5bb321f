"""Validate models that give each row the probability of one of two classes."""

from artifact_torch.binary_classification.artifacts import BINARY_CLASSIFICATION
from artifact_torch.binary_classification.contracts import (
    AnyBinaryClassifier,
    BinaryClassifier,
    BinaryPredictor,
)
from artifact_torch.binary_classification.experiment import experiment_plan
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.binary_classification.routine import binary_classification_routine
from artifact_torch.domain_kit import DomainPlan, DomainRoutine, LabelledSplit

__all__ = [
    "BINARY_CLASSIFICATION",
    "AnyBinaryClassifier",
    "BinaryClassificationResources",
    "BinaryClassifier",
    "BinaryPredictor",
    "DomainPlan",
    "DomainRoutine",
    "LabelledSplit",
    "binary_classification_routine",
    "experiment_plan",
]
