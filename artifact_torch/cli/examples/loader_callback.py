"""The largest loss of any batch of a pass."""

from typing import TypedDict

from torch import Tensor


class HasLoss(TypedDict):
    loss: Tensor


class LargestLoss:
    name = "largest_loss"

    def __init__(self) -> None:
        self.losses: list[Tensor] = []

    def start(self) -> None:
        self.losses.clear()

    def update(self, batch: object, output: HasLoss) -> None:
        self.losses.append(output["loss"])

    def finish(self) -> float:
        return max(loss.item() for loss in self.losses)


class WrongLargestLoss:
    def name(self) -> str:
        return "largest_loss"

    def update(self, output: HasLoss) -> None:
        self.largest: float = output["loss"].item()

    def finish(self) -> float:
        return self.largest
