"""The resolved annotations of functions, classes and typed dicts."""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, final, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.forms import NO_ANNOTATION, SELF, class_of
from artifact_torch.checking.annotations.generics import (
    free_variables,
    parameter_tables,
    substitute,
)
from artifact_torch.checking.annotations.names import HiddenNames, Scope, resolve
from artifact_torch.internal.narrowing import is_partial


@final
@dataclass(frozen=True)
class Signature:
    """The parameters of one call, without `self`, and the types of all annotations."""

    parameters: tuple[inspect.Parameter, ...]
    hints: Mapping[str, object]
    """By parameter name, and `return`; a name without annotation is there as `NO_ANNOTATION`."""

    @property
    def variables(self) -> frozenset[object]:
        """The type variables in it."""
        return frozenset(v for hint in self.hints.values() for v in free_variables(hint))

    def with_known(self, known: Mapping[object, object]) -> "Signature":
        """Type variables replaced."""
        hints = {name: substitute(hint, known) for name, hint in self.hints.items()}
        return Signature(self.parameters, hints)


def read_signature(
    function: Callable[..., object], owner: type, hidden: HiddenNames, *, bound: bool
) -> Signature | None:
    """None for functions written in C that tell nothing about themselves.

    `bound`: the first parameter is `self` and is left out.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    inner = innermost(function)
    scope = Scope(
        getattr(inner, "__module__", None) or owner.__module__,
        hidden,
        module_names=getattr(inner, "__globals__", None),
        class_names=vars(owner),
        type_parameters=getattr(inner, "__type_params__", ()),
    )
    parameters = tuple(signature.parameters.values())
    hints = {p.name: resolve(p.annotation, scope) for p in parameters}
    known: dict[object, object] = {}
    if bound and parameters and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        known[hints.pop(parameters[0].name)] = SELF  # `def train(self: T) -> T`
        parameters = parameters[1:]
    hints["return"] = resolve(signature.return_annotation, scope)
    return Signature(parameters, hints).with_known(known)


def innermost(function: Callable[..., object]) -> object:
    inner: object = inspect.unwrap(function)
    while is_partial(inner):
        inner = inspect.unwrap(inner.func)
    return getattr(inner, "__func__", inner)


def own_annotations(cls: type) -> Mapping[str, object]:
    """Those written in the body of the class itself, not resolved."""
    return inspect.get_annotations(cls)


def class_annotation(hint: object, name: str, hidden: HiddenNames) -> object:
    """What the class, or the first of its bases that declares it, says about an attribute;
    `NO_ANNOTATION` when none does.
    """
    form = class_of(hint)
    for base in () if form is None else form.__mro__:
        declared: Mapping[str, object] = own_annotations(base)
        if name in declared:
            scope = Scope(base.__module__, hidden, class_names=vars(base))
            return substitute(resolve(declared[name], scope), parameter_tables(hint).get(base, {}))
    return NO_ANNOTATION


@final
@dataclass(frozen=True)
class Key:
    """One key of a typed dict."""

    hint: object
    required: bool
    read_only: bool


def typed_dict_keys(hint: object, hidden: HiddenNames) -> dict[str, Key]:
    """The keys with their qualifiers resolved, those of its bases included.

    `typing.TypedDict` itself does not see `NotRequired` in a string annotation, nor `ReadOnly`.
    """
    form = class_of(hint)
    declared: Mapping[str, object] = getattr(form, "__annotations__", {})
    required: frozenset[str] = getattr(form, "__required_keys__", frozenset(declared))
    known: dict[object, object] = {}
    for table in parameter_tables(hint).values():
        known.update(table)
    keys: dict[str, Key] = {}
    for name, raw in declared.items():
        module: object = getattr(raw, "__forward_module__", None) or getattr(form, "__module__", "")
        text = raw.__forward_arg__ if isinstance(raw, typing.ForwardRef) else raw
        resolved = resolve(text, Scope(str(module), hidden))
        keys[name] = _key(substitute(resolved, known), required=name in required)
    return keys


def _key(hint: object, *, required: bool) -> Key:
    read_only = False
    while (origin := get_origin(hint)) in (te.Required, te.NotRequired, te.ReadOnly, Annotated):
        read_only = read_only or origin is te.ReadOnly
        required = (required or origin is te.Required) and origin is not te.NotRequired
        hint = get_args(hint)[0]
    return Key(hint, required, read_only)
