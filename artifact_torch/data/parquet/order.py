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
    """Row groups of one stream that are held in memory together, with their rows mixed."""

    number: int
    """Among those of all streams, which take turns."""
    start: int
    """Rows of the stream that come before it."""
    groups: tuple[int, ...]
    n_rows: int


def streams_of(
    n_rows_of: Sequence[int], n: int, *, window_rows: int, mixed_by: tuple[int, int] | None
) -> list[list[Window]]:
    """The windows of each of `n` streams, in which all row groups with rows come, each once.

    They are permuted by (seed, epoch), dealt one by one to the stream that has the fewest rows, and
    there filled into windows of at most `window_rows`; without a seed they come in their own order,
    one a window.
    """
    n_groups = len(n_rows_of)
    if mixed_by is None:
        order, room = list(range(n_groups)), 0
    else:
        order = [int(group) for group in _permutation(n_groups, *mixed_by)]
        room = window_rows
    dealt, sizes = [list[int]() for _ in range(n)], [0] * n
    for group in order:
        if not n_rows_of[group]:
            continue
        least = sizes.index(min(sizes))
        dealt[least].append(group)
        sizes[least] += n_rows_of[group]
    return [
        [
            Window(number=number * n + stream, start=start, groups=tuple(chosen), n_rows=n_rows)
            for number, (start, chosen, n_rows) in enumerate(_filled(n_rows_of, groups, room))
        ]
        for stream, groups in enumerate(dealt)
    ]


def _filled(
    n_rows_of: Sequence[int], groups: Sequence[int], room: int
) -> list[tuple[int, list[int], int]]:
    """Row groups together as long as there is room: the rows before them, which, and their rows."""
    found: list[tuple[int, list[int], int]] = []
    chosen: list[int] = []
    start = n_chosen = 0
    for group in groups:
        if chosen and n_chosen + n_rows_of[group] > room:
            found.append((start, chosen, n_chosen))
            start, chosen, n_chosen = start + n_chosen, [], 0
        chosen.append(group)
        n_chosen += n_rows_of[group]
    return [*found, (start, chosen, n_chosen)] if chosen else found


def taken(sizes: Sequence[int], n_done: int) -> list[int]:
    """How many of the first `n_done` rows of an epoch are of each stream, of `sizes` rows.

    One after the other is given its share of those that are left for it and the streams behind it,
    rounded down. So no number falls where `n_done` grows, as differences of rounded prefix sums would
    now and then; for streams of about as many rows each is exact to 1 + ln(streams) rows.
    """
    n_left, found = sum(sizes), list[int]()
    for size in sizes:
        own = n_done * size // n_left if n_left else 0
        found.append(own)
        n_done, n_left = n_done - own, n_left - size
    return found


def rows_of(window: Window, mixed_by: tuple[int, int]) -> Tensor:
    """The order of a window's rows, `[rows]`: by (seed, epoch, number of the window)."""
    return _permutation(window.n_rows, *mixed_by, window.number)


def _permutation(n: int, seed: int, *counters: int) -> Tensor:
    generator = torch.Generator()
    generator.manual_seed(derived_seed(seed, *counters))
    # three times as fast as in int64
    dtype = torch.int32 if n <= torch.iinfo(torch.int32).max else torch.int64
    return torch.randperm(n, generator=generator, dtype=dtype)
