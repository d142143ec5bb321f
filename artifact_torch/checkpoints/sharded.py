"""Tensors of which each process holds a part: torch's DTensor, which is not imported where none is."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import torch
from torch import Tensor
from typing_extensions import TypeIs

from artifact_torch.internal.ranks import cpu_group, ranks

if TYPE_CHECKING:
    from torch.distributed.checkpoint.metadata import ChunkStorageMetadata
    from torch.distributed.tensor import DTensor


@final
@dataclass(frozen=True, kw_only=True)
class Shard:
    """What this process has of a tensor."""

    local: Tensor
    offset: tuple[int, ...]
    """Where it begins in the whole."""
    shape: tuple[int, ...]
    """Of the whole."""
    is_first_copy: bool
    """Whether no process of a lower rank has the same part."""
    is_whole: bool
    """Whether it is no part on any rank: replicated, or of a mesh of one."""


def is_sharded(value: object) -> "TypeIs[DTensor]":
    """Whether it is a DTensor, which only can be where its module was imported."""
    module = sys.modules.get("torch.distributed.tensor")
    return module is not None and isinstance(value, module.DTensor)


def local(tensor: Tensor) -> Tensor:
    """What this process has of it: all, but of a DTensor."""
    return tensor.to_local() if is_sharded(tensor) else tensor


def shard_of(tensor: "DTensor") -> Shard | None:
    """None for one that is divided in another way than into one block a process."""
    held, shape = tensor.to_local().detach(), tuple(tensor.shape)
    blocks = _blocks(tensor)
    offset, sizes = blocks[0] if len(blocks) == 1 else ((0,) * len(shape), (0,) * len(shape))
    if any(each.is_partial() for each in tensor.placements) or len(blocks) > 1:
        return None
    if sizes != tuple(held.shape):
        return None
    at = tensor.device_mesh.get_coordinate()
    is_first = at is not None and not any(
        n for n, each in zip(at, tensor.placements, strict=True) if each.is_replicate()
    )
    is_whole = tensor.device_mesh.size() == 1 or all(p.is_replicate() for p in tensor.placements)
    return Shard(local=held, offset=offset, shape=shape, is_first_copy=is_first, is_whole=is_whole)


def by_rows(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Room on the CPU for this rank's share of the rows of a tensor, as `fully_shard` divides them;
    for all of it where there is one process.
    """
    here = ranks()
    if here.is_alone or not shape:
        return torch.empty([*shape], dtype=dtype)
    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.tensor import DTensor
    from torch.distributed.tensor import Shard as Rows

    per_rank = -(-shape[0] // here.size)
    n_rows = min(max(shape[0] - here.rank * per_rank, 0), per_rank)
    room = torch.empty([n_rows, *shape[1:]], dtype=dtype)
    like = torch.empty([*shape], dtype=dtype, device="meta")
    mesh = DeviceMesh.from_group(cpu_group(), "cpu")
    return DTensor.from_local(
        room, mesh, [Rows(0)], run_check=False, shape=like.size(), stride=like.stride()
    )


def whole(tensor: Tensor) -> Tensor:
    """All of it on this rank, where its part is. A collective for a DTensor, on its mesh's devices."""
    if not is_sharded(tensor):
        return tensor
    here, mesh = tensor.to_local().device, tensor.device_mesh.device_type
    if here.type == mesh:
        return tensor.full_tensor()
    moved: Tensor = tensor.to(mesh)  # of a copy on the CPU, which NCCL does not gather
    return whole(moved).to(here)


def divided_as(saved: Tensor, own: Tensor) -> Tensor:
    """`saved` with the parts that `own`, of the same shape, has, on its device; a plain one where
    that is plain. A collective where they are divided in another way: memory for the whole of this
    one tensor, for a moment.
    """
    if not is_sharded(own):
        return whole(saved)
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        _part(saved, own).to(own.to_local().device),
        own.device_mesh,
        own.placements,
        run_check=False,
        shape=own.size(),
        stride=own.stride(),
    )


def filled(own: object, saved: object) -> object:
    """`own`, with what `saved` has of it, where both are tensors of one shape; else `saved`."""
    if not isinstance(own, Tensor) or not isinstance(saved, Tensor) or own.shape != saved.shape:
        return saved
    with torch.no_grad():
        if is_sharded(own):
            own.to_local().copy_(_part(saved, own))
        else:
            own.copy_(whole(saved))
    return own


def _part(saved: Tensor, own: "DTensor") -> Tensor:
    if is_sharded(saved) and _is_divided_as(saved, own):
        return saved.to_local()
    found = whole(saved)
    ((offset, sizes),) = _blocks(own)
    return found[tuple(slice(at, at + n) for at, n in zip(offset, sizes, strict=True))]


def _is_divided_as(one: "DTensor", other: "DTensor") -> bool:
    """The same answer on all ranks, also where blocks of one of them are the same by chance."""
    is_same_mesh = torch.equal(one.device_mesh.mesh, other.device_mesh.mesh)
    return is_same_mesh and one.placements == other.placements


def _blocks(tensor: "DTensor") -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Where each block of this process begins, and its sizes, as DCP is told them."""
    # by way of Any: torch gives a list without a type
    blocks: list[ChunkStorageMetadata] = vars(type(tensor))["__create_chunk_list__"](tensor)
    return [(tuple(each.offsets), tuple(each.sizes)) for each in blocks]
