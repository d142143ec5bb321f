"""The processes of one run: which of how many this is, and what they tell each other.

Every function here is a collective: all ranks call it in the same order, or all wait. In a run of
one process none of them imports torch.distributed, and each gives back what it was given.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, final

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup

T = TypeVar("T")


@final
@dataclass(frozen=True)
class Ranks:
    """This process among those of the run."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that decides, records and tells."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        """Whether there is no other."""
        return self.size == 1


_ALONE = Ranks()


def ranks() -> Ranks:
    """Of the process group that was initialised; one alone where none was."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return _ALONE
    return Ranks(distributed.get_rank(), distributed.get_world_size())


def told(value: T, *, over: "ProcessGroup | None" = None) -> T:
    """The first rank's `value`, which is pickled, on all; over a group of one's own in a thread."""
    if ranks().is_alone:
        return value
    import torch.distributed as dist

    box = [value]
    dist.broadcast_object_list(box, src=0, group=over or _control())
    return box[0]


def gathered(value: T, *, over: "ProcessGroup | None" = None) -> list[T]:
    """Each rank's `value`, which is pickled, by rank, on all; `over` as for `told`."""
    here = ranks()
    if here.is_alone:
        return [value]
    import torch.distributed as dist

    gather: Callable[..., None] = vars(dist)["all_gather_object"]  # untyped
    found = [value] * here.size
    gather(found, value, group=over or _control())
    return found


@cache
def _control() -> "ProcessGroup | None":
    """The group for small things, None for that of the run: they go over the CPU, since an
    accelerator's backend would sync its stream for them.
    """
    import torch.distributed as dist

    return None if dist.get_backend() == "gloo" else gloo_group()


def gloo_group() -> "ProcessGroup":
    """A new one of all ranks, on the CPU, with the time limit of that of the run. A collective."""
    import torch.distributed as dist

    new_group: Callable[..., ProcessGroup] = vars(dist)["new_group"]  # untyped
    # the limit has no public name, but the store was given the same; torch's default is 30 minutes
    store: Callable[[], Any] = vars(dist.distributed_c10d)["_get_default_store"]  # in no stub
    return new_group(backend="gloo", timeout=store().timeout)


def cpu_group() -> "ProcessGroup":
    """The one for small things, that of the run included."""
    import torch.distributed as dist

    own: Callable[[], ProcessGroup] = vars(dist.distributed_c10d)["_get_default_group"]  # unnamed
    return _control() or own()
