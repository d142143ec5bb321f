"""A regression on three features."""

from typing import TypedDict

from torch import Tensor, nn


class Points(TypedDict):
    x: Tensor  # [batch, 3]
    y: Tensor  # [batch]


class Fit(TypedDict):
    loss: Tensor  # []


class Regression(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear: nn.Linear = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        predicted = self.linear(points["x"]).squeeze(1)
        return Fit(loss=nn.functional.mse_loss(predicted, points["y"]))


class WrongRegression(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.mse_loss(x.mean(dim=1), y)
