"""What the members of Python's own containers and numbers take and give; written in C, they do not
say so themselves.
"""

import collections.abc as cabc
import typing
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Final, Self, TypeAlias, TypeVar, get_args

from artifact_torch.checking.annotations.forms import SELF, class_of, is_subclass, subscripted
from artifact_torch.checking.annotations.generics import arguments_as, union_of
from artifact_torch.checking.annotations.signatures import Signature, called_with

T = TypeVar("T")  # the items, or the keys of a mapping
V = TypeVar("V")  # the values of a mapping

_Members: TypeAlias = Mapping[str, tuple[Signature, ...]]
"""By name, one signature for each overload."""


def _call(result: object, *passed: object) -> tuple[Signature, ...]:
    return (called_with([*passed], result),)


def _of(form: type, *args: object) -> object:
    return subscripted(form, args)


_ORDER: Final = dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__"), _call(bool, Self))
_NUMBER: Final[_Members] = {
    **_ORDER,
    **dict.fromkeys(("__add__", "__sub__", "__mul__"), _call(Self, Self)),
    **dict.fromkeys(("__abs__", "__neg__"), _call(Self)),
    "__bool__": _call(bool),
}

PROTOCOLS: Final[Mapping[type, _Members]] = {
    cabc.Iterator: {"__next__": _call(T)},
    cabc.Reversible: {"__reversed__": _call(_of(Iterator, T))},
    cabc.Iterable: {"__iter__": _call(_of(Iterator, T))},
    cabc.Container: {"__contains__": _call(bool, object)},
    cabc.Sized: {"__len__": _call(int)},
    cabc.Collection: {},
    cabc.Hashable: {"__hash__": _call(int)},
    typing.SupportsInt: {"__int__": _call(int)},
    typing.SupportsFloat: {"__float__": _call(float)},
    typing.SupportsIndex: {"__index__": _call(int)},
    typing.SupportsAbs: {"__abs__": _call(T)},
}
"""Those that any class satisfies that has the members, their bases' among them."""

_CLASSES: Final[Mapping[type, _Members]] = {
    cabc.MutableMapping: {
        "__setitem__": _call(None, T, V),
        "__delitem__": _call(None, T),
        "pop": _call(V, T),
        "clear": _call(None),
    },
    cabc.Mapping: {
        "__getitem__": _call(V, T),
        "get": _call(union_of((V, NoneType)), T),
        "keys": _call(_of(cabc.KeysView, T)),
        "values": _call(_of(cabc.ValuesView, V)),
        "items": _call(_of(cabc.ItemsView, T, V)),
    },
    cabc.MutableSequence: {
        "__setitem__": _call(None, int, T),
        "__delitem__": _call(None, int),
        "append": _call(None, T),
        "extend": _call(None, _of(cabc.Iterable, T)),
        "pop": _call(T) + _call(T, int),
        "clear": _call(None),
    },
    cabc.Sequence: {
        "__getitem__": _call(T, int) + _call(_of(cabc.Sequence, T), slice),
        "count": _call(int, object),
        "index": _call(int, object),
    },
    int: _NUMBER,
    float: _NUMBER,
    str: {**_ORDER, "__add__": _call(Self, Self)},
    **PROTOCOLS,
    object: {
        **dict.fromkeys(("__eq__", "__ne__"), _call(bool, object)),
        **dict.fromkeys(("__str__", "__repr__"), _call(str)),
        "__hash__": _call(int),
        "__format__": _call(str, str),
    },
}


def standard_signatures(hint: object, name: str) -> list[Signature]:
    """Of a member of one of Python's own classes; none for those that are not written here."""
    form = class_of(hint)
    for cls, members in _CLASSES.items() if form is not None else ():
        if form is None or name not in members or not is_subclass(form, cls):
            continue
        args = arguments_as(hint, cls) or get_args(hint)
        if len(args) < len({v for call in members[name] for v in call.variables}):
            continue
        known: dict[object, object] = {SELF: hint, **dict(zip((T, V), args, strict=False))}
        return [call.with_known(known) for call in members[name]]
    return []
