"""Where the batches come from: a table that is simulated, a new order in every epoch."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from research.models import VAEInput

COLUMNS = ("age", "height", "weight")


class Measurements:
    """Three columns, of which two go together."""

    def __init__(self, n_records: int, *, batch_size: int = 32, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        base = torch.randn(n_records, 1, generator=generator)
        noise = torch.randn(n_records, 3, generator=generator)
        self.values: Tensor = noise + base * torch.tensor([0.0, 1.0, 1.0])
        self.batch_size = batch_size

    def batches(self, epoch: int) -> Iterator[VAEInput]:
        generator = torch.Generator().manual_seed(epoch)
        order = torch.randperm(len(self.values), generator=generator)
        for first in range(0, len(order), self.batch_size):
            yield VAEInput(values=self.values[order[first : first + self.batch_size]])

    def __len__(self) -> int:
        return math.ceil(len(self.values) / self.batch_size)
