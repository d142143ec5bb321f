"""Rows of the streams of a table, window by window, while a thread reads ahead."""

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from threading import Event
from typing import Protocol, final

import torch
from torch import Tensor

from artifact_torch.data.parquet.order import Window, rows_of, taken


class Reads(Protocol):
    """Where the rows come from."""

    def empty(self, n_rows: int) -> dict[str, Tensor]:
        """Room for so many rows."""
        ...

    def read(self, groups: Sequence[int], into: Mapping[str, Tensor], stopped: Event) -> None:
        """The row groups into the first rows, in the order of their numbers."""
        ...


def rows_of_batches(
    batches: range,
    plan: Sequence[Sequence[Window]],
    own: range,
    *,
    reader: Reads,
    mixed_by: tuple[int, int] | None,
) -> Iterator[tuple[Mapping[str, Tensor], int, int]]:
    """Of each batch what the streams `own` of `plan` have of it, how many rows that is, and how many
    the whole batch has. Where it is none, there is one all the same.

    `batches` are the numbers of their first rows in the epoch, and of its end.
    """
    if not batches:
        return
    sizes = [sum(window.n_rows for window in windows) for windows in plan]
    n_done = taken(sizes, batches.start)
    with _thread() as ahead:
        first, *others = [
            _Stream(plan[n], n_done[n], reader=reader, ahead=ahead, mixed_by=mixed_by) for n in own
        ]
        for counts, n_of_all in _counts(sizes, n_done, batches, own):
            pieces = first.take(counts[0])
            for number, other in enumerate(others, 1):
                pieces += other.take(counts[number])
            rows = pieces[0] if len(pieces) == 1 else _joined(pieces or [first.spare()])
            yield rows, sum(counts), n_of_all


def _counts(
    sizes: Sequence[int], n_done: list[int], batches: range, own: range
) -> Iterator[tuple[list[int], int]]:
    """How many rows of each batch are of the streams `own`, and of all."""
    ends = chain(batches[1:], [batches.stop])
    for start, end in zip(batches, ends, strict=True):
        if len(sizes) == 1:
            yield [end - start], end - start
            continue
        before, n_done = n_done, taken(sizes, end)
        yield [n_done[n] - before[n] for n in own], end - start


def _joined(pieces: Sequence[Mapping[str, Tensor]]) -> Mapping[str, Tensor]:
    return {name: torch.cat([each[name] for each in pieces]) for name in pieces[0]}


@contextmanager
def _thread() -> Generator[tuple[ThreadPoolExecutor, Event]]:
    """One that reads for all streams, in the order in which they ask, until the pass ends or is given
    up.
    """
    stopped = Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="ParquetLoader")
    try:
        yield pool, stopped
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


@final
class _Stream:
    """The rows of `windows` but the first `n_done`, in the order of (seed, epoch).

    While a window is used, the next is read into other memory, which the one after it uses again.
    """

    def __init__(
        self,
        windows: Sequence[Window],
        n_done: int,
        *,
        reader: Reads,
        ahead: tuple[ThreadPoolExecutor, Event],
        mixed_by: tuple[int, int] | None,
    ) -> None:
        # of a stream that is at its end the last is kept, for a spare row
        left = [each for each in windows if each.start + each.n_rows > n_done] or windows[-1:]
        n_rows = max((each.n_rows for each in left), default=0)
        self._spare = [reader.empty(n_rows) for _ in left[:2]]
        self._n_done, self._reader, self._ahead, self._mixed_by = n_done, reader, ahead, mixed_by
        self._left: Iterator[Window] = iter(left)
        self._coming: deque[tuple[Window, Future[None], dict[str, Tensor]]] = deque()
        self._rows: dict[str, Tensor] = {}
        self._order = torch.empty(0, dtype=torch.int32)
        self._at = self._n_rows = 0
        self._ask()

    def take(self, n_rows: int) -> list[dict[str, Tensor]]:
        """The next `n_rows`, copied, in as many pieces as windows have them."""
        pieces = list[dict[str, Tensor]]()
        while n_rows:
            if self._at == self._n_rows:
                self._turn()
            at = self._at
            self._at = end = min(at + n_rows, self._n_rows)
            n_rows -= end - at
            chosen = self._order[at:end]
            pieces.append({key: each.index_select(0, chosen) for key, each in self._rows.items()})
        return pieces

    def spare(self) -> dict[str, Tensor]:
        """One row, which is not taken by that."""
        if not self._n_rows:
            self._turn()
        at = min(self._at, self._n_rows - 1)
        chosen = self._order[at : at + 1]
        return {key: each.index_select(0, chosen) for key, each in self._rows.items()}

    def _ask(self) -> None:
        """For the window after those that are asked for."""
        window = next(self._left, None)
        if window is not None:
            room, (pool, stopped) = self._spare.pop(), self._ahead
            job = pool.submit(self._reader.read, window.groups, room, stopped)
            self._coming.append((window, job, room))

    def _turn(self) -> None:
        """To the next window."""
        if self._rows:
            self._spare.append(self._rows)
        window, job, self._rows = self._coming.popleft()
        self._ask()
        job.result()
        mixed_by = self._mixed_by
        self._order = torch.arange(window.n_rows) if mixed_by is None else rows_of(window, mixed_by)
        self._at, self._n_rows = max(self._n_done - window.start, 0), window.n_rows
