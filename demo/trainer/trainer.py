"""The recipe: how every model of codes is trained here, whatever its architecture."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import final

import torch
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    OutputMeansCallback,
    Schedule,
    TrainLoss,
    per_epoch,
    steps,
)
from artifact_torch.contracts import BatchSource, Model, ModelOutput
from demo.config.config import TrainingConfig
from demo.model.io import TabularVAEInput

TRAIN_LOSS = "train_loss"


@final
@dataclass(frozen=True, kw_only=True)
class TableRecipe:
    """A `TrainerRecipe` that names no model class, and of an output no more than its loss.

    `loss_terms` are keys of the model's output whose means over the table are kept beside the
    loss; a model whose loss has one term has none.
    """

    config: TrainingConfig
    device: torch.device | str
    checkpoint_folder: Path
    loss_terms: tuple[str, ...] = ()

    def step(
        self, model: Model[TabularVAEInput, ModelOutput], /
    ) -> OptimizerStep[TabularVAEInput, ModelOutput]:
        """Adam over all parameters."""
        adam = partial(Adam, lr=self.config.learning_rate)
        return OptimizerStep(model, optimizer=adam, schedule=self._schedule, device=self.device)

    def stop(self) -> list[EpochBoundStopper]:
        """A fixed number of epochs."""
        return [EpochBoundStopper(max_n_epochs=self.config.max_n_epochs)]

    def best(self) -> BestScoreTracker:
        """The epoch with the lowest loss over the table."""
        return BestScoreTracker(TRAIN_LOSS)

    def callbacks(self) -> list[TrainLoss]:
        """The loss over every so many steps, while they are made."""
        return [TrainLoss("batch_loss", every=steps(self.config.batch_loss_period))]

    def checkpointer(self) -> FolderCheckpointer:
        """The newest three checkpoints."""
        return FolderCheckpointer(self.checkpoint_folder, every=self.config.checkpoint_period)

    def train_loader_routine(
        self, loader: BatchSource[TabularVAEInput], /
    ) -> DataLoaderRoutine[TabularVAEInput, ModelOutput]:
        """The mean loss over the table, and its terms."""
        terms = self.loss_terms
        return DataLoaderRoutine(
            loader,
            scores=[LossCallback(TRAIN_LOSS)],
            score_collections=[OutputMeansCallback("loss_terms", keys=terms)] if terms else [],
            every=self.config.train_loader_callback_period,
        )

    def validation_loader_routine(self, _loader: BatchSource[TabularVAEInput], /) -> None:
        """The demo holds no rows back."""

    def _schedule(self, optimizer: Optimizer) -> Schedule | None:
        """None, or a cosine from the learning rate to 0 over all epochs."""
        if self.config.learning_rate_schedule == "constant":
            return None
        return per_epoch(CosineAnnealingLR(optimizer, T_max=self.config.max_n_epochs))
