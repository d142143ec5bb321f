"""The recipe: how every model of codes is trained here, whatever its architecture."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol, final, runtime_checkable

import torch
from torch import nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR

from artifact_torch import (
    AlternatingStep,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    OutputMeansCallback,
    Part,
    Schedule,
    TrainLoss,
    per_epoch,
    steps,
)
from artifact_torch.contracts import BatchSource, Model, ModelOutput, TrainingStep, Turn
from demo.config.config import TrainingConfig
from demo.model.io import TabularVAEInput

TRAIN_LOSS = "train_loss"


@runtime_checkable
class Played(Protocol):
    """A model whose children are trained in turn, as generator and critic are."""

    def play(self, batch: TabularVAEInput, turn: Turn, /) -> ModelOutput:
        """Gives each child its turn, by its name."""
        ...


@final
@dataclass(frozen=True, kw_only=True)
class TableRecipe:
    """A `TrainerRecipe` that names no model class, and of an output no more than its loss.

    `loss_terms` are keys of the model's output whose means over the table are kept beside the
    loss; a model whose loss has one term has none.
    """

    config: TrainingConfig
    device: torch.device | str
    loss_terms: tuple[str, ...] = ()

    def step(
        self, model: Model[TabularVAEInput, ModelOutput], /
    ) -> TrainingStep[TabularVAEInput, ModelOutput]:
        """Adam over all parameters; over each child by itself, of a model that is `Played`."""
        adam = partial(Adam, lr=self.config.learning_rate, fused=True)
        if isinstance(model, nn.Module) and isinstance(model, Played):
            parts = {
                name: Part(child, optimizer=adam, schedule=self._schedule)
                for name, child in model.named_children()
            }
            return AlternatingStep(model, play=model.play, parts=parts, device=self.device)
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

    def checkpointer(self) -> None:
        """That of the run folder, which is the trainer's."""

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
