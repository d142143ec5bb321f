"""Where a run computes, and how a batch gets there."""

import copy
from collections import UserDict
from collections.abc import Mapping
from enum import Enum
from numbers import Number
from operator import is_
from types import MappingProxyType
from typing import Protocol, final, runtime_checkable

import torch
from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.data.structure import attributes, is_record, same_type, tuple_like
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.narrowing import (
    is_list,
    is_mapping,
    is_mapping_proxy,
    is_mutable_mapping,
    is_plain_dict,
    is_tuple,
)

T = TypeVar("T")

_LEAVES = (str, bytes, int, float, complex, type(None), Enum)
_PLAIN_CONTAINERS = frozenset({dict, list, tuple})


@runtime_checkable
class _Movable(Protocol):
    """An object that knows how to move itself; its own method decides what is copied."""

    def to(self, device: torch.device, /) -> object: ...


def to_device(value: T, device: torch.device) -> T:
    """`value` with every tensor in it on `device`, in containers of the same types.

    `device` is best as `resolve_device` gives it: with its index, it is compared at once.

    Goes into dicts, `UserDict`s, lists, tuples, their subclasses (named tuples among them),
    mapping proxies and dataclasses, frozen ones too; anything else that holds tensors needs a
    method `to(device)`. Numbers, strings, bytes, enums and None stay. Nothing is changed in
    place, and whatever is already there comes back as the same object.

    The copy overlaps with computation where the source lies in page-locked memory, as with
    `DataLoader(pin_memory=True)`. Raises DataError with the path to each object that cannot be
    moved, on every device alike.
    """
    if _is_there(value, device):
        return value
    transfer = _Transfer(device)
    moved = transfer.moved(value)
    if transfer.problems:
        listed = "\n".join(f"  batch{problem}" for problem in transfer.problems)
        raise DataError(f"the batch cannot be moved to {device}:\n{listed}")
    return same_type(moved, value)


def resolve_device(device: torch.device | str) -> torch.device:
    """The device as tensors will name it: `"auto"` is the accelerator, or the CPU without one.

    An accelerator named without an index gets the current one. Raises ConfigurationError for a
    device that does not exist here, and says which do.
    """
    try:
        wanted = _automatic() if device == "auto" else torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise _no_such_device(device, "torch knows no such device") from error
    try:  # only an allocation tells the truth for every kind of device, and it gives the index
        return torch.empty(0, device=wanted).device
    except (RuntimeError, AssertionError) as error:
        raise _no_such_device(device, str(error).partition("\n")[0]) from error


def _no_such_device(device: object, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"device must be one of {', '.join(_available())}, got {device!r} ({reason}); "
        f"choose one of these, or 'auto'"
    )


def _automatic() -> torch.device:
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return torch.device("cpu") if accelerator is None else accelerator


def _available() -> list[str]:
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return ["cpu"]
    count = torch.accelerator.device_count()
    return ["cpu", *(f"{accelerator.type}:{index}" for index in range(count))]


def _is_there(value: object, device: torch.device) -> bool:
    """The common case, in less than a microsecond: a plain dict of tensors that are all there."""
    if not is_plain_dict(value):
        return False
    for child in value.values():  # all() over a generator costs twice as much
        if not isinstance(child, Tensor) or child.device != device:
            return False
    return True


@final
class _Transfer:
    """One batch on its way to `device`; `problems` are paths below the batch, with the reason."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.problems: list[str] = []

    def moved(self, value: object) -> object:
        if isinstance(value, Tensor):
            # In the background only from page-locked memory to an accelerator: torch keeps such
            # a source alive until it is read. On the way to the CPU, the CPU would read too soon.
            in_background = self.device.type != "cpu" and value.is_pinned()
            return value.to(self.device, non_blocking=in_background)
        if isinstance(value, _LEAVES):
            return value
        if type(value) in _PLAIN_CONTAINERS:
            return self._moved_container(value)
        return self._moved_object(value)

    def _moved_object(self, value: object) -> object:
        if isinstance(value, _Movable):
            return self._moved_by_itself(value)
        if _is_container(value):
            return self._moved_container(value)
        if isinstance(value, Number):  # numpy's scalars among them
            return value
        self.problems.append(
            f": got {type(value).__qualname__}, which is no tensor and no container that can be "
            f"rebuilt; give it a method to(device) that returns the moved object, "
            f"or make it a dataclass"
        )
        return value

    def _moved_by_itself(self, value: _Movable) -> object:
        moved = value.to(self.device)
        if not isinstance(moved, type(value)):
            name, got = type(value).__qualname__, type(moved).__qualname__
            self.problems.append(
                f": {name}.to(device) returned {got}, expected {name}; return the moved object"
            )
        return moved

    def _moved_container(self, value: object) -> object:
        items, held = _items(value), _held(value)
        new_items = [self._moved_child(child, "[{}]", key) for key, child in items.items()]
        new_held = [self._moved_child(child, ".{}", name) for name, child in held.items()]
        unchanged = all(map(is_, [*new_items, *new_held], [*items.values(), *held.values()]))
        if unchanged or self.problems:
            return value
        return _rebuilt(
            value,
            dict(zip(items, new_items, strict=True)),
            dict(zip(held, new_held, strict=True)),
        )

    def _moved_child(self, child: object, form: str, key: object) -> object:
        n_known = len(self.problems)
        moved = self.moved(child)
        if len(self.problems) > n_known:
            shown = f'"{key}"' if isinstance(key, str) and form == "[{}]" else key
            step = form.format(shown)
            self.problems[n_known:] = [step + problem for problem in self.problems[n_known:]]
        return moved


def _is_container(value: object) -> bool:
    known = isinstance(value, dict | UserDict | MappingProxyType | list | tuple)
    return known or is_record(value)


def _items(value: object) -> Mapping[object, object]:
    """Mappings by key, lists and tuples by position; a dataclass has none."""
    if is_mapping(value):
        return value
    return dict(enumerate(value)) if is_list(value) or is_tuple(value) else {}


def _held(value: object) -> dict[str, object]:
    """Attributes; those of a `UserDict` without the dict that its items live in."""
    if type(value) in _PLAIN_CONTAINERS:
        return {}
    held = attributes(value)
    if isinstance(value, UserDict):
        held.pop("data", None)
    return held


def _rebuilt(value: object, items: dict[object, object], held: dict[str, object]) -> object:
    """A shallow copy of `value` with other contents; no constructor of the user's is called."""
    new: object
    if is_plain_dict(value):
        return items
    if is_tuple(value):
        new = tuple_like(value, list(items.values()))
    elif is_mapping_proxy(value):
        new = MappingProxyType(items)
    else:
        new = copy.copy(value)
        if is_list(new):
            new[:] = items.values()
        elif is_mutable_mapping(new):
            for key, child in items.items():
                new[key] = child
    for name, child in held.items():
        object.__setattr__(new, name, child)  # frozen dataclasses too
    return new
