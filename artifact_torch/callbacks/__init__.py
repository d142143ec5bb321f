"""Callbacks that work for many models."""

from artifact_torch.callbacks.loss import BatchLossCallback, LossCallback
from artifact_torch.callbacks.outputs import OutputArrayCallback, OutputMeansCallback

__all__ = ["BatchLossCallback", "LossCallback", "OutputArrayCallback", "OutputMeansCallback"]
