"""Train, validate, checkpoint and track any `nn.Module` whose methods satisfy a contract."""

from artifact_torch.callbacks import (
    BatchLossCallback,
    LossCallback,
    OutputArrayCallback,
    OutputMeansCallback,
)
from artifact_torch.checkpoint import FolderCheckpointer
from artifact_torch.data import DataLoader, TensorTable, TorchLoader, collated
from artifact_torch.errors import (
    ArtifactTorchError,
    CheckpointError,
    ConfigurationError,
    ContractError,
    DataError,
    LossError,
    ValidationError,
)
from artifact_torch.result import TrainingResult, TrainingSeconds
from artifact_torch.routines import BatchRoutine, DataLoaderRoutine, bind
from artifact_torch.schedules import by_score, per_epoch, per_step
from artifact_torch.scores import score
from artifact_torch.steps import OptimizerStep
from artifact_torch.stopping import AnyStopper, EpochBoundStopper, PatienceStopper, stop_when
from artifact_torch.tracking import BestScoreTracker, track_best
from artifact_torch.trainer import Trainer

__all__ = [
    "AnyStopper",
    "ArtifactTorchError",
    "BatchLossCallback",
    "BatchRoutine",
    "BestScoreTracker",
    "CheckpointError",
    "ConfigurationError",
    "ContractError",
    "DataError",
    "DataLoader",
    "DataLoaderRoutine",
    "EpochBoundStopper",
    "FolderCheckpointer",
    "LossCallback",
    "LossError",
    "OptimizerStep",
    "OutputArrayCallback",
    "OutputMeansCallback",
    "PatienceStopper",
    "TensorTable",
    "TorchLoader",
    "Trainer",
    "TrainingResult",
    "TrainingSeconds",
    "ValidationError",
    "bind",
    "by_score",
    "collated",
    "per_epoch",
    "per_step",
    "score",
    "stop_when",
    "track_best",
]
