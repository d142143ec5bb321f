"""torch's wrappers around a model, which hide its signatures and rename its state."""

import sys
from typing import Final

from torch import nn

_PLACES: Final = ("_orig_mod", "module")
"""Where `torch.compile`, then the data parallel wrappers, keep the raw model."""

_CLASSES: Final = (
    ("torch._dynamo.eval_frame", "OptimizedModule"),
    ("torch.nn.parallel.distributed", "DistributedDataParallel"),
    ("torch.nn.parallel.data_parallel", "DataParallel"),
    ("torch.distributed.fsdp.fully_sharded_data_parallel", "FullyShardedDataParallel"),
)


def place_of_raw_model(target: object) -> str | None:
    """The attribute of a wrapper that holds the raw model; None for anything else.

    A class is only looked up where its module is loaded: an object of it cannot exist otherwise.
    """
    if not isinstance(target, nn.Module) or not _is_wrapper(target):
        return None
    return next((place for place in _PLACES if place in vars(target)["_modules"]), None)


def _is_wrapper(target: nn.Module) -> bool:
    for module, name in _CLASSES:
        wrapper: object = getattr(sys.modules.get(module), name, None)
        if isinstance(wrapper, type) and isinstance(target, wrapper):
            return True
    return False


def raw_model(target: object) -> object:
    """The model inside all wrappers."""
    while (place := place_of_raw_model(target)) is not None:
        target = getattr(target, place)
    return target
