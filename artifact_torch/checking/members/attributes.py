"""Whether an attribute or property has the type that its contract says, and can be assigned."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Final, final

import typing_extensions as te

from artifact_torch.checking.annotations.annotations import class_annotation
from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    class_of,
    is_callable_form,
    is_protocol,
    is_subclass,
    unqualified,
)
from artifact_torch.checking.annotations.functions import read_signature
from artifact_torch.checking.annotations.generics import free_variables, substitute
from artifact_torch.checking.annotations.spelling import show, show_pair, show_value
from artifact_torch.checking.assignability.relation import Outcome, Relation
from artifact_torch.checking.members.bodies import check_implemented
from artifact_torch.checking.members.callables import bound_member, call_signatures, is_method
from artifact_torch.checking.members.calls import explain_calls, signatures_of
from artifact_torch.checking.members.members import (
    MISSING,
    Asked,
    Found,
    Subject,
    is_foreign,
    is_set_by_methods,
)
from artifact_torch.checking.narrowing import is_cached_property
from artifact_torch.checking.values.values import fits
from artifact_torch.checking.violation import doubt, refusal
from artifact_torch.errors import Violation
from artifact_torch.internal.signatures import own_annotations


@final
@dataclass(frozen=True)
class Declaration:
    """What a class says about one attribute, by an annotation or a property."""

    hint: object
    writable: bool
    of_class: bool = False


def check_attribute(
    subject: Subject, asked: Asked, found: Found, relation: Relation
) -> list[Violation]:
    """Every violation of one attribute."""
    wanted = _declaration(asked.value, asked.owner, asked.owner, asked.name, asked.known)
    is_property = isinstance(found.value, property) and not found.on_instance
    if is_property and (unwritten := check_implemented(asked, found, subject)):
        return unwritten
    of_class = is_method(found.value) and not found.on_instance
    if of_class and not is_callable_form(wanted.hint):
        message, fix = "is a method, must be a property or an attribute", "make it a @property"
        return refusal(asked.name, "not-a-value", message, fix)
    if of_class:
        return _check_function(subject, asked.name, found, wanted.hint, relation.at(asked.name))
    known = subject.known_in(found.owner)
    hint = subject.cls if subject.made else subject.hint
    given = _declaration(found.value, found.owner, hint, asked.name, known)
    if subject.made is not None:
        given = _on_class(subject.made, asked.name, found, given)
    has_value = subject.instance is not MISSING and not inspect.isdatadescriptor(found.value)
    if given.hint is Any and has_value and not free_variables(wanted.hint):
        given = replace(given, hint=NO_ANNOTATION)  # the value says more
    violations = _check_place(asked.name, wanted, given, found)
    return violations + _check_type(asked.name, wanted, given, found, relation.at(asked.name))


def _check_function(
    subject: Subject, name: str, found: Found, wanted: object, relation: Relation
) -> list[Violation]:
    """A method where a `Callable` attribute is asked for."""
    bound, calls = bound_member(found, name), signatures_of(wanted)
    given = [] if bound is None else call_signatures(subject, bound)
    return _judge(
        name, explain_calls(name, given, calls or [], relation), f"must be {show(wanted)}"
    )


def is_declared(subject: Subject, name: str) -> bool:
    """Whether an annotation on the class promises the attribute to its instances; one in a protocol
    that it inherits only asks for it.
    """
    classes = (*subject.cls.__mro__, *(subject.made.__mro__ if subject.made else ()))
    own = (cls for cls in classes if is_protocol(subject.cls) or not is_protocol(cls))
    return (name == "__call__" and subject.is_call) or any(
        name in own_annotations(cls) for cls in own
    )


def _declaration(
    value: object, owner: type, hint: object, name: str, known: Mapping[object, object]
) -> Declaration:
    """What is said about the attribute of a class of type `hint`, whose body has `value` for it."""
    if isinstance(value, property):
        returned = substitute(_returned(value.fget, owner), known)
        return Declaration(returned, writable=value.fset is not None)
    if is_cached_property(value):
        return Declaration(substitute(_returned(value.func, owner), known), writable=True)
    bare, around = unqualified(class_annotation(hint, name))
    says_nothing = bare is ClassVar or bare is Final
    return Declaration(
        NO_ANNOTATION if says_nothing else substitute(bare, known),
        writable=around.isdisjoint({Final, te.ReadOnly}) and not _is_frozen(class_of(hint)),
        of_class=bare is ClassVar or ClassVar in around,
    )


def _on_class(cls: type, name: str, found: Found, of_metaclass: Declaration) -> Declaration:
    """What is said about an attribute that is read on the class itself, and assigned there."""
    if isinstance(found.value, property):
        return Declaration(type(found.value), writable=False)
    own = _declaration(found.value, found.owner, cls, name, {})
    if own.hint is NO_ANNOTATION and not own.of_class:
        return of_metaclass
    return Declaration(own.hint, writable=own.writable and own.of_class)


def _returned(getter: object, owner: type) -> object:
    if not callable(getter):
        return NO_ANNOTATION
    signature = read_signature(getter, owner, bound=True)
    return NO_ANNOTATION if signature is None else signature.hints["return"]


def _is_frozen(cls: type | None) -> bool:
    parameters: object = getattr(cls, "__dataclass_params__", None)
    is_named_tuple = cls is not None and "_fields" in vars(cls) and tuple in cls.__mro__
    return bool(getattr(parameters, "frozen", False)) or is_named_tuple


def _check_place(
    name: str, wanted: Declaration, given: Declaration, found: Found
) -> list[Violation]:
    value, kinds = found.value, (property, cached_property)
    own = found.on_instance or value is MISSING or isinstance(value, kinds)
    if wanted.of_class and own and not given.of_class:
        fix = "assign it in the class body"
        return refusal(name, "class-variable", "belongs to instances, is read on the class", fix)
    is_plain = not own and not inspect.isdatadescriptor(found.value)
    if wanted.of_class and is_plain and given.hint is not NO_ANNOTATION and not given.of_class:
        message = "is declared for instances, is read on the class"
        return refusal(name, "class-variable", message, "declare it as a ClassVar")
    if not wanted.writable:
        return []
    if given.of_class and not wanted.of_class:
        message = "is a ClassVar, is assigned on instances"
        return refusal(name, "class-variable", message, "drop ClassVar")
    if not given.writable:
        fix = "add a setter, or make it a plain attribute"
        return refusal(name, "read-only", "cannot be assigned, must be", fix)
    return []


def _check_type(
    name: str, wanted: Declaration, given: Declaration, found: Found, relation: Relation
) -> list[Violation]:
    if wanted.hint is NO_ANNOTATION:
        return []
    hint = given.hint
    if hint is NO_ANNOTATION and not inspect.isdatadescriptor(found.value):
        if not free_variables(wanted.hint):
            wrong = _check_stored(name, wanted.hint, found.value)
            if wrong or not wanted.writable or not _is_constant(found, name):
                return wrong
        hint = type(found.value)
    outcome = relation.explain_attribute(hint, wanted.hint, writable=wanted.writable)
    have, want = show_pair(hint, wanted.hint)
    fix = "annotate it" if given.hint is NO_ANNOTATION and not is_foreign(found.owner) else None
    return _judge(name, outcome, f"is {have}, must be {want}", fix)


def _judge(name: str, outcome: Outcome, said: str, fix: str | None = None) -> list[Violation]:
    if outcome.fits:
        return []
    if outcome.is_wrong:
        return refusal(name, "value-type", f"{said}: {outcome.text}", fix)
    return doubt(name, "value-type", outcome.text, fix)


def _is_constant(found: Found, name: str) -> bool:
    """Whether `run = 3` in the body of a class says all: its type is then `int`, not `float`."""
    simple = type(found.value) in (bool, int, float, str, bytes)
    return simple and not found.on_instance and not is_set_by_methods(found.owner, name)


def _check_stored(name: str, hint: object, value: object) -> list[Violation]:
    """An attribute nobody annotated is judged by what is in it now."""
    if fits(value, hint):
        return []
    form = class_of(hint)
    other = " of something else" if form is not None and is_subclass(type(value), form) else ""
    return refusal(name, "value-type", f"is {show_value(value)}{other}, must be {show(hint)}")
