"""A step over one or several processes, for what does not depend on how they share it."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
from torch import nn, optim

from artifact_torch import OptimizerStep
from artifact_torch.stepping.schedules import Schedule
from tests.toys import Fit, Points

SGD = partial(optim.SGD, lr=0.05)

Kind = Literal["ddp", "fsdp"]


class Line(nn.Module):
    """Without dropout, of which each rank draws its own."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))

    def forward(self, points: Points) -> Fit:
        residual: torch.Tensor = self.layers(points["x"]) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def step_of(
    model: Line, kind: Kind = "ddp", *, schedule: Callable[[optim.SGD], Schedule] | None = None
) -> OptimizerStep[Points, Fit]:
    """Alone, it is as if `kind` were not given."""
    return OptimizerStep(model, optimizer=SGD, device="cpu", parallel=kind, schedule=schedule)
