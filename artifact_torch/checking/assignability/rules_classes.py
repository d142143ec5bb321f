"""The rule for ordinary classes and their type arguments."""

import ast
import collections.abc as cabc
import inspect
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.annotations import own_hint
from artifact_torch.checking.annotations.forms import (
    class_of,
    is_callable_form,
    is_param_spec,
    is_subclass,
    is_union,
    own_type_parameters,
    subscripted,
    unpacked,
)
from artifact_torch.checking.annotations.functions import definition_of, read_signature
from artifact_torch.checking.annotations.generics import NOT_BASES, arguments_as, type_parameters
from artifact_torch.checking.annotations.spelling import show
from artifact_torch.checking.assignability.relation import FITS, Outcome, Relation
from artifact_torch.checking.assignability.rules_forms import mismatch
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.signatures import own_annotations


def compare_classes(source: object, target: object, relation: Relation) -> Outcome | None:
    """A subclass fits, if its type arguments do."""
    given, asked = class_of(source), class_of(target)
    if given is None or asked is None:
        return None
    related = is_subclass(given, asked)
    if related is None:
        return None
    if not related:
        return mismatch(source, target)
    return _compare_arguments(source, target, asked, relation) if get_args(target) else FITS


def _compare_arguments(source: object, target: object, asked: type, relation: Relation) -> Outcome:
    given, wanted = arguments_as(source, asked), arguments_as(target, asked) or get_args(target)
    if all(want is Any for want in wanted):
        return FITS
    if given is None:
        return Outcome(f"the type arguments of {show(source)} are not known", "unverified")
    pairs: list[tuple[object, object]] = []
    parameters = type_parameters(asked)
    for index, both in enumerate(zip(given, wanted, strict=False)):
        if both[1] is Any:
            continue
        there, back = directions(asked, index)
        have, want = both
        if index < len(parameters) and is_param_spec(parameters[index]):
            # parameters are compared through what is called with them, the other way round
            want, have = (subscripted(cabc.Callable, (each, None)) for each in both)
        pairs += [(have, want)] * there + [(want, have)] * back
    outcome = relation.explain_all(pairs)
    if outcome.is_wrong:
        return Outcome(f"{show(source)} is not {show(target)}: {outcome.text}")
    return outcome


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
        parameter: object = parameters[index]
        own = parameter in own_type_parameters(form)  # a TypeVarTuple does not tell
        if getattr(parameter, "__infer_variance__", own):
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
    own = {name: own_hint(form, name) for name in own_annotations(form)}
    for name, declared in {**_set_in_init(form), **own}.items():
        if not name.startswith("_"):
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


def _set_in_init(form: type) -> Mapping[str, object]:
    """`self.value = value`: an attribute has the type of the parameter that is put into it."""
    init: object = vars(form).get("__init__")
    written = definition_of(init) if inspect.isfunction(init) else None
    signature = read_signature(init, form, bound=True) if inspect.isfunction(init) else None
    found: dict[str, object] = {}
    for statement in ast.walk(written) if written and signature else ():
        match statement:
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=ast.Name(id=given)):
                found[name] = signature.hints.get(given) if signature else None
            case _:
                pass
    return found


def _hints(function: object, form: type) -> Iterator[tuple[object, bool]]:
    bare: object = getattr(function, "__func__", function)
    if inspect.isfunction(bare):
        takes_self = not isinstance(function, staticmethod)
        signature = read_signature(bare, form, bound=takes_self)
        for place, hint in signature.hints.items() if signature else ():
            yield hint, place != "return"


def _used(hint: object, parameter: object, seen: _Seen, *, flipped: bool) -> Directions:
    if parameter in (hint, unpacked(hint), getattr(hint, "__origin__", None)):  # T, *Ts, P.args
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
