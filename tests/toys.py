"""A small regression that trains in milliseconds, written as a user would: plain torch."""

import math
from collections.abc import Iterator, Mapping
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch.contracts import ModelOutput, Moment, Optimizer


class Points(TypedDict):
    x: Tensor  # [batch, 3]
    y: Tensor  # [batch]


class Fit(TypedDict):
    loss: Tensor  # []
    residual: Tensor  # [batch]


class Regression(nn.Module):
    """Two layers with dropout, so that training uses random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.25), nn.Linear(8, 1), nn.Flatten(0)
        )

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.layers(points["x"]) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def points(n_rows: int = 20, seed: int = 1) -> Points:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n_rows, 3, generator=generator)
    return Points(x=x, y=x.sum(dim=1))


def seeded_regression(seed: int = 0) -> Regression:
    torch.default_generator.manual_seed(seed)
    return Regression()


class Still:
    """A step that makes no update: what validation needs of one."""

    n_steps: int = 0

    def __init__(self, model: nn.Module) -> None:
        self.model: nn.Module = model
        self.device: torch.device = torch.device("cpu")

    def update(self, batch: object) -> ModelOutput:
        raise NotImplementedError

    def evaluate(self, batch: object) -> ModelOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Batches:
    """A batch source written by hand: slices in order."""

    def __init__(self, table: Points, batch_size: int) -> None:
        self.table = table
        self.batch_size = batch_size

    def batches(self, epoch: int) -> Iterator[Points]:
        for start in range(0, len(self.table["x"]), self.batch_size):
            rows = slice(start, start + self.batch_size)
            yield Points(x=self.table["x"][rows], y=self.table["y"][rows])

    def __len__(self) -> int:
        return math.ceil(len(self.table["x"]) / self.batch_size)


def same_weights(a: Mapping[str, object], b: Mapping[str, object]) -> bool:
    """Whether both hold the same tensors, bit for bit."""
    return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)


def same(a: object, b: object) -> bool:
    return isinstance(a, Tensor) and isinstance(b, Tensor) and torch.equal(a, b)


def advance(optimizer: Optimizer) -> None:
    """`optimizer.step()`, which torch leaves partly untyped."""
    optimizer.step()
