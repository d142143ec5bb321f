"""Keeps the loss of every batch; `detach` so that no graph stays alive."""

from typing import TypedDict

from torch import Tensor


class HasLoss(TypedDict):
    loss: Tensor


class LossCurve:
    def __init__(self) -> None:
        self.losses: list[Tensor] = []

    def on_batch(self, step: int, batch: object, output: HasLoss) -> None:
        self.losses.append(output["loss"].detach())


class WrongLossCurve:
    def on_batch(self, output: HasLoss) -> float:
        return output["loss"].item()
