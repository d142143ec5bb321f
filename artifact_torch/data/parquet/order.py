"""In which order the rows of an epoch come: a function of (seed, epoch) and the sizes of row groups.

No file is looked at, so that any process can say which row stands where.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from artifact_torch.internal.randomness import derived_seed


@final
@dataclass(frozen=True, kw_only=True)
class Window:
    """Row groups that are held in memory together, with their rows mixed."""

    number: int
    start: int
    """Rows of the epoch that come before it."""
    groups: tuple[int, ...]
    n_rows: int


def windows(
    n_rows_of: Sequence[int], *, window_rows: int, mixed_by: tuple[int, int] | None
) -> list[Window]:
    """All row groups, each once: permuted by (seed, epoch) and filled into windows of at most
    `window_rows`; without a seed one a window, in their own order.
    """
    n_groups = len(n_rows_of)
    if mixed_by is None:
        order, room = list(range(n_groups)), 0
    else:
        order = [int(group) for group in _permutation(n_groups, *mixed_by)]
        room = window_rows
    found: list[Window] = []
    chosen: list[int] = []
    start = n_chosen = 0
    for group in order:
        if chosen and n_chosen + n_rows_of[group] > room:
            found.append(_window(len(found), start, chosen, n_chosen))
            start, chosen, n_chosen = start + n_chosen, [], 0
        chosen.append(group)
        n_chosen += n_rows_of[group]
    return [*found, _window(len(found), start, chosen, n_chosen)]


def rows_of(window: Window, mixed_by: tuple[int, int]) -> Tensor:
    """The order of a window's rows, `[rows]`: by (seed, epoch, number of the window)."""
    return _permutation(window.n_rows, *mixed_by, window.number)


def _window(number: int, start: int, groups: Sequence[int], n_rows: int) -> Window:
    return Window(number=number, start=start, groups=tuple(groups), n_rows=n_rows)


def _permutation(n: int, seed: int, *counters: int) -> Tensor:
    generator = torch.Generator()
    generator.manual_seed(derived_seed(seed, *counters))
    # three times as fast as in int64
    dtype = torch.int32 if n <= torch.iinfo(torch.int32).max else torch.int64
    return torch.randperm(n, generator=generator, dtype=dtype)
