"""Sums over a pass, and what an error says of a tensor."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor


def wide(tensor: Tensor) -> Tensor:
    """Without gradient, in float64 where the device has it."""
    return tensor.detach().to(torch.float32 if tensor.device.type == "mps" else torch.float64)


@final
class Sums:
    """Running sums on the device, in float64; they are read together, by one sync."""

    def __init__(self) -> None:
        self._sums: Tensor | None = None

    def add(self, *values: Tensor) -> None:
        """The sum of each value, always as many."""
        new = torch.stack([wide(value).sum() for value in values])
        self._sums = new if self._sums is None else self._sums + new

    def seen(self) -> Tensor | None:
        """Its part of sums over several processes, on the CPU; None of nothing. Syncs."""
        return None if self._sums is None else self._sums.cpu()

    def merge(self, seen: Sequence[Tensor | None]) -> None:
        """Those of all."""
        self._sums = total(seen)

    def read(self, n_values: int) -> list[float]:
        """As many zeros where nothing was added. Syncs."""
        sums = torch.zeros(n_values) if self._sums is None else self._sums
        return [float(value) for value in sums.cpu().unbind()]


def total(seen: Sequence[Tensor | None]) -> Tensor | None:
    """The sum of what is there, in the order in which it is given."""
    parts = [each for each in seen if each is not None]
    return torch.stack(parts).sum(0) if parts else None


def described(tensor: Tensor) -> str:
    """For an error."""
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {list(tensor.shape)}"


def ratio(total: float, n: float) -> float:
    """A mean; NaN of nothing."""
    return total / n if n else float("nan")
