"""The recipe: how every model of codes is trained here, whatever its architecture."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol, final, runtime_checkable

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR

from artifact_torch import (
    AlternatingStep,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    OutputMeansCallback,
    Part,
    PatienceStopper,
    Schedule,
    StepBoundStopper,
    TrainLoss,
    averaged,
    ema,
    limited,
    per_step,
    planned,
    steps,
)
from artifact_torch.contracts import (
    BatchSource,
    EarlyStopper,
    Model,
    ModelOutput,
    RunState,
    TrainingStep,
    Turn,
)
from demo.config.config import TrainingConfig
from demo.model.io import TabularInput

TRAIN_LOSS = "train_loss"
VALIDATION_LOSS = "validation_loss"

_MOST_BATCHES = 40  # that the loss over the table is made of


@runtime_checkable
class Played(Protocol):
    """A model whose children are trained in turn, as generator and critic are."""

    def play(self, batch: TabularInput, turn: Turn, /) -> ModelOutput:
        """Gives each child its turn, by its name."""
        ...


@final
@dataclass(frozen=True, kw_only=True)
class TableRecipe:
    """A `TrainerRecipe` that names no model class, and of an output no more than its loss.

    `loss_terms` are keys of the model's output whose means over the table are kept beside the
    loss; a model whose loss has one term has none. `checkpoints` takes the place of the checkpointer
    of a run folder.
    """

    config: TrainingConfig
    device: torch.device | str
    loss_terms: tuple[str, ...] = ()
    checkpoints: FolderCheckpointer | None = None

    def step(
        self, model: Model[TabularInput, ModelOutput], /
    ) -> TrainingStep[TabularInput, ModelOutput]:
        """AdamW over all parameters; over each child by itself, of a model that is `Played`. With an
        average of the weights where one is asked for, which is what is looked at and kept.
        """
        step = self._plain_step(model)
        decay = self.config.average_decay
        return averaged(step, ema(decay)) if decay else step

    def stop(self) -> list[EarlyStopper[RunState]]:
        """A number of steps or epochs at most, and before it no better rows held out for a while."""
        config = self.config
        stop: list[EarlyStopper[RunState]] = []
        if config.max_n_steps is not None:
            stop.append(StepBoundStopper(max_n_steps=config.max_n_steps))
        if config.max_n_epochs is not None:
            stop.append(EpochBoundStopper(max_n_epochs=config.max_n_epochs))
        if config.validation_share:
            stop.append(PatienceStopper(VALIDATION_LOSS, patience=config.patience))
        return stop

    def best(self) -> BestScoreTracker:
        """The moment with the lowest loss over rows held out, or, without any, over the table."""
        return BestScoreTracker(VALIDATION_LOSS if self.config.validation_share else TRAIN_LOSS)

    def callbacks(self) -> list[TrainLoss]:
        """The loss over every so many steps, while they are made."""
        return [TrainLoss("batch_loss", every=steps(self.config.batch_loss_period))]

    def checkpointer(self) -> FolderCheckpointer | None:
        """None for that of the run folder, which is the trainer's."""
        return self.checkpoints

    def train_loader_routine(
        self, loader: BatchSource[TabularInput], /
    ) -> DataLoaderRoutine[TabularInput, ModelOutput]:
        """The mean loss over the table, of a large one over its first batches, and its terms."""
        terms = self.loss_terms
        return DataLoaderRoutine(
            limited(loader, _MOST_BATCHES),
            scores=[LossCallback(TRAIN_LOSS)],
            score_collections=[OutputMeansCallback("loss_terms", keys=terms)] if terms else [],
            every=self.config.train_loader_callback_period,
        )

    def validation_loader_routine(
        self, loader: BatchSource[TabularInput], /
    ) -> DataLoaderRoutine[TabularInput, ModelOutput]:
        """The mean loss over the rows held out, at most as much work as the steps between."""
        return DataLoaderRoutine(
            loader,
            scores=[LossCallback(VALIDATION_LOSS)],
            every=steps(max(self.config.validation_period, len(loader))),
        )

    def _plain_step(
        self, model: Model[TabularInput, ModelOutput]
    ) -> TrainingStep[TabularInput, ModelOutput]:
        config = self.config
        adam = partial(AdamW, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
        schedule = planned(_cosine) if config.learning_rate_schedule == "cosine" else None
        if isinstance(model, nn.Module) and isinstance(model, Played):
            parts = {
                name: Part(child, optimizer=adam, schedule=schedule)
                for name, child in model.named_children()
            }
            return AlternatingStep(model, play=model.play, parts=parts, device=self.device)
        return OptimizerStep(model, optimizer=adam, schedule=schedule, device=self.device)


def _cosine(optimizer: Optimizer, n_steps: int) -> Schedule:
    """From the learning rate to 0 over the whole run."""
    return per_step(CosineAnnealingLR(optimizer, T_max=n_steps))
