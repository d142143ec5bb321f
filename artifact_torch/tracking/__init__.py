"""Carries the results of a run to any tracking client; four of them."""

from artifact_torch.tracking.csv_client import CsvClient
from artifact_torch.tracking.mlflow import MLflowClient
from artifact_torch.tracking.recorder import RunRecorder
from artifact_torch.tracking.tensorboard import TensorBoardClient
from artifact_torch.tracking.wandb import WandbClient

__all__ = ["CsvClient", "MLflowClient", "RunRecorder", "TensorBoardClient", "WandbClient"]
