"""Callbacks that work for many models."""

from artifact_torch.callbacks.loss import LossCallback
from artifact_torch.callbacks.outputs import OutputArrayCallback, OutputMeansCallback
from artifact_torch.callbacks.scores.classification import Accuracy, ConfusionMatrix
from artifact_torch.callbacks.scores.metric import MetricCallback, MetricResultCallback
from artifact_torch.callbacks.scores.perplexity import Perplexity
from artifact_torch.callbacks.scores.ranking import AUROC, AveragePrecision
from artifact_torch.callbacks.scores.reading import HasLogits, HasPrediction, HasTarget, Pairs
from artifact_torch.callbacks.scores.regression import MeanAbsoluteError, MeanSquaredError, R2Score
from artifact_torch.callbacks.training.frozen import Frozen
from artifact_torch.callbacks.training.learning_rate import LearningRate
from artifact_torch.callbacks.training.memory import PeakMemory
from artifact_torch.callbacks.training.norms import GradientNorm, ParameterNorm
from artifact_torch.callbacks.training.profile import Profile
from artifact_torch.callbacks.training.throughput import Throughput
from artifact_torch.callbacks.training.train_loss import TrainLoss

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
