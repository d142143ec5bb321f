"""Which rows come when: decided by a seed and the epoch's number, and by nothing else."""

from typing import Protocol

import torch
from torch import Tensor

from artifact_torch.internal.randomness import derived_seed


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """A generator for one pass. Neighbouring seeds and epochs share nothing: both are hashed."""
    generator = torch.Generator()
    generator.manual_seed(derived_seed(seed, epoch))
    return generator


def row_order(n_rows: int, generator: torch.Generator | None) -> Tensor:
    """`[rows]`, int64: shuffled by the generator, or 0, 1, 2, ... without one."""
    if generator is None:
        return torch.arange(n_rows)
    return torch.randperm(n_rows, generator=generator)


class _Numbers(Protocol):
    """What is used of an index tensor; torch leaves the list's element type open."""

    def tolist(self) -> list[int]: ...


def row_numbers(indices: _Numbers) -> list[int]:
    return indices.tolist()


def shortened(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return f"[{shown}, ...]" if len(rows) > 8 else f"[{shown}]"
