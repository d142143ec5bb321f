"""What the members of Python's own containers and numbers take and give; written in C, they do not
say so themselves.
"""

import collections.abc as cabc
import typing
from collections.abc import Iterator, Mapping
from typing import Final, Generic, Protocol, Self, TypeVar, get_args, overload

from artifact_torch.checking.annotations.forms import SELF, class_of, is_subclass, subscripted
from artifact_torch.checking.annotations.generics import arguments_as, type_parameters
from artifact_torch.checking.annotations.names import HiddenNames
from artifact_torch.checking.annotations.signatures import Signature, read_signature

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)
V = TypeVar("V")


class _Iterable(Protocol[T_co]):
    def __iter__(self) -> Iterator[T_co]: ...


class _Iterator(_Iterable[T_co], Protocol[T_co]):
    def __next__(self) -> T_co: ...


class _Sized(Protocol):
    def __len__(self) -> int: ...


class _Container(Protocol[T_co]):
    def __contains__(self, item: object, /) -> bool: ...


class _Collection(_Sized, _Iterable[T_co], _Container[T_co], Protocol[T_co]): ...


class _Reversible(_Iterable[T_co], Protocol[T_co]):
    def __reversed__(self) -> Iterator[T_co]: ...


class _Hashable(Protocol):
    def __hash__(self) -> int: ...


class _Int(Protocol):
    def __int__(self) -> int: ...


class _Float(Protocol):
    def __float__(self) -> float: ...


class _Index(Protocol):
    def __index__(self) -> int: ...


class _Abs(Protocol[T_co]):
    def __abs__(self) -> T_co: ...


class _Sequence(Generic[T_co]):
    @overload
    def __getitem__(self, index: int, /) -> T_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> cabc.Sequence[T_co]: ...
    def __getitem__(self, index: int | slice, /) -> object: ...
    def count(self, value: object, /) -> int: ...
    def index(self, value: object, start: int = 0, stop: int = 0, /) -> int: ...


class _MutableSequence(Generic[V]):
    def __setitem__(self, index: int, value: V, /) -> None: ...
    def __delitem__(self, index: int, /) -> None: ...
    def append(self, value: V, /) -> None: ...
    def extend(self, values: cabc.Iterable[V], /) -> None: ...
    def pop(self, index: int = -1, /) -> V: ...
    def clear(self) -> None: ...


class _Mapping(Generic[K, V_co]):
    def __getitem__(self, key: K, /) -> V_co: ...
    def get(self, key: K, /) -> V_co | None: ...
    def keys(self) -> cabc.KeysView[K]: ...
    def values(self) -> cabc.ValuesView[V_co]: ...
    def items(self) -> cabc.ItemsView[K, V_co]: ...


class _MutableMapping(Generic[K, V]):
    def __setitem__(self, key: K, value: V, /) -> None: ...
    def __delitem__(self, key: K, /) -> None: ...
    def pop(self, key: K, /) -> V: ...
    def clear(self) -> None: ...


class _Ordered:
    def __lt__(self, other: Self, /) -> bool: ...
    def __le__(self, other: Self, /) -> bool: ...
    def __gt__(self, other: Self, /) -> bool: ...
    def __ge__(self, other: Self, /) -> bool: ...
    def __add__(self, other: Self, /) -> Self: ...


class _Number(_Ordered):
    def __abs__(self) -> Self: ...
    def __neg__(self) -> Self: ...
    def __sub__(self, other: Self, /) -> Self: ...
    def __mul__(self, other: Self, /) -> Self: ...
    def __bool__(self) -> bool: ...


class _Object:
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def __format__(self, spec: str, /) -> str: ...


PROTOCOLS: Final[Mapping[type, type]] = {
    cabc.Iterator: _Iterator,
    cabc.Reversible: _Reversible,
    cabc.Collection: _Collection,
    cabc.Iterable: _Iterable,
    cabc.Container: _Container,
    cabc.Sized: _Sized,
    cabc.Hashable: _Hashable,
    typing.SupportsInt: _Int,
    typing.SupportsFloat: _Float,
    typing.SupportsIndex: _Index,
    typing.SupportsAbs: _Abs,
}
"""Those that any class satisfies that has the members."""

_CLASSES: Final[Mapping[type, type]] = {
    **PROTOCOLS,
    cabc.Sequence: _Sequence,
    cabc.MutableSequence: _MutableSequence,
    cabc.Mapping: _Mapping,
    cabc.MutableMapping: _MutableMapping,
    int: _Number,
    float: _Number,
    str: _Ordered,
    bytes: _Ordered,
    object: _Object,
}


def standard_signatures(hint: object, name: str, hidden: HiddenNames) -> list[Signature]:
    """Of a member of one of Python's own classes; none for those that are not written here."""
    form = class_of(hint)
    for cls, stub in _CLASSES.items() if form is not None else ():
        member: object = vars(stub).get(name)
        if form is None or not callable(member) or not is_subclass(form, cls):
            continue
        known: dict[object, object] = {}
        if parameters := type_parameters(stub):
            args = arguments_as(hint, cls)
            if args is None:
                continue
            known = dict(zip(parameters, args, strict=False))
        functions = typing.get_overloads(member) or [member]
        read = [read_signature(each, stub, hidden, bound=True) for each in functions]
        return [each.with_known({**known, SELF: hint}) for each in read if each is not None]
    return []


def as_protocol(target: object) -> object:
    """Our own protocol for one of Python's; None for any other type."""
    protocol = PROTOCOLS.get(class_of(target) or object)
    args = get_args(target)
    return protocol if protocol is None or not args else subscripted(protocol, args)
