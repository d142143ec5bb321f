"""What the training is watched with."""

from typing import TypedDict

from torch import Tensor


class HasMu(TypedDict):
    mu: Tensor


class LatentSpread:
    """The mean distance of the codes from the origin: 0 where the encoder has collapsed."""

    name = "latent_spread"

    def __init__(self) -> None:
        self._norms: list[Tensor] = []

    def start(self) -> None:
        self._norms.clear()

    def update(self, batch: object, output: HasMu) -> None:
        self._norms.append(output["mu"].square().sum(dim=1).sqrt().mean())

    def finish(self) -> float:
        return sum(norm.item() for norm in self._norms) / len(self._norms)


class StepCounter:
    def __init__(self) -> None:
        self.n_steps = 0

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.n_steps = step
