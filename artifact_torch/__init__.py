"""Train, validate, checkpoint and track any `nn.Module` whose methods satisfy a contract.

Importing the package loads nothing else: each name brings its module when it is first asked for.
"""

TYPE_CHECKING = False  # a checker takes it for true; to import typing for it takes 8 ms

if TYPE_CHECKING:
    from artifact_torch.callbacks import (
        BatchLossCallback,
        LossCallback,
        OutputArrayCallback,
        OutputMeansCallback,
    )
    from artifact_torch.checkpoints.folder import FolderCheckpointer
    from artifact_torch.data import DataLoader, TensorTable, TorchLoader, collated
    from artifact_torch.errors import (
        ArtifactTorchError,
        CheckpointError,
        ConfigurationError,
        ContractError,
        DataError,
        LossError,
        MissingExtraError,
        ValidationError,
    )
    from artifact_torch.routines import BatchRoutine, DataLoaderRoutine, bind
    from artifact_torch.steps.optimizer import OptimizerStep
    from artifact_torch.steps.schedules import by_score, per_epoch, per_step
    from artifact_torch.stopping.best import BestScoreTracker, track_best
    from artifact_torch.stopping.scores import score
    from artifact_torch.stopping.stoppers import (
        AnyStopper,
        EpochBoundStopper,
        PatienceStopper,
        stop_when,
    )
    from artifact_torch.trainer.result import TrainingResult, TrainingSeconds
    from artifact_torch.trainer.trainer import Trainer

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
    "MissingExtraError",
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

if not TYPE_CHECKING:  # a checker would take any name for one of the package
    from artifact_torch.internal.lazy import lazy

    __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.callbacks": (
                "BatchLossCallback",
                "LossCallback",
                "OutputArrayCallback",
                "OutputMeansCallback",
            ),
            "artifact_torch.checkpoints.folder": ("FolderCheckpointer",),
            "artifact_torch.data": ("DataLoader", "TensorTable", "TorchLoader", "collated"),
            "artifact_torch.errors": (
                "ArtifactTorchError",
                "CheckpointError",
                "ConfigurationError",
                "ContractError",
                "DataError",
                "LossError",
                "MissingExtraError",
                "ValidationError",
            ),
            "artifact_torch.routines": ("BatchRoutine", "DataLoaderRoutine", "bind"),
            "artifact_torch.steps.optimizer": ("OptimizerStep",),
            "artifact_torch.steps.schedules": ("by_score", "per_epoch", "per_step"),
            "artifact_torch.stopping.best": ("BestScoreTracker", "track_best"),
            "artifact_torch.stopping.scores": ("score",),
            "artifact_torch.stopping.stoppers": (
                "AnyStopper",
                "EpochBoundStopper",
                "PatienceStopper",
                "stop_when",
            ),
            "artifact_torch.trainer.result": ("TrainingResult", "TrainingSeconds"),
            "artifact_torch.trainer.trainer": ("Trainer",),
        },
    )
