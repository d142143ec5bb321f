"""Carries the results of a run to any tracking client; four of them.

The process that calls a client imports this package and does without torch.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifact_torch.tracking.csv_client import CsvClient as CsvClient
    from artifact_torch.tracking.mlflow import MLflowClient as MLflowClient
    from artifact_torch.tracking.recorder import RunRecorder as RunRecorder
    from artifact_torch.tracking.tensorboard import TensorBoardClient as TensorBoardClient
    from artifact_torch.tracking.wandb import WandbClient as WandbClient
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.tracking.csv_client": ("CsvClient",),
            "artifact_torch.tracking.mlflow": ("MLflowClient",),
            "artifact_torch.tracking.recorder": ("RunRecorder",),
            "artifact_torch.tracking.tensorboard": ("TensorBoardClient",),
            "artifact_torch.tracking.wandb": ("WandbClient",),
        },
    )
