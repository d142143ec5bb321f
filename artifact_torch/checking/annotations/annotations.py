"""The resolved annotations of classes and typed dicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    class_of,
    own_type_parameters,
    unqualified,
)
from artifact_torch.checking.annotations.generics import parameter_tables, substitute
from artifact_torch.checking.annotations.names import Scope, resolve
from artifact_torch.internal.signatures import own_annotations

_NO_EXTRA: Final = (None, getattr(te, "NoExtraItems", None))


@final
@dataclass(frozen=True)
class Key:
    """One key of a typed dict."""

    hint: object
    required: bool
    read_only: bool


def own_hint(cls: type, name: str) -> object:
    """What the body of the class itself says about an attribute."""
    parameters = own_type_parameters(cls)
    scope = Scope(cls.__module__, class_names=vars(cls), type_parameters=parameters)
    return resolve(own_annotations(cls)[name], scope)


def class_annotation(hint: object, name: str) -> object:
    """What the class, or the first of its bases that declares it, says about an attribute;
    `NO_ANNOTATION` when none does.
    """
    form = class_of(hint)
    for base in () if form is None else form.__mro__:
        if name in own_annotations(base):
            known = parameter_tables(hint).get(base, {})
            return substitute(own_hint(base, name), known)
    return NO_ANNOTATION


def typed_dict_keys(hint: object) -> dict[str, Key]:
    """The keys with their qualifiers resolved, those of its bases included.

    `typing.TypedDict` itself does not see `NotRequired` in a string annotation, nor `ReadOnly`.
    """
    form = class_of(hint)
    declared: Mapping[str, object] = {} if form is None else own_annotations(form)
    required: frozenset[str] = getattr(form, "__required_keys__", frozenset(declared))
    return {
        name: _key(_resolved(raw, hint), required=name in required)
        for name, raw in declared.items()
    }


def extra_items(hint: object) -> Key:
    """What keys without a name may hold (PEP 728): anything, where the typed dict is not closed."""
    bases = [class_of(hint)]
    for form in bases:
        raw: object = getattr(form, "__extra_items__", None)
        if getattr(form, "__closed__", None):
            return Key(te.Never, required=False, read_only=False)
        if raw not in _NO_EXTRA:
            return _key(_resolved(raw, hint), required=False)
        bases += [class_of(base) for base in te.get_original_bases(form)] if form else []
    return Key(object, required=False, read_only=True)


def _resolved(raw: object, hint: object) -> object:
    form = class_of(hint)
    module: object = getattr(raw, "__forward_module__", None) or getattr(form, "__module__", "")
    known: dict[object, object] = {}
    for table in parameter_tables(hint).values():
        known.update(table)
    parameters = own_type_parameters(form)
    return substitute(resolve(raw, Scope(str(module), type_parameters=parameters)), known)


def _key(hint: object, *, required: bool) -> Key:
    hint, around = unqualified(hint)
    required = (required or te.Required in around) and te.NotRequired not in around
    return Key(hint, required, te.ReadOnly in around)
