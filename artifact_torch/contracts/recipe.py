"""One set of hooks that trains every model of a domain."""

from typing import Protocol, runtime_checkable

import torch
from typing_extensions import TypeVar

from artifact_torch.contracts.callback import BatchCallback
from artifact_torch.contracts.checkpoint import Checkpointer
from artifact_torch.contracts.data import BatchSource
from artifact_torch.contracts.io import InT, ModelOutput
from artifact_torch.contracts.model import AnyModel
from artifact_torch.contracts.routine import LoaderRoutine
from artifact_torch.contracts.step import Schedule
from artifact_torch.contracts.stopping import EarlyStopper, EpochState, ModelTracker
from artifact_torch.contracts.tracking import TrackingClient

OutT_contra = TypeVar("OutT_contra", bound=ModelOutput, contravariant=True)


@runtime_checkable
class TrainerRecipe(Protocol[InT, OutT_contra]):
    """How to train any model that takes In and gives at least Out. Read by `Trainer.from_recipe`.

    Any class with these methods will do. One that names this protocol as its base inherits the
    defaults below and writes only `optimizer` and `early_stopper`.
    """

    def optimizer(self, model: AnyModel, /) -> torch.optim.Optimizer:
        """Built when the model is on its device; it may own a subset of the parameters."""
        ...

    def early_stopper(self) -> EarlyStopper[EpochState]:
        """When to stop; `stop_when` pairs a stopper with what it is told."""
        ...

    def scheduler(self, optimizer: torch.optim.Optimizer, /) -> Schedule | None:
        """For example `per_epoch(StepLR(optimizer, step_size=10))`."""
        return None

    def device(self) -> torch.device | str:
        """`"auto"`: an accelerator where there is one, else the CPU."""
        return "auto"

    def model_tracker(self) -> ModelTracker[EpochState] | None:
        """Which epoch is best; `track_best` pairs a tracker with its criterion."""
        return None

    def checkpointer(self, tracking_client: TrackingClient | None, /) -> Checkpointer | None:
        return None

    def batch_routine(
        self, tracking_client: TrackingClient | None, /
    ) -> BatchCallback[InT, OutT_contra] | None:
        return None

    def train_loader_routine(
        self, loader: BatchSource[InT], tracking_client: TrackingClient | None, /
    ) -> LoaderRoutine[InT, OutT_contra] | None:
        return None

    def validation_loader_routine(
        self, loader: BatchSource[InT], tracking_client: TrackingClient | None, /
    ) -> LoaderRoutine[InT, OutT_contra] | None:
        """Asked only when a validation loader was given."""
        return None
