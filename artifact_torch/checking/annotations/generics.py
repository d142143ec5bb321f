"""What the type parameters of a class, and of all its bases, stand for."""

import collections.abc as cabc
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import torch
import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    SELF,
    class_of,
    is_callable_form,
    is_param_spec,
    is_subclass,
    is_union,
    is_variable,
    subscripted,
    unpacked,
)
from artifact_torch.checking.annotations.names import Scope, resolve
from artifact_torch.internal.narrowing import is_list, is_tuple
from artifact_torch.internal.signatures import own_annotations

NOT_BASES: Final = (Generic, Protocol, te.Protocol, object)

_GENERATORS: tuple[type, ...] = (cabc.Generator, cabc.AsyncGenerator, cabc.Coroutine)

# A builtin iterable without type parameters of its own.
_ITEMS: Mapping[type, object] = {str: str, bytes: int, bytearray: int, range: int, memoryview: int}


def substitute(hint: object, known: Mapping[object, object]) -> object:
    """`hint` with type variables (and `Self`) replaced by what `known` says."""
    if isinstance(hint, type):
        return hint
    if is_variable(hint) or isinstance(hint, (ParamSpec, te.TypeVarTuple)) or hint is SELF:
        found = known.get(hint, hint)
        return [*found] if is_tuple(found) else found  # the parameters that a ParamSpec stands for
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
    if get_origin(hint) is te.Concatenate and is_list(replaced[-1]):
        return [*replaced[:-1], *replaced[-1]]
    if get_origin(hint) is te.Concatenate and replaced[-1] is not Ellipsis:
        return subscripted(te.Concatenate, replaced)
    return subscripted(get_origin(hint), replaced[0] if len(replaced) == 1 else replaced)


def _substitute_argument(arg: object, known: Mapping[object, object]) -> object:
    if is_list(arg) or is_tuple(arg):
        return [substitute(part, known) for part in arg]
    return substitute(arg, known)


def free_variables(hint: object) -> tuple[object, ...]:
    """The type variables that occur in a type; a class named without arguments has none."""
    if is_variable(hint):
        return (hint,)
    return () if isinstance(hint, type) else getattr(hint, "__parameters__", ())


_Tables: TypeAlias = Mapping[type, Mapping[object, object]]


def parameter_tables(hint: object) -> _Tables:
    """For the class and each base: its type parameters and what they stand for.

    A parameter that nothing is given for stands for its default if arguments were given to others,
    else for itself.
    """
    try:
        return _tables(hint)
    except TypeError:  # `Literal[[]]`
        return _tables.__wrapped__(hint)


@functools.lru_cache(maxsize=512)
def _tables(hint: object) -> _Tables:
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
    args = tuple(_substitute_argument(arg, outer) for arg in get_args(hint))
    table: dict[object, object] = dict(zip(parameters, parameters, strict=True))
    table.update(zip(parameters, _one_each(parameters, args), strict=False))
    if args or tables:  # a base that is named without arguments has the defaults
        for parameter in parameters[len(args) :]:
            table[parameter] = substitute(_default_of(parameter), table)
    tables[form] = table
    for base in te.get_original_bases(form):
        if class_of(base) not in NOT_BASES:
            _collect(base, table, tables)


def _one_each(parameters: Sequence[object], args: tuple[object, ...]) -> tuple[object, ...]:
    """The arguments by parameter: `P[int, str]` means `P[[int, str]]`, and what a `TypeVarTuple`
    stands for is one tuple.
    """
    if len(parameters) == 1 and is_param_spec(parameters[0]) and args[1:]:
        return ([*args],)
    several = [isinstance(parameter, te.TypeVarTuple) for parameter in parameters]
    if not args or True not in several:
        return args
    start = several.index(True)
    end = len(args) - (len(parameters) - start - 1)
    return (*args[:start], subscripted(tuple, args[start:end]), *args[end:])


def _default_of(parameter: object) -> object:
    """Of a type parameter; itself where it has none (PEP 696)."""
    default: object = getattr(parameter, "__default__", te.NoDefault)
    return parameter if default in (te.NoDefault, None) else default


def with_defaults(hint: object, *, or_any: bool = False) -> object:
    """A generic class that is named without arguments, with the defaults of its parameters. One that
    has none stays as it is, or has `Any` everywhere: so a bare `Model` inside a signature is meant.
    """
    filled = _defaults(hint) if isinstance(hint, type) else ()
    says_something = or_any or any(each is not Any and each is not Ellipsis for each in filled)
    return subscripted(hint, filled) if filled and says_something else hint


@functools.lru_cache(maxsize=512)
def _defaults(form: type) -> tuple[object, ...]:
    defaults = [_default_of(parameter) for parameter in type_parameters(form)]
    return tuple(Any if is_variable(d) else ... if is_param_spec(d) else d for d in defaults)


def arguments_as(hint: object, base: type) -> tuple[object, ...] | None:
    """The type arguments of `base` that an object of type `hint` has: `(int,)` for `list[int]`
    as an `Iterable`; None when they are not known.
    """
    form = class_of(hint)
    if form is not None and base is not tuple and issubclass(form, tuple):
        hint = as_tuple(hint)
    known = _with_arguments(hint)
    for form, args in known:
        if form is base:
            return args
    for form, args in known:
        own_order = "__orig_bases__" in vars(form)  # a user's class has parameters as it likes
        if not own_order and (converted := _builtin_arguments(form, args, base)) is not None:
            return converted
    return None


def _with_arguments(hint: object) -> list[tuple[type, tuple[object, ...]]]:
    """The class and its bases, each with its type arguments where it has any."""
    found: list[tuple[type, tuple[object, ...]]] = []
    form = class_of(hint)
    if form is None:
        return found
    if (get_args(hint) or get_origin(hint) is tuple) and not type_parameters(form):
        found.append((form, get_args(hint)))
    for cls, table in parameter_tables(hint).items():
        if table:
            found.append((cls, tuple(table.values())))
        for base in te.get_original_bases(cls):  # `class Rows(list[int])`
            origin = class_of(base) if get_origin(base) else None  # bare, it tells no argument
            if origin is not None and origin not in NOT_BASES and not type_parameters(origin):
                found.append((origin, tuple(substitute(arg, table) for arg in get_args(base))))
    found.extend((cls, ()) for cls in form.__mro__ if cls in _ITEMS)
    return found


def as_tuple(hint: object) -> object:
    """The tuple that a class of tuples is: named, derived, or torch's own."""
    form = class_of(hint)
    if form is torch.Size:
        return subscripted(tuple, (int, ...))
    if form is None or form is tuple:
        return hint
    args = _fields(hint) or arguments_as(hint, tuple)
    return tuple if args is None else subscripted(tuple, args)


def _fields(hint: object) -> tuple[object, ...]:
    """The types of the fields of a named tuple; empty for any other class."""
    for form, known in parameter_tables(hint).items():
        if "_fields" in vars(form):
            scope = Scope(form.__module__, type_parameters=tuple(known))
            raw = own_annotations(form)
            names: tuple[str, ...] = vars(form)["_fields"]
            return tuple(substitute(resolve(raw.get(n, Any), scope), known) for n in names)
    return ()


@functools.lru_cache(maxsize=512)
def type_parameters(form: type) -> tuple[TypeVar, ...]:
    """Of a generic class, in the order of `Protocol[...]` or `Generic[...]` where it has that:
    Python's own `__parameters__` mixes in those of bases named before. None of any other class.
    """
    bases = te.get_original_bases(form) if "__orig_bases__" in vars(form) else ()
    named = [base for base in bases if class_of(base) in NOT_BASES and get_args(base)]
    own: tuple[TypeVar, ...] | None = getattr((*named, form)[0], "__parameters__", None)
    if own is not None:
        return own
    # `class Rows(list[T])`: Python keeps nothing of it
    found = dict.fromkeys(v for base in bases for v in free_variables(base))
    return tuple(v for v in found if isinstance(v, TypeVar))


def _builtin_arguments(
    form: type, args: tuple[object, ...], base: type
) -> tuple[object, ...] | None:
    if form in _ITEMS:
        return (_ITEMS[form],)
    if form is tuple and base is not tuple:
        return (_tuple_item(args),) if is_subclass(tuple, base) else None
    if not args or not is_subclass(form, base):
        return None
    if issubclass(form, cabc.Mapping):
        args = (*args, int) if issubclass(form, Counter) else args
        keyed = issubclass(base, cabc.Mapping)
        return args[:1] if not keyed else args if len(args) == 2 else None
    if issubclass(form, _GENERATORS):
        return args[2:] if issubclass(base, cabc.Awaitable) else args[:1]
    return args if len(args) == 1 else None


def _tuple_item(args: tuple[object, ...]) -> object:
    items: list[object] = []
    for arg in args:
        inner = unpacked(arg)
        items += [arg] if inner is None else [_tuple_item(get_args(inner))]
    items = [item for item in items if item is not Ellipsis]
    return union_of(items) if items else te.Never


def union_of(hints: Sequence[object]) -> object:
    """`A | B`; a single hint stays itself."""
    return subscripted(Union, tuple(hints))
