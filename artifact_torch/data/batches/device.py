"""Where a run computes, and how a batch gets there."""

from collections import deque
from collections.abc import Callable
from enum import Enum
from operator import is_
from types import ModuleType
from typing import Final, Protocol, final, runtime_checkable

import torch
from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.data.batches.structure import (
    PLAIN_CONTAINERS,
    attributes,
    contents,
    is_container,
    rebuilt,
    same_type,
    walk,
)
from artifact_torch.data.batches.together import moved_together
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.narrowing import (
    is_collection,
    is_mapping,
    is_plain_dict,
)

T = TypeVar("T")

_SETS: Final = (set, frozenset, deque)
_LEAVES: Final = (str, bytes, int, float, complex, type(None), Enum)


@runtime_checkable
class _Movable(Protocol):
    """An object that knows how to move itself; its own method decides what is copied."""

    def to(self, device: torch.device, /) -> object: ...


def to_device(value: T, device: torch.device) -> T:
    """`value` with every tensor in it on `device`, in containers of the same types.

    `device` is best as `resolve_device` gives it: with its index, it is compared at once.

    Goes into dicts, `UserDict`s, lists, tuples, their subclasses (named tuples among them),
    mapping proxies and dataclasses, frozen ones too; an object with a method `to(device)` moves
    itself. Whatever else there is stays, such as numbers, paths and arrays of NumPy. Nothing is
    changed in place, and whatever is already there comes back as the same object.

    A copy to a GPU does not wait for what is computed there: at once where the source lies in
    page-locked memory, as with `DataLoader(pin_memory=True)`, or is at most 64 KiB; a larger one is
    read when its turn comes, for which the call waits. The many columns of a `TensorTable` go in one
    copy. Raises DataError, with the path, for each other object that holds a tensor which would stay
    elsewhere.
    """
    batch: object = value
    if is_plain_dict(batch):  # the common case, in less than a microsecond
        for child in batch.values():  # all() over a generator costs twice as much
            if not isinstance(child, Tensor) or child.device != device:
                break
        else:
            return value
    transfer = _Transfer(device)
    if is_plain_dict(batch):
        elsewhere = [
            each for each in batch.values() if isinstance(each, Tensor) and each.device != device
        ]
        transfer.done = moved_together(elsewhere, transfer.moved_tensor)
    moved = transfer.moved(value)
    if transfer.problems:
        paths = {id(part): path for path, part in walk(value)}
        lines = [f"  batch{paths.get(id(part), '')}: {why}" for part, why in transfer.problems]
        more = [f"  and {len(lines) - 8} more"] if len(lines) > 8 else []
        raise DataError("\n".join([f"the batch cannot be moved to {device}:", *lines[:8], *more]))
    return same_type(moved, value)


def resolve_device(device: torch.device | str) -> torch.device:
    """The device as tensors will name it: `"auto"` is the accelerator, or the CPU without one.

    An accelerator named without an index gets the current one. Raises ConfigurationError for a
    device that does not exist here, and says which do.
    """
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    reason = "torch knows no such device"
    try:
        wanted = (accelerator or torch.device("cpu")) if device == "auto" else torch.device(device)
        reason = ""
        # only an allocation tells the truth for every kind of device, and it gives the index
        return torch.empty(0, device=wanted).device
    except (AssertionError, RuntimeError, TypeError) as error:
        there = ["cpu"]
        if accelerator is not None:
            n_devices = torch.accelerator.device_count()
            there += [f"{accelerator.type}:{index}" for index in range(n_devices)]
        raise ConfigurationError(
            f"device must be one of {', '.join(there)}, got {device!r} "
            f"({reason or str(error).partition(chr(10))[0]}); choose one of these, or 'auto'"
        ) from error


@final
class _Transfer:
    """One batch on its way to `device`; `problems` are what cannot move, with the reason."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.problems: list[tuple[object, str]] = []
        self.done: dict[int, Tensor] = {}  # by id
        self._ways: dict[type, Callable[[object], object]] = {}  # a list of paths asks once

    def moved(self, value: object) -> object:
        if isinstance(value, Tensor):
            done = self.done.get(id(value))
            return self.moved_tensor(value) if done is None else done
        way = self._ways.get(type(value))
        if way is None:
            way = self._ways[type(value)] = self._way_of(value)
        return way(value)

    def moved_tensor(self, value: Tensor) -> Tensor:
        # In the background from page-locked memory, which torch keeps alive until it is read;
        # CUDA has read any other before the call returns. On the way to the CPU, the CPU would
        # read too soon.
        in_background = self.device.type == "cuda" or (
            self.device.type != "cpu" and value.is_pinned()
        )
        return value.to(self.device, non_blocking=in_background)

    def _way_of(self, value: object) -> Callable[[object], object]:
        if isinstance(value, _LEAVES):
            return _as_it_is
        if type(value) not in PLAIN_CONTAINERS and isinstance(value, _Movable):
            return self._moved_by_itself
        if is_container(value):
            return self._moved_container
        may_hide = hasattr(value, "__dict__") or is_mapping(value) or isinstance(value, _SETS)
        return self._left if may_hide else _as_it_is

    def _moved_by_itself(self, value: object) -> object:
        if not isinstance(value, _Movable):
            return value
        name = type(value).__qualname__
        try:
            moved = value.to(self.device)
        except Exception as error:  # noqa: BLE001  a quantity's `to` takes a unit
            return self._left(value, f"{name}.to(device) raised {type(error).__name__}: {error}")
        if not isinstance(moved, type(value)):
            why = f"{name}.to(device) returned {type(moved).__qualname__}, expected {name}"
            self.problems.append((value, f"{why}; return the moved object"))
        return moved

    def _moved_container(self, value: object) -> object:
        items, held = contents(value)
        new_items = {key: self.moved(child) for key, child in items.items()}
        new_held = {name: self.moved(child) for name, child in held.items()}
        new, old = [*new_items.values(), *new_held.values()], [*items.values(), *held.values()]
        if all(map(is_, new, old)) or self.problems:
            return value
        return rebuilt(value, new_items, new_held)

    def _left(self, value: object, why: str = "it cannot be rebuilt") -> object:
        """The same object: a problem only where a tensor would stay elsewhere."""
        stray = _stray(value, self.device)
        if stray is not None:
            advice = (
                f"got {type(value).__qualname__}, which holds a tensor on {stray.device}, but {why}; "
                f"put its tensors into a dict, list, tuple or dataclass, or give it a method "
                f"to(device) that returns the moved object"
            )
            self.problems.append((value, advice))
        return value


def _as_it_is(value: object) -> object:
    return value


def _stray(value: object, device: torch.device) -> Tensor | None:
    """A tensor elsewhere, in an object's attributes, a set or a mapping, however deep."""
    seen: dict[int, object] = {}  # holds what it has seen: an id must not come twice
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, Tensor) and part.device != device:
            return part
        if id(part) in seen or isinstance(part, (*_LEAVES, Tensor, type, ModuleType)):
            continue
        seen[id(part)] = part
        left += attributes(part).values()
        if is_mapping(part):
            left += part.values()
        elif is_collection(part) and isinstance(part, (list, tuple, *_SETS)):
            left += part
    return None
