"""In which direction the type arguments of a class may vary: declared, or inferred (PEP 695)."""

import collections.abc as cabc
import inspect
from collections.abc import Iterator, Mapping
from typing import TypeAlias, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.annotations import own_hint
from artifact_torch.checking.annotations.forms import (
    class_of,
    is_callable_form,
    is_union,
)
from artifact_torch.checking.annotations.functions import read_signature
from artifact_torch.checking.annotations.generics import NOT_BASES, type_parameters
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.signatures import own_annotations

Directions: TypeAlias = tuple[bool, bool]
"""Whether the argument given must fit the one asked for, and the other way round."""

_COVARIANT: Directions = (True, False)
_CONTRAVARIANT: Directions = (False, True)
_INVARIANT: Directions = (True, True)

_MUTABLE: tuple[type, ...] = (cabc.MutableSequence, cabc.MutableMapping, cabc.MutableSet)
_SENT: tuple[type, ...] = (cabc.Generator, cabc.AsyncGenerator, cabc.Coroutine)

_Seen: TypeAlias = frozenset[object]


def directions(form: type, index: int, seen: _Seen = frozenset()) -> Directions:
    """Of type argument number `index`. A class that declares nothing, such as `numpy.ndarray`, is
    taken as covariant.
    """
    parameters = type_parameters(form)
    if index < len(parameters):
        parameter = parameters[index]
        if getattr(parameter, "__infer_variance__", False):
            return _inferred(form, parameter, seen)
        contra, co = (
            bool(getattr(parameter, name, False)) for name in ("__contravariant__", "__covariant__")
        )
        return not contra, not co
    if issubclass(form, _SENT) and index == 1:
        return _CONTRAVARIANT
    is_key = issubclass(form, cabc.Mapping) and index == 0
    return _INVARIANT if is_key or issubclass(form, _MUTABLE) else _COVARIANT


def _inferred(form: type, parameter: object, seen: _Seen) -> Directions:
    """From all places of the class that others see; a class met again says nothing new."""
    if (form, parameter) in seen:
        return False, False
    places = [
        _used(hint, parameter, seen | {(form, parameter)}, flipped=flipped)
        for hint, flipped in _places(form)
    ]
    there, back = (any(place[side] for place in places) for side in (0, 1))
    return (there, back) if there or back else _COVARIANT


def _places(form: type) -> Iterator[tuple[object, bool]]:
    """Each type, and whether it is one that others give."""
    for base in te.get_original_bases(form):
        if class_of(base) not in NOT_BASES:
            yield base, False
    is_frozen = bool(getattr(getattr(form, "__dataclass_params__", None), "frozen", False))
    for name in own_annotations(form):
        if not name.startswith("_"):
            declared = own_hint(form, name)
            yield declared, False
            if not is_frozen and get_origin(declared) not in (te.Final, te.ReadOnly):
                yield declared, True
    members: Mapping[str, object] = vars(form)
    for name, value in members.items():
        is_private = name.startswith("_") and not name.endswith("__")
        if not is_private and name not in {"__init__", "__new__"}:
            getter = value.fget if isinstance(value, property) else value
            yield from _hints(getter, form)
            if isinstance(value, property):  # what is set can be read
                for hint, flipped in _hints(value.fset, form):
                    yield from ((hint, flipped), (hint, not flipped))


def _hints(function: object, form: type) -> Iterator[tuple[object, bool]]:
    bare: object = getattr(function, "__func__", function)
    if inspect.isfunction(bare):
        takes_self = not isinstance(function, staticmethod)
        signature = read_signature(bare, form, bound=takes_self)
        for place, hint in signature.hints.items() if signature else ():
            yield hint, place != "return"


def _used(hint: object, parameter: object, seen: _Seen, *, flipped: bool) -> Directions:
    if hint is parameter:
        return _CONTRAVARIANT if flipped else _COVARIANT
    form = class_of(hint)
    found = [(False, False)]
    for index, arg in enumerate(get_args(hint)):
        if is_callable_form(hint):
            ways = _COVARIANT if index else _CONTRAVARIANT
        elif form is None or is_union(hint):
            ways = _COVARIANT
        else:
            ways = directions(form, index, seen)
        for part in arg if is_list(arg) else [arg]:
            for wanted, turned in zip(ways, (False, True), strict=True):
                if wanted:
                    found.append(_used(part, parameter, seen, flipped=flipped != turned))
    return any(each[0] for each in found), any(each[1] for each in found)
