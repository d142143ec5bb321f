"""Callbacks that work for many models."""

from artifact_torch.callbacks.classification import Accuracy, ConfusionMatrix
from artifact_torch.callbacks.loss import BatchLossCallback, LossCallback
from artifact_torch.callbacks.metric import MetricCallback, MetricResultCallback
from artifact_torch.callbacks.outputs import OutputArrayCallback, OutputMeansCallback
from artifact_torch.callbacks.perplexity import Perplexity
from artifact_torch.callbacks.ranking import AUROC, AveragePrecision
from artifact_torch.callbacks.reading import HasLogits, HasPrediction, HasTarget, Pairs
from artifact_torch.callbacks.regression import MeanAbsoluteError, MeanSquaredError, R2Score

__all__ = [
    "AUROC",
    "Accuracy",
    "AveragePrecision",
    "BatchLossCallback",
    "ConfusionMatrix",
    "HasLogits",
    "HasPrediction",
    "HasTarget",
    "LossCallback",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MetricCallback",
    "MetricResultCallback",
    "OutputArrayCallback",
    "OutputMeansCallback",
    "Pairs",
    "Perplexity",
    "R2Score",
]
