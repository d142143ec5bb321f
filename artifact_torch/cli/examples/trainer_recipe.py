"""How to train any model of a project. Naming the contract as base brings the other hooks."""

from collections.abc import Sequence
from functools import partial
from typing import TypedDict

import torch
from torch import Tensor

from artifact_torch import EpochBoundStopper, OptimizerStep
from artifact_torch.contracts import EarlyStopper, Model, RunState, TrainerRecipe, TrainingStep


class Points(TypedDict):
    x: Tensor  # [batch, 3]


class Fit(TypedDict):
    loss: Tensor  # []


class Recipe(TrainerRecipe[Points, Fit]):
    def step(self, model: Model[Points, Fit]) -> TrainingStep[Points, Fit]:
        return OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3))

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=100)]


class WrongRecipe:
    def step(self) -> type[torch.optim.Adam]:
        return torch.optim.Adam

    def stop(self) -> int:
        return 100
