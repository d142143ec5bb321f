"""What a batch is made of: mappings, lists, tuples and dataclasses, with tensors in them."""

import copy
from collections import UserDict
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Final

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from typing_extensions import TypeVar

from artifact_torch.errors import DataError
from artifact_torch.internal.narrowing import (
    is_list,
    is_mapping,
    is_mapping_proxy,
    is_mutable_mapping,
    is_plain_dict,
    is_tuple,
)

T = TypeVar("T")

PLAIN_CONTAINERS: Final = frozenset({dict, list, tuple})
"""Classes whose instances have no attributes of their own."""


def same_type(new: object, like: T) -> T:
    """`new`, known to have the type of `like`: how a value of the user's own type is built.

    Raises DataError where it has not.
    """
    if isinstance(new, type(like)):
        return new
    raise DataError(
        f"expected a {type(like).__name__} again, got {type(new).__name__}: "
        f"the copy of a container must have the container's type"
    )


def tuple_like(value: tuple[object, ...], children: list[object]) -> tuple[object, ...]:
    """A tuple of `value`'s own class: a named tuple, one of torch's `return_types`, any other."""
    kind: type[tuple[object, ...]] = tuple
    try:
        return kind.__new__(type(value), children)  # a named tuple's own __new__ takes no iterable
    except TypeError:  # named tuples made in C, such as torch's `return_types`
        return type(value)(children)


def is_container(value: object) -> bool:
    """What can be rebuilt with other contents: dicts, lists, tuples, instances of dataclasses."""
    known = isinstance(value, dict | UserDict | MappingProxyType | list | tuple)
    return known or (is_dataclass(value) and not isinstance(value, type))


def contents(value: object) -> tuple[Mapping[object, object], dict[str, object]]:
    """What a container holds: mappings by key, lists and tuples by position; and by attribute."""
    items: Mapping[object, object] = {}
    if is_mapping(value):
        items = value
    elif is_list(value) or is_tuple(value):
        items = dict(enumerate(value))
    held = {} if type(value) in PLAIN_CONTAINERS else attributes(value)
    if isinstance(value, UserDict):
        held.pop("data", None)  # the dict that its items live in
    return items, held


def rebuilt(value: object, items: dict[object, object], held: dict[str, object]) -> object:
    """A shallow copy of `value` with other contents; no constructor of the user's is called."""
    new: object
    if is_plain_dict(value):
        return items
    if is_tuple(value):
        new = tuple_like(value, [*items.values()])
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


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """`value` and all that its containers hold, depth first, each with its path: `["x"][0].y`."""
    yield path, value
    if is_container(value):
        items, held = contents(value)
        for key, child in items.items():
            shown = f'"{key}"' if isinstance(key, str) else key
            yield from walk(child, f"{path}[{shown}]")
        for name, child in held.items():
            yield from walk(child, f"{path}.{name}")


def attributes(value: object) -> dict[str, object]:
    """What `value` holds under names: a dataclass's fields, slots included, and its `__dict__`."""
    held: dict[str, object] = dict(getattr(value, "__dict__", {}))
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if hasattr(value, field.name):  # a field with init=False may not be set yet
                held.setdefault(field.name, getattr(value, field.name))
    return held


def number_of_rows(batch: object) -> int:
    """How many rows a batch has: the first dimension of the first tensor in it, depth first.

    A mean over batches is weighted by it. Looks into mappings, lists, tuples and dataclasses;
    a tensor of no dimension is passed over, packed and nested sequences count once each. Raises
    DataError where there is no tensor.
    """
    if is_plain_dict(batch):  # asked for each batch, most of which are this
        first = next(iter(batch.values()), None)
        if isinstance(first, Tensor) and first.dim():
            return first.size(0)  # a nested tensor has no shape
    for _, part in walk(batch):
        if isinstance(part, PackedSequence):
            return int(part.batch_sizes[0])  # on the CPU, always: it does not sync
        if isinstance(part, Tensor) and part.dim():
            return part.size(0)  # a nested tensor has no shape
    raise DataError(
        f"the number of rows of a batch is the first dimension of the first tensor in it, and this "
        f"{type(batch).__name__} holds no tensor of shape [rows, ...]; "
        f"put one in a dict, list, tuple or dataclass of the batch"
    )
