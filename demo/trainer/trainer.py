"""The recipe: how every model of codes is trained here, whatever its architecture."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

from artifact_torch import (
    BatchLossCallback,
    BatchRoutine,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    per_epoch,
    score,
    track_best,
)
from artifact_torch.contracts import (
    AnyModel,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    EpochState,
    ModelTracker,
    Schedule,
    TrackingClient,
)
from demo.components.routines.batch import batch_routine
from demo.components.routines.loader import TRAIN_LOSS, train_loader_routine
from demo.config.config import TrainingConfig
from demo.model.io import TabularVAEInput, TabularVAEOutput


@final
@dataclass(frozen=True, kw_only=True)
class TabularVAERecipe:
    """A `TrainerRecipe[TabularVAEInput, TabularVAEOutput]`: it names no model class."""

    config: TrainingConfig
    on_device: torch.device | str
    checkpoint_folder: Path
    batch_loss: BatchLossCallback

    def optimizer(self, model: AnyModel, /) -> torch.optim.Adam:
        """Adam over all parameters."""
        return torch.optim.Adam(model.parameters(), lr=self.config.learning_rate)

    def scheduler(self, optimizer: torch.optim.Optimizer, /) -> Schedule | None:
        """None, or a cosine from the learning rate to 0 over all epochs."""
        if self.config.learning_rate_schedule == "constant":
            return None
        return per_epoch(CosineAnnealingLR(optimizer, T_max=self.config.max_n_epochs))

    def device(self) -> torch.device | str:
        """As asked for on the command line."""
        return self.on_device

    def early_stopper(self) -> EarlyStopper[EpochState]:
        """A fixed number of epochs."""
        return EpochBoundStopper(max_n_epochs=self.config.max_n_epochs)

    def model_tracker(self) -> ModelTracker[EpochState]:
        """The epoch with the lowest loss over the table."""
        return track_best(BestScoreTracker(mode="min"), by=score(TRAIN_LOSS))

    def checkpointer(self, _tracking_client: TrackingClient | None, /) -> Checkpointer:
        """The newest three checkpoints."""
        return FolderCheckpointer(self.checkpoint_folder, every=self.config.checkpoint_period)

    def batch_routine(
        self, _tracking_client: TrackingClient | None, /
    ) -> BatchRoutine[TabularVAEInput, TabularVAEOutput]:
        """The loss of every so many steps."""
        return batch_routine(self.batch_loss)

    def train_loader_routine(
        self, loader: BatchSource[TabularVAEInput], _tracking_client: TrackingClient | None, /
    ) -> DataLoaderRoutine[TabularVAEInput, TabularVAEOutput]:
        """The mean loss over the table."""
        return train_loader_routine(loader, every=self.config.train_loader_callback_period)

    def validation_loader_routine(
        self, _loader: BatchSource[TabularVAEInput], _tracking_client: TrackingClient | None, /
    ) -> None:
        """The demo holds no rows back."""
        return
