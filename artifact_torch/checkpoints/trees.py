"""States as trees: what a leaf is, in words, where two of them differ in kind, and a copy."""

import copy
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from artifact_torch.checkpoints.sharded import local
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_mapping, is_mutable_mapping, is_tuple

REBUILD: Final = "build the trainer as it was built then"
DAMAGED: Final = "it is damaged or was edited: restore an earlier checkpoint"
_MOST: Final = 8
_ITEMS: Final = 1000
_PLAIN: Final = frozenset({list, tuple})


def misfit(where: str, saved: str, own: str, todo: str = DAMAGED) -> str:
    """One line: thing, what is saved, what this run has or needs, what to do."""
    return f"{where}: saved {saved}, this run has {own}; {todo}"


def named(names: Iterable[object]) -> str:
    """The first eight and how many more."""
    every = [str(name) for name in names]
    more = len(every) - _MOST
    return ", ".join(every[:_MOST]) + (f" and {more} more" if more > 0 else "")


def told(value: object) -> str:
    """For a message: a tensor by dtype and shape."""
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor of {dtype} {'of no shape yet' if is_lazy(value) else [*value.shape]}"
    return shown(value)


def is_lazy(value: Tensor) -> bool:
    """Whether its shape is not known before a first batch."""
    return isinstance(value, UninitializedParameter | UninitializedBuffer)


def is_whole(value: object, *, least: int = 0) -> bool:
    """An int of at least `least`; a bool is none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def whole(value: object) -> int | None:
    """It, where it is one of at least 0."""
    return value if isinstance(value, int) and is_whole(value) else None


def items_of(value: object) -> list[object] | None:
    """Of a list or a tuple, which a file may not tell apart."""
    return [*value] if is_list(value) or is_tuple(value) else None


def is_number(value: object) -> bool:
    """Of Python, or in a tensor of one."""
    if isinstance(value, Tensor):
        return not is_lazy(value) and value.numel() == 1 and value.dtype is not torch.bool
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_finite_number(value: object) -> bool:
    """Of Python, or in a tensor: neither NaN nor infinite, nor an int that no float can hold."""
    if isinstance(value, Tensor):
        return is_number(value) and is_finite(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def dtype_kind(dtype: torch.dtype) -> str:
    """What may be cast without a loss of meaning."""
    if dtype.is_complex:
        return "complex numbers"
    if dtype.is_floating_point:
        return "floats"
    return "bools" if dtype is torch.bool else "whole numbers"


def is_finite(value: Tensor) -> bool:
    """Neither NaN nor infinity in what this process has of it. Syncs; the memory of one tensor at
    most where its sum is not finite.
    """
    value = local(value)
    if value.is_sparse:
        value = value.detach().coalesce().values()
    if value.is_meta or value.layout is not torch.strided or value.is_quantized:
        return True
    if not (value.dtype.is_floating_point or value.dtype.is_complex) or value.dtype.itemsize < 2:
        return True
    total = value.detach().sum()
    return bool(torch.isfinite(total)) or bool(torch.isfinite(value.detach()).all())


def _kind(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of {dtype_kind(value.dtype)}"
    if isinstance(value, bool):
        return "True or False"
    if isinstance(value, int | float):
        return "a number"
    if is_mapping(value):
        return "a dict"
    return "a list" if items_of(value) is not None else f"a {type(value).__name__}"


def tree_misfits(where: str, saved: object, own: object) -> Iterator[str]:
    """Where both have something and it is of another kind. Keys that one of them lacks, the length
    of lists and the shape of tensors are theirs to know; None is a value that is not there yet.
    """
    if saved is None or own is None or (is_number(saved) and is_number(own)):
        if _counts(where, own) and is_number(saved) and not is_whole(saved):
            yield misfit(where, told(saved), told(own))
        return
    if _kind(saved) != _kind(own):
        yield misfit(where, told(saved), f"{told(own)}, expected {_kind(own)}")
    elif is_mapping(saved) and is_mapping(own):
        for key in own:
            if key in saved:
                yield from tree_misfits(f"{where}.{key}", saved[key], own[key])
    elif (items := items_of(saved)) and (mine := items_of(own)) and len(items) == len(mine):
        for index, (one, other) in enumerate(zip(items[:_ITEMS], mine[:_ITEMS], strict=True)):
            yield from tree_misfits(f"{where}.{index}", one, other)


def _counts(where: str, own: object) -> bool:
    """A count by its name: `n_rows`."""
    return where.rpartition(".")[2].startswith("n_") and is_whole(own)


def cloned(value: object, *, but: Mapping[int, object] | None = None) -> object:
    """A deep copy: each tensor by itself, also one that is a view into a whole file, of which
    `deepcopy` copies all. Tensors whose `id` is in `but` are the same ones.
    """
    memo: dict[int, object] = {} if but is None else dict(but)
    return _cloned(value, memo)


def _cloned(value: object, memo: dict[int, object]) -> object:
    if id(value) in memo:
        return memo[id(value)]
    made: object
    if isinstance(value, Tensor):
        made = value.detach().clone()
    elif is_mutable_mapping(value):
        made = filled = copy.copy(value)  # with what an OrderedDict carries beside its items
        for key, each in value.items():
            filled[key] = _cloned(each, memo)
    elif is_list(value) and type(value) in _PLAIN:
        made = [_cloned(each, memo) for each in value]
    elif is_tuple(value) and type(value) in _PLAIN:
        made = tuple(_cloned(each, memo) for each in value)
    else:
        made = copy.deepcopy(value)
    memo[id(value)] = made
    return made
