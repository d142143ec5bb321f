"""Noise without end, ten batches an epoch; the same epoch gives the same batches."""

from collections.abc import Iterator
from typing import TypedDict

import torch
from torch import Tensor


class Noise(TypedDict):
    noise: Tensor  # [batch, 2]


class NoiseSource:
    def batches(self, epoch: int) -> Iterator[Noise]:
        generator = torch.Generator().manual_seed(epoch)
        for _ in range(10):
            yield Noise(noise=torch.randn(32, 2, generator=generator))

    def __len__(self) -> int:
        return 10


class WrongNoiseSource:
    def batches(self) -> list[Noise]:
        return [Noise(noise=torch.randn(32, 2)) for _ in range(10)]
