"""The resolved annotations of classes and typed dicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, final, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    class_of,
    own_annotations,
    own_type_parameters,
)
from artifact_torch.checking.annotations.generics import parameter_tables, substitute
from artifact_torch.checking.annotations.names import HiddenNames, Scope, resolve

_NO_EXTRA: Final = (None, getattr(te, "NoExtraItems", None))


@final
@dataclass(frozen=True)
class Key:
    """One key of a typed dict."""

    hint: object
    required: bool
    read_only: bool


def own_hint(cls: type, name: str, hidden: HiddenNames) -> object:
    """What the body of the class itself says about an attribute."""
    parameters = own_type_parameters(cls)
    scope = Scope(cls.__module__, hidden, class_names=vars(cls), type_parameters=parameters)
    return resolve(own_annotations(cls)[name], scope)


def class_annotation(hint: object, name: str, hidden: HiddenNames) -> object:
    """What the class, or the first of its bases that declares it, says about an attribute;
    `NO_ANNOTATION` when none does.
    """
    form = class_of(hint)
    for base in () if form is None else form.__mro__:
        if name in own_annotations(base):
            known = parameter_tables(hint).get(base, {})
            return substitute(own_hint(base, name, hidden), known)
    return NO_ANNOTATION


def typed_dict_keys(hint: object, hidden: HiddenNames) -> dict[str, Key]:
    """The keys with their qualifiers resolved, those of its bases included.

    `typing.TypedDict` itself does not see `NotRequired` in a string annotation, nor `ReadOnly`.
    """
    form = class_of(hint)
    declared: Mapping[str, object] = {} if form is None else own_annotations(form)
    required: frozenset[str] = getattr(form, "__required_keys__", frozenset(declared))
    return {
        name: _key(_resolved(raw, hint, hidden), required=name in required)
        for name, raw in declared.items()
    }


def extra_items(hint: object, hidden: HiddenNames) -> Key:
    """What keys without a name may hold (PEP 728): anything, where the typed dict is not closed."""
    bases = [class_of(hint)]
    for form in bases:
        raw: object = getattr(form, "__extra_items__", None)
        if getattr(form, "__closed__", None):
            return Key(te.Never, required=False, read_only=False)
        if raw not in _NO_EXTRA:
            return _key(_resolved(raw, hint, hidden), required=False)
        bases += [class_of(base) for base in te.get_original_bases(form)] if form else []
    return Key(object, required=False, read_only=True)


def _resolved(raw: object, hint: object, hidden: HiddenNames) -> object:
    form = class_of(hint)
    module: object = getattr(raw, "__forward_module__", None) or getattr(form, "__module__", "")
    known: dict[object, object] = {}
    for table in parameter_tables(hint).values():
        known.update(table)
    parameters = own_type_parameters(form)
    return substitute(resolve(raw, Scope(str(module), hidden, type_parameters=parameters)), known)


def _key(hint: object, *, required: bool) -> Key:
    read_only = False
    while (origin := get_origin(hint)) in (te.Required, te.NotRequired, te.ReadOnly, Annotated):
        read_only = read_only or origin is te.ReadOnly
        required = (required or origin is te.Required) and origin is not te.NotRequired
        hint = get_args(hint)[0]
    return Key(hint, required, read_only)
