"""Callbacks that work for many models."""

from artifact_torch.callbacks.classification import Accuracy, ConfusionMatrix
from artifact_torch.callbacks.frozen import Frozen
from artifact_torch.callbacks.learning_rate import LearningRate
from artifact_torch.callbacks.loss import LossCallback
from artifact_torch.callbacks.memory import PeakMemory
from artifact_torch.callbacks.metric import MetricCallback, MetricResultCallback
from artifact_torch.callbacks.norms import GradientNorm, ParameterNorm
from artifact_torch.callbacks.outputs import OutputArrayCallback, OutputMeansCallback
from artifact_torch.callbacks.perplexity import Perplexity
from artifact_torch.callbacks.profile import Profile
from artifact_torch.callbacks.ranking import AUROC, AveragePrecision
from artifact_torch.callbacks.reading import HasLogits, HasPrediction, HasTarget, Pairs
from artifact_torch.callbacks.regression import MeanAbsoluteError, MeanSquaredError, R2Score
from artifact_torch.callbacks.throughput import Throughput
from artifact_torch.callbacks.train_loss import TrainLoss

__all__ = [
    "AUROC",
    "Accuracy",
    "AveragePrecision",
    "ConfusionMatrix",
    "Frozen",
    "GradientNorm",
    "HasLogits",
    "HasPrediction",
    "HasTarget",
    "LearningRate",
    "LossCallback",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MetricCallback",
    "MetricResultCallback",
    "OutputArrayCallback",
    "OutputMeansCallback",
    "Pairs",
    "ParameterNorm",
    "PeakMemory",
    "Perplexity",
    "Profile",
    "R2Score",
    "Throughput",
    "TrainLoss",
]
