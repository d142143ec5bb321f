"""How to train any model of a project. Naming the contract as base brings the other hooks."""

from typing import TypedDict

import torch
from torch import Tensor

from artifact_torch.contracts import AnyModel, EarlyStopper, EpochState, TrainerRecipe
from artifact_torch.stopping.stoppers import EpochBoundStopper


class Points(TypedDict):
    x: Tensor  # [batch, 3]


class Fit(TypedDict):
    loss: Tensor  # []


class Recipe(TrainerRecipe[Points, Fit]):
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters(), lr=1e-3)

    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=100)


class WrongRecipe:
    def optimizer(self) -> type[torch.optim.Adam]:
        return torch.optim.Adam

    def early_stopper(self) -> int:
        return 100
