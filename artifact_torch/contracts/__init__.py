"""Every contract of the toolkit, each a `typing.Protocol`, with the records they exchange."""

from artifact_torch.contracts.callback import BatchCallback, LoaderCallback
from artifact_torch.contracts.checkpoint import Checkpointer, Stateful
from artifact_torch.contracts.data import BatchDataset, BatchSource, Dataset, IterableDataset
from artifact_torch.contracts.io import InT, ModelInput, ModelOutput, OutT
from artifact_torch.contracts.model import AnyModel, Model
from artifact_torch.contracts.recipe import TrainerRecipe
from artifact_torch.contracts.routine import (
    ArtifactPlan,
    ArtifactResults,
    ArtifactRoutine,
    Failure,
    LoaderRoutine,
    Moment,
    Result,
    ResultKind,
    ResultName,
    Results,
)
from artifact_torch.contracts.step import (
    Optimizer,
    Scheduler,
    ScoreScheduler,
    TrainingStep,
)
from artifact_torch.contracts.stopping import (
    Bounded,
    EarlyStopper,
    EpochState,
    ModelTracker,
    Monitor,
    StopperUpdateData,
)
from artifact_torch.contracts.tracking import TrackingClient

__all__ = [
    "AnyModel",
    "ArtifactPlan",
    "ArtifactResults",
    "ArtifactRoutine",
    "BatchCallback",
    "BatchDataset",
    "BatchSource",
    "Bounded",
    "Checkpointer",
    "Dataset",
    "EarlyStopper",
    "EpochState",
    "Failure",
    "InT",
    "IterableDataset",
    "LoaderCallback",
    "LoaderRoutine",
    "Model",
    "ModelInput",
    "ModelOutput",
    "ModelTracker",
    "Moment",
    "Monitor",
    "Optimizer",
    "OutT",
    "Result",
    "ResultKind",
    "ResultName",
    "Results",
    "Scheduler",
    "ScoreScheduler",
    "Stateful",
    "StopperUpdateData",
    "TrackingClient",
    "TrainerRecipe",
    "TrainingStep",
]
