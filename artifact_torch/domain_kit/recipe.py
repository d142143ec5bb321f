"""A recipe for every model of every domain: it reads nothing but the loss."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, final

import torch
from torch import nn
from torch.optim import Adam, Optimizer

from artifact_torch.callbacks import LossCallback
from artifact_torch.contracts import (
    BatchCallback,
    BatchSource,
    EarlyStopper,
    Model,
    ModelOutput,
    RunState,
    StepCallback,
    TrainingStep,
)
from artifact_torch.contracts.io import InT
from artifact_torch.routines import DataLoaderRoutine
from artifact_torch.stepping.optimizer import OptimizerStep
from artifact_torch.stopping.best import BestScoreTracker
from artifact_torch.stopping.stoppers import EpochBoundStopper, PatienceStopper

_LOSS = "val_loss"


@final
@dataclass(frozen=True, kw_only=True)
class LossRecipe(Generic[InT]):
    """A `TrainerRecipe` that stops when the loss over the validation rows has not improved for
    `patience` epochs, and keeps the weights of the best one. It needs a validation loader.
    """

    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer] = Adam
    max_n_epochs: int = 100
    patience: int = 10
    device: torch.device | str = "auto"

    def step(self, model: Model[InT, ModelOutput], /) -> TrainingStep[InT, ModelOutput]:
        """One optimizer over all parameters."""
        return OptimizerStep(model, optimizer=self.optimizer, device=self.device)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        """The first that says so."""
        return [
            EpochBoundStopper(max_n_epochs=self.max_n_epochs),
            PatienceStopper(_LOSS, patience=self.patience),
        ]

    def best(self) -> BestScoreTracker:
        """The epoch with the lowest loss over the validation rows."""
        return BestScoreTracker(_LOSS)

    def callbacks(self) -> Sequence[BatchCallback[InT, ModelOutput] | StepCallback]:
        """None."""
        return ()

    def checkpointer(self) -> None:
        """That of the run folder, which is the trainer's."""

    def train_loader_routine(self, _loader: BatchSource[InT], /) -> None:
        """The loss over the training rows is the trainer's own score."""

    def validation_loader_routine(
        self, loader: BatchSource[InT], /
    ) -> DataLoaderRoutine[InT, ModelOutput]:
        """The mean loss over the validation rows, each epoch."""
        return DataLoaderRoutine(loader, scores=[LossCallback(_LOSS)])
