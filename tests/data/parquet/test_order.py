"""The order of an epoch, of which no file is needed to know it."""

import itertools
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.data.parquet.order import Window, rows_of, streams_of
from tests.data.parquet.tables import listed


def windows(
    n_rows_of: Sequence[int], *, window_rows: int, mixed_by: tuple[int, int] | None
) -> list[Window]:
    """Of the only stream."""
    (plan,) = streams_of(n_rows_of, 1, window_rows=window_rows, mixed_by=mixed_by)
    return plan


sizes = st.lists(st.integers(1, 9), min_size=1, max_size=20)


def test_without_a_seed_each_row_group_is_a_window_in_its_own_order() -> None:
    assert windows([3, 5, 1], window_rows=100, mixed_by=None) == [
        Window(number=0, start=0, groups=(0,), n_rows=3),
        Window(number=1, start=3, groups=(1,), n_rows=5),
        Window(number=2, start=8, groups=(2,), n_rows=1),
    ]


@given(sizes=sizes, room=st.integers(9, 40), seed=st.integers(0, 2**40), epoch=st.integers(1, 99))
def test_every_row_group_comes_once_and_no_window_is_too_large(
    sizes: list[int], room: int, seed: int, epoch: int
) -> None:
    plan = windows(sizes, window_rows=room, mixed_by=(seed, epoch))
    assert sorted(group for window in plan for group in window.groups) == [*range(len(sizes))]
    assert [window.number for window in plan] == [*range(len(plan))]
    start = 0
    for window in plan:
        assert window.start == start
        assert window.n_rows == sum(sizes[group] for group in window.groups) <= room
        start += window.n_rows
    for window, after in itertools.pairwise(plan):
        assert window.n_rows + sizes[after.groups[0]] > room  # as full as can be
    assert start == sum(sizes)


@given(room=st.integers(9, 40), seed=st.integers(0, 2**40))
def test_the_order_is_decided_by_seed_and_epoch_alone(room: int, seed: int) -> None:
    torch.default_generator.manual_seed(seed)
    first = windows([9] * 50, window_rows=room, mixed_by=(seed, 1))
    torch.rand(1)
    assert windows([9] * 50, window_rows=room, mixed_by=(seed, 1)) == first
    assert windows([9] * 50, window_rows=room, mixed_by=(seed, 2)) != first
    assert windows([9] * 50, window_rows=room, mixed_by=(seed + 1, 1)) != first


def test_rows_are_permuted_within_each_window_in_another_way() -> None:
    plan = windows([20] * 6, window_rows=40, mixed_by=(3, 1))
    orders = [listed(rows_of(window, (3, 1))) for window in plan]
    assert all(sorted(order) == [*range(40)] for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert listed(rows_of(plan[0], (3, 2))) != orders[0]


@pytest.mark.parametrize("epoch", [1, 2])
def test_an_order_that_was_begun_is_the_order_that_is_gone_on_with(epoch: int) -> None:
    """Another order here is another order for whoever continues a run of an older version."""
    plan = windows([2, 3, 4, 5, 6], window_rows=9, mixed_by=(7, epoch))
    assert [window.groups for window in plan] == PINNED_GROUPS[epoch]
    assert listed(rows_of(plan[0], (7, epoch))) == PINNED_ROWS[epoch]


PINNED_GROUPS = {1: [(1, 2, 0), (4,), (3,)], 2: [(1, 3), (0, 2), (4,)]}
PINNED_ROWS = {1: [8, 5, 6, 2, 3, 0, 4, 1, 7], 2: [2, 4, 5, 1, 6, 3, 0, 7]}
