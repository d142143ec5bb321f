"""The kinds of type form that the checks tell apart."""

import collections.abc as cabc
import inspect
import types
import typing
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    NewType,
    ParamSpec,
    ParamSpecArgs,
    ParamSpecKwargs,
    TypeGuard,
    TypeVar,
    TypeVarTuple,
    Union,
    final,
    get_args,
    get_origin,
)

import typing_extensions as te

from artifact_torch.internal.narrowing import is_tuple

NO_ANNOTATION: Final[object] = inspect.Parameter.empty
SELF: Final[object] = getattr(te, "Self", None)
_CALLABLES: Final[tuple[object, ...]] = tuple(getattr(m, "Callable", None) for m in (cabc, typing))
_NEVER: Final[tuple[object, ...]] = (te.Never, typing.NoReturn)
_GUARDS: Final[tuple[object, ...]] = (te.TypeGuard, te.TypeIs)
_WRAPPERS = (Annotated, te.Required, te.NotRequired, te.ReadOnly, ClassVar, Final)
_ALIASES = (te.TypeAliasType, getattr(typing, "TypeAliasType", te.TypeAliasType))


@final
@dataclass(frozen=True)
class Unresolved:
    """An annotation whose names do not exist at run time."""

    text: str
    is_hidden: bool = True
    """Whether they stand under `if TYPE_CHECKING:`, and not in the body of a function."""


_OPEN: Final = (
    Unresolved,
    str,
    typing.ForwardRef,
    ParamSpec,
    ParamSpecArgs,
    ParamSpecKwargs,
    TypeVarTuple,
)


def is_unknown(hint: object) -> bool:
    """Whether the hint says nothing: absent, not resolvable, or what only a call decides."""
    return hint is NO_ANNOTATION or isinstance(hint, _OPEN)


def is_union(hint: object) -> bool:
    """`X | Y`, `Union[X, Y]` and `Optional[X]`."""
    return get_origin(hint) in (Union, types.UnionType)


def is_callable_form(hint: object) -> bool:
    """`Callable`, with or without brackets."""
    return any(hint is form or get_origin(hint) is form for form in _CALLABLES)


def is_param_spec(hint: object) -> TypeGuard[ParamSpec]:
    """`P`, whose arguments only a call decides."""
    return isinstance(hint, ParamSpec)


def unpacked(hint: object) -> object:
    """`X` for `*X` and `Unpack[X]`; None for anything else."""
    if get_origin(hint) in (te.Unpack, typing.Unpack):
        return get_args(hint)[0]
    if getattr(hint, "__unpacked__", False) is True:
        return subscripted(tuple, get_args(hint))
    return None


def is_variable(hint: object) -> bool:
    """`T`; no `ParamSpec` and no `TypeVarTuple`."""
    return isinstance(hint, TypeVar)  # those of typing_extensions are made of it


def is_never(hint: object) -> bool:
    """`Never` and `NoReturn`."""
    return any(hint is form for form in _NEVER)


def class_of(hint: object) -> type | None:
    """`list` for `list[int]`, `Model` for `Model[In, Out]`, the class itself for a class."""
    if isinstance(hint, type):
        return hint
    origin: object = get_origin(hint)
    return origin if isinstance(origin, type) else None


def is_subclass(form: type, base: type) -> bool | None:
    """None where the classes do not tell: a protocol with properties, a metaclass of its own."""
    if base in form.__mro__:
        return True
    try:
        return issubclass(form, base)
    except TypeError:
        return None


def is_typed_dict(hint: object) -> bool:
    """A typed dict, with type arguments or without."""
    form = class_of(hint)
    return form is not None and te.is_typeddict(form)


def is_protocol(hint: object) -> bool:
    """A protocol written by somebody; those of the standard library are ordinary classes here."""
    form = class_of(hint)
    return (
        form is not None
        and te.is_protocol(form)
        and form.__module__ not in {"typing", "typing_extensions", "collections.abc"}
    )


def array_type(hint: object) -> object:
    """`Tensor` for jaxtyping's `Float[Tensor, "b f"]`, else None."""
    if not isinstance(hint, type) or type(hint) is type:
        return None
    parts: tuple[object, ...] = tuple(getattr(hint, n, None) for n in ("array_type", "dim_str"))
    return parts[0] if isinstance(parts[1], str) else None


def unqualified(hint: object) -> tuple[object, set[object]]:
    """The type, and what is written around it: `Final`, `ReadOnly`, `Annotated`."""
    around: set[object] = set()
    while (origin := get_origin(hint)) in _WRAPPERS:
        around.add(origin)
        hint = get_args(hint)[0]
    return hint, around


def plain(hint: object) -> object:
    """The hint without what does not matter for comparing: qualifiers, aliases, array shapes."""
    while not isinstance(hint, type) or array_type(hint) is not None:
        origin: object = get_origin(hint)
        if origin in _WRAPPERS:
            hint = get_args(hint)[0]
        elif isinstance(hint, _ALIASES):
            hint = getattr(hint, "__value__", None)
        elif isinstance(origin, _ALIASES):
            hint = _alias_value(origin, get_args(hint))
        elif hint is None:
            return type(None)
        elif any(origin is form for form in _GUARDS):
            return bool
        elif (array := array_type(hint)) is not None:
            hint = array
        else:
            break
    return hint


def _alias_value(alias: object, args: tuple[object, ...]) -> object:
    value: object = getattr(alias, "__value__", None)
    return subscripted(value, args) if getattr(value, "__parameters__", ()) else value


def subscripted(form: object, args: object) -> object:
    """`form[args]`."""
    generic: Any = form  # Any: no type describes what can be subscripted at run time
    return generic[args]


def is_new_type(hint: object) -> bool:
    """`UserId` of `UserId = NewType("UserId", int)`."""
    return isinstance(hint, NewType)


def own_type_parameters(definition: object) -> tuple[object, ...]:
    """Those in the brackets of `class C[T]` or `def f[T]`; the type of functions has a descriptor."""
    parameters: object = getattr(definition, "__type_params__", ())
    return parameters if is_tuple(parameters) else ()
