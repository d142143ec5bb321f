"""What the type parameters of a class, and of all its bases, stand for."""

import collections.abc as cabc
from collections.abc import Mapping, Sequence
from typing import Annotated, Generic, Literal, Protocol, TypeVar, Union, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    SELF,
    class_of,
    is_callable_form,
    is_subclass,
    is_union,
    is_variable,
    subscripted,
)
from artifact_torch.internal.narrowing import is_list

_NOT_BASES = (Generic, Protocol, te.Protocol, object)

_GENERATORS: tuple[type, ...] = (cabc.Generator, cabc.AsyncGenerator, cabc.Coroutine)

# A builtin iterable without type parameters of its own.
_ITEMS: Mapping[type, object] = {str: str, bytes: int, bytearray: int, range: int, memoryview: int}

_INVARIANT: tuple[type, ...] = (cabc.MutableSequence, cabc.MutableMapping, cabc.MutableSet)


def substitute(hint: object, known: Mapping[object, object]) -> object:
    """`hint` with type variables (and `Self`) replaced by what `known` says."""
    if isinstance(hint, type):
        return hint
    if is_variable(hint) or hint is SELF:
        return known.get(hint, hint)
    args: tuple[object, ...] = get_args(hint)
    if not args or not known or get_origin(hint) is Literal:
        return hint
    if get_origin(hint) is Annotated:
        return substitute(args[0], known)
    replaced = tuple(_substitute_argument(arg, known) for arg in args)
    same = all(new is old for new, old in zip(replaced, args, strict=True))
    return hint if same else _rebuilt(hint, replaced)


def _rebuilt(hint: object, replaced: tuple[object, ...]) -> object:
    if is_union(hint):
        return union_of(replaced)
    if is_callable_form(hint):
        return subscripted(cabc.Callable, replaced)
    return subscripted(get_origin(hint), replaced[0] if len(replaced) == 1 else replaced)


def _substitute_argument(arg: object, known: Mapping[object, object]) -> object:
    if is_list(arg):
        return [substitute(part, known) for part in arg]
    return substitute(arg, known)


def free_variables(hint: object) -> tuple[object, ...]:
    """The type variables that occur in a type; a class named without arguments has none."""
    if is_variable(hint):
        return (hint,)
    return () if isinstance(hint, type) else getattr(hint, "__parameters__", ())


def parameter_tables(hint: object) -> dict[type, dict[object, object]]:
    """For the class and each base: its type parameters and what they stand for.

    A parameter that nothing is given for stands for its default if arguments were given to others,
    else for itself.
    """
    tables: dict[type, dict[object, object]] = {}
    _collect(hint, {}, tables)
    return tables


def _collect(
    hint: object, outer: Mapping[object, object], tables: dict[type, dict[object, object]]
) -> None:
    form = class_of(hint)
    if form is None or form in tables:
        return
    parameters = type_parameters(form)
    args = tuple(substitute(arg, outer) for arg in get_args(hint))
    table: dict[object, object] = dict(zip(parameters, parameters, strict=True))
    if args:
        table.update({p: _default(p) for p in parameters[len(args) :]})
        table.update(zip(parameters, args, strict=False))
    tables[form] = table
    for base in te.get_original_bases(form):
        if class_of(base) not in _NOT_BASES:
            _collect(base, table, tables)


def _default(parameter: object) -> object:
    default: object = getattr(parameter, "__default__", te.NoDefault)
    return parameter if default in (te.NoDefault, None) else default


def arguments_as(hint: object, base: type) -> tuple[object, ...] | None:
    """The type arguments of `base` that an object of type `hint` has: `(int,)` for `list[int]`
    as an `Iterable`; None when they are not known.
    """
    for form, args in _with_arguments(hint):
        if form is base:
            return args
        if (converted := _builtin_arguments(form, args, base)) is not None:
            return converted
    return None


def _with_arguments(hint: object) -> list[tuple[type, tuple[object, ...]]]:
    """The class and its bases, each with its type arguments where it has any."""
    found: list[tuple[type, tuple[object, ...]]] = []
    form = class_of(hint)
    if form is None:
        return found
    if get_args(hint) and not type_parameters(form):
        found.append((form, get_args(hint)))
    for cls, table in parameter_tables(hint).items():
        if table:
            found.append((cls, tuple(table.values())))
        for base in te.get_original_bases(cls):  # `class Rows(list[int])`
            origin = class_of(base)
            if origin is not None and origin not in _NOT_BASES and not type_parameters(origin):
                found.append((origin, tuple(substitute(arg, table) for arg in get_args(base))))
    found.extend((cls, ()) for cls in form.__mro__ if cls in _ITEMS)
    return found


def type_parameters(form: type) -> tuple[TypeVar, ...]:
    """Of a generic class; none of a class that is not."""
    return getattr(form, "__parameters__", ())


def _builtin_arguments(
    form: type, args: tuple[object, ...], base: type
) -> tuple[object, ...] | None:
    if form in _ITEMS:
        return (_ITEMS[form],)
    if not args or not is_subclass(form, base):
        return None
    if form is tuple:
        return (_tuple_item(args),)
    if issubclass(form, cabc.Mapping):
        keyed = issubclass(base, cabc.Mapping)
        return args[:1] if not keyed else args if len(args) == 2 else None
    if issubclass(form, _GENERATORS):
        return args[:1]
    return args if len(args) == 1 else None


def _tuple_item(args: tuple[object, ...]) -> object:
    items = tuple(arg for arg in args if arg is not Ellipsis)
    return union_of(items) if items else te.Never


def union_of(hints: Sequence[object]) -> object:
    """`A | B`; a single hint stays itself."""
    return subscripted(Union, tuple(hints))


def is_invariant(form: type, index: int) -> bool:
    """Whether argument number `index` of the class may not vary (`list[int]` is no `list[object]`).

    A class that declares nothing, such as `numpy.ndarray`, is taken as covariant.
    """
    parameters = type_parameters(form)
    if index < len(parameters):
        variance = (parameters[index].__covariant__, parameters[index].__contravariant__)
        return variance == (False, False)
    return issubclass(form, _INVARIANT) or (issubclass(form, cabc.Mapping) and index == 0)


def is_contravariant(form: type, index: int) -> bool:
    parameters = type_parameters(form)
    return index < len(parameters) and bool(parameters[index].__contravariant__)
