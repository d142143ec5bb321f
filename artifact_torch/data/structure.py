"""What a batch is made of: mappings, lists, tuples and dataclasses, with tensors in them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.errors import DataError
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

T = TypeVar("T")


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
    if isinstance(value, _StructSequence):
        return type(value)(children)
    return kind.__new__(type(value), children)  # a named tuple's own __new__ takes no iterable


@runtime_checkable
class _StructSequence(Protocol):
    """Named tuples made in C, such as torch's `return_types`: they refuse `tuple.__new__`."""

    @property
    def n_sequence_fields(self) -> int: ...


def is_record(value: object) -> bool:
    """An instance of a dataclass."""
    return is_dataclass(value) and not isinstance(value, type)


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
    a tensor of no dimension is passed over. Raises DataError where there is no tensor.
    """
    for tensor in _tensors(batch):
        if tensor.dim():
            return tensor.shape[0]
    raise DataError(
        f"the number of rows of a batch is the first dimension of the first tensor in it, and this "
        f"{type(batch).__name__} holds no tensor of shape [rows, ...]; "
        f"put one in a dict, list, tuple or dataclass of the batch"
    )


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif is_mapping(value):
        for child in value.values():
            yield from _tensors(child)
    elif is_list(value) or is_tuple(value):
        for child in value:
            yield from _tensors(child)
    elif is_record(value):
        for child in attributes(value).values():
            yield from _tensors(child)
