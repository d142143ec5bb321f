"""Tensors that are divided among ranks: which blocks are saved, and how they come back."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

from artifact_torch import FolderCheckpointer, TrainLoss
from artifact_torch.checkpoints.encoding import encoded
from artifact_torch.checkpoints.of_ranks import with_own
from artifact_torch.checkpoints.rng import derived_rng, rng_state, set_rng_state
from artifact_torch.checkpoints.sharded import divided_as, filled, is_sharded, whole
from artifact_torch.checkpoints.state import StatefulParts, read, read_int
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.ranks import Ranks
from tests.ranks.kit import in_ranks


def numbers(*shape: int) -> Tensor:
    return torch.arange(float(torch.Size(shape).numel())).view(shape)


def divided(folder: Path) -> tuple[list[str], list[bool]]:
    """In every way that torch has for meshes of four: what each rank writes, and what comes back."""
    flat, square = init_device_mesh("cpu", (4,)), init_device_mesh("cpu", (2, 2))
    rows = distribute_tensor(numbers(6, 3), flat, [Shard(0)])
    state: dict[str, Tensor] = {
        "rows": rows,
        "columns": distribute_tensor(numbers(3, 5), flat, [Shard(1)]),
        "hybrid": distribute_tensor(numbers(6, 2), square, [Replicate(), Shard(0)]),
        "blocks": distribute_tensor(numbers(5, 4), square, [Shard(0), Shard(1)]),
        "same": distribute_tensor(numbers(2), flat, [Replicate()]),
        "half": distribute_tensor(numbers(7).to(torch.bfloat16), flat, [Shard(0)]),
        "one": distribute_tensor(numbers(1, 2), flat, [Shard(0)]),
        "tied": rows,
        "plain": numbers(3),
    }
    written = sorted(encoded(dict(state)).offsets)
    checkpointer = FolderCheckpointer(folder)
    checkpointer.save(Moment(epoch=1, step=1), dict(state))
    checkpointer.drain(60)
    found, right = checkpointer.load(), list[bool]()
    for name, own in state.items():
        saved = found[name]
        assert isinstance(saved, Tensor)
        placed = divided_as(saved, own)
        right.append(torch.equal(whole(saved), whole(own)))
        right.append(
            is_sharded(placed) == is_sharded(own) and torch.equal(whole(placed), whole(own))
        )
        empty = torch.zeros_like(own)
        right.append(filled(empty, saved) is empty and torch.equal(whole(empty), whole(own)))
    right.append(found["tied"] is found["rows"])
    return written, right


def test_each_block_is_written_once_and_comes_back_in_any_division(tmp_path: Path) -> None:
    found = in_ranks(4, divided, tmp_path)
    assert [written for written, _ in found] == [
        ["blocks", "columns", "half", "hybrid", "one", "rows"],
        ["blocks", "columns", "half", "hybrid", "rows"],
        ["blocks", "columns", "half", "rows"],
        ["blocks", "half"],
    ]
    assert all(all(right) for _, right in found)
    alone = FolderCheckpointer(tmp_path).load()
    for name, expected in (("blocks", numbers(5, 4)), ("hybrid", numbers(6, 2))):
        one = alone[name]
        assert isinstance(one, Tensor)
        assert torch.equal(one, expected)


def rng_of(seed: int) -> dict[str, object]:
    return derived_rng({}, seed)


def drawn(state: object) -> tuple[float, float, float]:
    assert is_mapping(state)
    before = rng_state(torch.device("cpu"))
    set_rng_state({str(key): each for key, each in state.items()}, torch.device("cpu"))
    found = float(torch.rand(())), random.random(), float(np.random.random())  # noqa: NPY002
    set_rng_state(before, torch.device("cpu"))
    return found


@settings(deadline=None)
@given(n_saved=st.integers(2, 5), size=st.integers(1, 6), are_same=st.booleans())
def test_random_numbers_of_more_or_fewer_ranks(n_saved: int, size: int, *, are_same: bool) -> None:
    """Each its own where there are as many; else what was the same on all is, and nothing else."""
    saved = [rng_of(0 if are_same else rank) for rank in range(n_saved)]

    def own(rank: int) -> dict[str, object]:
        return {"rng": saved[rank], "parts": {"a": rank}}

    state: dict[str, object] = {"rng": saved[0], "parts": {"a": 0, "b": 9}, "other": 1}
    made = [with_own(state, n_saved, own, Ranks(rank, size)) for rank in range(size)]
    found = [drawn(each["rng"]) for each in made]
    assert found[0] == drawn(saved[0])
    if size == n_saved:
        assert found == [drawn(each) for each in saved]
        assert [each["parts"] for each in made] == [{"a": rank, "b": 9} for rank in range(size)]
    else:
        for kind in zip(*found, strict=True):
            assert len({*kind}) == (1 if are_same else size)


ROWS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=5)


@settings(deadline=None)
@given(seen=ROWS, size=st.integers(1, 6))
def test_what_parts_had_seen_is_seen_by_more_or_fewer_ranks(
    seen: list[tuple[int, int]], size: int
) -> None:
    def saved(rank: int) -> dict[str, object]:
        total, n_rows = seen[rank]
        loss = {"type": "TrainLoss", "state": {"sum": float(total), "n_rows": n_rows}}
        return {"parts": {"loss": loss}}

    found = list[tuple[float, int]]()
    for rank in range(size):
        part = TrainLoss()
        part.load_state_dict({"sum": 77.0, "n_rows": 7})  # of a run before
        state = with_own(saved(0), len(seen), saved, Ranks(rank, size))
        StatefulParts([("loss", part)]).load_state_dict(read(state, "parts"))
        found.append(part.seen())
    assert sum(total for total, _ in found) == sum(total for total, _ in seen)
    assert sum(n_rows for _, n_rows in found) == sum(n_rows for _, n_rows in seen)
    if size == len(seen):
        assert found == seen


class Strict:
    """A part of a user's own that takes no empty list."""

    def __init__(self) -> None:
        self.most = 0

    def seen(self) -> int:
        return self.most

    def merge(self, seen: Sequence[int], /) -> None:
        self.most = max(seen)

    def state_dict(self) -> Mapping[str, object]:
        return {"most": self.most}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self.most = read_int(state_dict, "most")


def test_a_part_that_cannot_be_merged_is_named() -> None:
    def saved(rank: int) -> dict[str, object]:
        return {"parts": {"most": {"type": "Strict", "state": {"most": rank}}}}

    state, part = with_own(saved(0), 3, saved, Ranks(0, 2)), Strict()
    StatefulParts([("most", part)]).load_state_dict(read(state, "parts"))
    assert part.most == 2
    alone = with_own(saved(0), 1, saved, Ranks(1, 2))
    with pytest.raises(
        CheckpointError, match=r"most does not take what it had seen on 0 processes"
    ):
        StatefulParts([("most", part)]).load_state_dict(read(alone, "parts"))
