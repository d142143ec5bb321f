"""What each of several processes reads of a table: the same batches, whatever their number."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import TypeAlias

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch.data.parquet.order import streams_of, taken
from artifact_torch.data.parquet.stream import rows_of_batches
from tests.data.parquet.tables import listed


@dataclass
class Numbers:
    """Rows that are their own numbers, of row groups of these sizes."""

    n_rows_of: Sequence[int]
    groups: list[int] = field(default_factory=list[int])
    """What was read."""

    def empty(self, n_rows: int) -> dict[str, Tensor]:
        return {"id": torch.full((n_rows,), -1)}

    def read(self, groups: Sequence[int], into: Mapping[str, Tensor], stopped: Event) -> None:
        assert not stopped.is_set()
        starts = [0, *itertools.accumulate(self.n_rows_of)]
        ids = [torch.arange(starts[each], starts[each + 1]) for each in sorted(groups)]
        into["id"][: sum(map(len, ids))] = torch.cat(ids)
        self.groups += groups


@dataclass(frozen=True)
class Table:
    """One epoch of a table, and how it is divided."""

    sizes: tuple[int, ...]
    streams: int
    room: int
    batch_size: int
    drop_last: bool
    mixed_by: tuple[int, int] | None

    @property
    def n_rows(self) -> int:
        return sum(self.sizes)

    @property
    def n_batches(self) -> int:
        full, rest = divmod(self.n_rows, self.batch_size)
        return full if self.drop_last or not rest else full + 1

    def pass_of(self, rank: int, size: int, n_done: int = 0) -> "Pass":
        plan = streams_of(self.sizes, self.streams, window_rows=self.room, mixed_by=self.mixed_by)
        step = self.batch_size
        batches = range(n_done * step, min(self.n_batches * step, self.n_rows), step)
        own = range(self.streams * rank // size, self.streams * (rank + 1) // size)
        reader = Numbers(self.sizes)
        found = [
            (listed(rows["id"]), n, n_of_all)
            for rows, n, n_of_all in rows_of_batches(
                batches, plan, own, reader=reader, mixed_by=self.mixed_by
            )
        ]
        for ids, n, _ in found:
            assert len(ids) == max(n, 1)  # one to spare
            assert set(ids) <= {*range(self.n_rows)}
        return [(ids[:n], n_of_all) for ids, n, n_of_all in found], reader.groups


Pass: TypeAlias = tuple[list[tuple[list[int], int]], list[int]]
"""Of each batch a rank's rows and the number of all, and the row groups that it has read."""


@st.composite
def tables(draw: st.DrawFn) -> Table:
    sizes = (*draw(st.lists(st.integers(0, 12), max_size=16)), draw(st.integers(1, 12)))
    streams = draw(st.integers(1, min(sum(map(bool, sizes)), 6)))
    return Table(
        sizes=sizes,
        streams=streams,
        room=draw(st.integers(max(sizes), 40)),
        batch_size=draw(st.integers(1, 30)),
        drop_last=draw(st.booleans()),
        mixed_by=draw(st.sampled_from([None, (3, 1), (3, 2), (4, 1)])),
    )


@given(table=tables(), data=st.data())
def test_every_world_sees_the_batches_of_one_process(table: Table, data: st.DataObject) -> None:
    alone, read = table.pass_of(0, 1)
    rows = [each for batch, _ in alone for each in batch]
    assert len(alone) == table.n_batches
    assert all(len(batch) == n_of_all == table.batch_size for batch, n_of_all in alone[:-1])
    assert len({*rows}) == len(rows)
    if not table.drop_last:
        assert sorted(rows) == [*range(table.n_rows)]
        assert sorted(read) == [number for number, size in enumerate(table.sizes) if size]
    for size in range(1, table.streams + 1):
        n_done = data.draw(st.integers(0, table.n_batches))
        of_ranks = [table.pass_of(rank, size, n_done) for rank in range(size)]
        assert all(len(batches) == len(alone) - n_done for batches, _ in of_ranks)
        for number, shares in enumerate(zip(*(batches for batches, _ in of_ranks), strict=True)):
            together = [each for share, _ in shares for each in share]
            assert (together, len(together)) == alone[n_done + number]
            assert {n_of_all for _, n_of_all in shares} == {len(together)}
        groups = [group for _, own in of_ranks for group in own]
        assert len({*groups}) == len(groups)  # none is read twice


@given(table=tables())
def test_streams_have_about_as_many_rows_and_are_mixed_each_in_its_own_way(table: Table) -> None:
    plan = streams_of(table.sizes, table.streams, window_rows=table.room, mixed_by=table.mixed_by)
    sizes = [sum(window.n_rows for window in windows) for windows in plan]
    assert max(sizes) - min(sizes) <= max(table.sizes)
    assert min(sizes) > 0
    numbers = [window.number for windows in plan for window in windows]
    assert len({*numbers}) == len(numbers)
    for windows in plan:
        starts = [0, *itertools.accumulate(window.n_rows for window in windows)]
        assert [window.start for window in windows] == starts[:-1]


@given(sizes=st.lists(st.integers(1, 10**9), min_size=1, max_size=64), data=st.data())
def test_the_share_of_a_stream_never_falls_and_is_that_of_its_rows(
    sizes: list[int], data: st.DataObject
) -> None:
    n_rows = sum(sizes)
    assert taken(sizes, 0) == [0] * len(sizes)
    assert taken(sizes, n_rows) == sizes
    n_done = data.draw(st.integers(0, n_rows - 1))
    before, after = taken(sizes, n_done), taken(sizes, n_done + 1)
    assert sum(before) == n_done
    assert sorted(new - old for old, new in zip(before, after, strict=True)) == [0] * (
        len(sizes) - 1
    ) + [1]


@pytest.mark.parametrize("n", [2, 3, 8, 64])
def test_the_share_of_a_stream_is_exact_to_a_few_rows(n: int) -> None:
    """Below 1 + ln(n), for streams of about as many rows."""
    sizes = [100 + 7 * (number % 5) for number in range(n)]
    most = max(
        abs(own - n_done * size / sum(sizes))
        for n_done in range(sum(sizes))
        for own, size in zip(taken(sizes, n_done), sizes, strict=True)
    )
    assert most < 1 + math.log(n)
