"""Callbacks that work for many models."""

from artifact_torch.callbacks.frozen import Frozen
from artifact_torch.callbacks.learning_rate import LearningRate
from artifact_torch.callbacks.loss import LossCallback
from artifact_torch.callbacks.memory import PeakMemory
from artifact_torch.callbacks.norms import GradientNorm, ParameterNorm
from artifact_torch.callbacks.outputs import OutputArrayCallback, OutputMeansCallback
from artifact_torch.callbacks.throughput import Throughput
from artifact_torch.callbacks.train_loss import TrainLoss

__all__ = [
    "Frozen",
    "GradientNorm",
    "LearningRate",
    "LossCallback",
    "OutputArrayCallback",
    "OutputMeansCallback",
    "ParameterNorm",
    "PeakMemory",
    "Throughput",
    "TrainLoss",
]
