"""What callbacks see on two processes comes to what they see on one: metrics that others wrote, and
watches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from typing_extensions import override

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    MetricCallback,
    MetricResultCallback,
    StepBoundStopper,
    TensorTable,
    Trainer,
)
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import all_reduce, in_ranks
from tests.ranks.toy_steps import Line, step_of
from tests.toys import Fit, Points, points


def dim_zero_sum(parts: Tensor) -> Tensor:
    """A reduction of torchmetrics, which is known by its name."""
    return parts.sum(0)


def dim_zero_max(parts: Tensor) -> Tensor:
    return parts.amax(0)


class Summed(nn.Module):
    """As `torchmetrics.Metric` is: states that are attributes, a reduction for each, and a `compute` that
    gathers from all processes unless it is told that there are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reductions = {"total": dim_zero_sum, "n": dim_zero_sum, "most": dim_zero_max}
        self._update_count = 0
        self.distributed_available_fn = lambda: not ranks().is_alone
        self.reset()

    def reset(self) -> None:
        self.total, self.n = torch.zeros((), dtype=torch.float64), torch.tensor(0)
        self.most = torch.tensor(-torch.inf)
        self._update_count = 0

    def update(self, residual: Tensor) -> None:
        self._update_count += 1
        self.total = self.total + residual.double().square().sum()
        self.n = self.n + len(residual)
        self.most = torch.maximum(self.most, residual.max())

    def compute(self) -> Tensor:
        assert self._update_count
        if self.distributed_available_fn():
            all_reduce(self.total)  # of the first alone: it would wait for ever
        return torch.stack([self.total / self.n, self.most.double(), self.n.double()])


class Averaged(Summed):
    """Its mean of means is no state that can be joined."""

    def __init__(self) -> None:
        super().__init__()
        self._reductions = {"total": dim_zero_sum, "n": dim_zero_sum, "most": None}  # type: ignore

    @override
    def update(self, residual: Tensor) -> None:
        super().update(residual.mean(0, keepdim=True))


class InOrder:
    """Depends on the order of rows, and on which come together."""

    def reset(self) -> None:
        self.given: list[list[float]] = []

    def update(self, residual: Tensor, name: str) -> None:
        self.given.append([*residual.tolist(), float(name == "kept")])

    def compute(self) -> list[list[float]]:
        return self.given


def residual(_batch: Points, output: Fit) -> tuple[Tensor]:
    return (output["residual"],)


def named(_batch: Points, output: Fit) -> tuple[Tensor, str]:
    return output["residual"], "kept"
