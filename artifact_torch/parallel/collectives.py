"""torch's collectives over all ranks, which are untyped there. Each rank calls them in one order."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor


def all_sum(tensor: Tensor) -> None:
    """The sum over the ranks, in place."""
    import torch.distributed as dist

    reduce: Callable[..., object] = vars(dist)["all_reduce"]
    reduce(tensor)


def from_first(tensors: Iterable[Tensor]) -> None:
    """Those of the first rank, in place."""
    import torch.distributed as dist

    broadcast: Callable[..., object] = vars(dist)["broadcast"]
    with torch.no_grad():
        for each in tensors:
            broadcast(each.detach(), src=0)
