"""Every member of a contract against one object, and the rule that compares protocols so."""

import inspect
from typing import Final, get_args, get_origin

from torch import nn

from artifact_torch.checking.annotations.forms import (
    class_of,
    is_protocol,
)
from artifact_torch.checking.annotations.generics import with_defaults
from artifact_torch.checking.annotations.spelling import show, show_call
from artifact_torch.checking.assignability.relation import FITS, Evidence, Outcome, Relation
from artifact_torch.checking.members.attributes import check_attribute, is_declared
from artifact_torch.checking.members.bodies import has_default_body, misspelt_hooks
from artifact_torch.checking.members.callables import bound_member, is_method
from artifact_torch.checking.members.calls import compare_standard
from artifact_torch.checking.members.members import (
    MISSING,
    Asked,
    Found,
    Subject,
    asked_members,
    find_member,
    has_only_fields,
    is_derived_from_foreign,
    is_dynamic,
    is_set_by_methods,
    near_name,
)
from artifact_torch.checking.members.methods import check_method
from artifact_torch.checking.violation import doubt, errors, refusal, unverified
from artifact_torch.errors import Violation


def check_members(subject: Subject, contract: object, relation: Relation) -> list[Violation]:
    """Every violation of every member, in the order of the contract."""
    violations: list[Violation] = []
    for asked in asked_members(contract, subject):
        violations += _check_member(subject, asked, relation)
    return violations + misspelt_hooks(subject, contract)


def _check_member(subject: Subject, asked: Asked, relation: Relation) -> list[Violation]:
    found = find_member(subject, asked.name)
    if found is None:
        return _missing(subject, asked, relation)
    check = check_method if is_method(asked.value) else check_attribute
    solution, key = relation.solution, _question(subject, asked, found, relation)
    known, named = _KNOWN.get(key), key
    if known is None:
        named = (key, relation.part, *(each.where for each in solution.evidence))
        known = _KNOWN.get(named)
    if known is not None and key is not None:
        solution.repeat(known[0], relation.part)
        return [*known[1]]
    n_before = len(solution.evidence)
    violations = check(subject, asked, found, relation)
    if key is not None and not any(v.fix or v.severity == "error" for v in violations):
        if len(_KNOWN) == _MOST_KEPT:
            _KNOWN.clear()
        _KNOWN[named if violations else key] = solution.evidence[n_before:], violations
    return violations


_KNOWN: Final[dict[object, tuple[tuple[Evidence, ...], list[Violation]]]] = {}
"""What a member has told about type variables, and what nobody can know of it; 0.1 ms to find out.
A doubt is kept with the names that it says; a member that is wrong, or that an annotation could
clear up, is looked at each time.
"""

_MOST_KEPT: Final = 1000


def _question(subject: Subject, asked: Asked, found: Found, relation: Relation) -> object:
    """What the answer depends on; None where that is more, or cannot be looked up."""
    stored = found.value.fget if isinstance(found.value, property) else found.value
    by_class = not relation.assumed and found.owner is not nn.Sequential
    if not by_class or not inspect.isfunction(stored):
        return None
    if "__main__" in (stored.__module__, asked.owner.__module__):
        return None  # names in a notebook may come to mean something else
    known, solution = tuple(asked.known.items()), relation.solution
    place = (asked.owner, asked.name, known, subject.is_annotation)
    key = (found, stored.__code__, place, solution.evidence, solution.variables)
    try:
        hash(key)
    except TypeError:  # a list of types, which a ParamSpec stands for
        return None
    return key


def _missing(subject: Subject, asked: Asked, relation: Relation) -> list[Violation]:
    name = asked.name
    if is_dynamic(subject):
        return doubt(name, "dynamic", "it can only come out of __getattr__")
    is_value = not is_method(asked.value)
    declared = is_declared(subject, name)
    if declared and (subject.instance is MISSING or subject.made):
        check = check_attribute if is_value else check_method
        return check(subject, asked, Found(MISSING, subject.cls), relation)
    may_be_set = subject.cls.__dictoffset__ != 0 and not has_only_fields(subject.cls)
    is_whole = subject.is_annotation and not is_derived_from_foreign(subject.cls)
    is_set = is_set_by_methods(subject.cls, name) or (is_value and not is_whole)
    if is_set and subject.instance is MISSING and may_be_set:
        return doubt(name, "missing", "the class does not declare it; check an instance")
    if declared:
        return refusal(name, "missing", "is declared but not set", "set it in __init__")
    near = near_name(asked, subject)
    fix = f"rename {near} to {name}?" if near else f"add {_wanted(asked)}"
    if has_default_body(asked):
        fix += f", or name {asked.owner.__name__} as a base class for its default"
    return refusal(name, "missing", "is missing", fix)


def _wanted(asked: Asked) -> str:
    """What to write: `def forward(self, model_input: In, /) -> Out`."""
    bound = (
        bound_member(Found(asked.value, asked.owner), asked.name)
        if is_method(asked.value)
        else None
    )
    if bound is None:
        return f"{asked.name} to the class"
    signature = bound.signatures(asked.known)[0]
    return f"def {show_call(asked.name, signature.parameters, signature.hints)}"


def compare_protocols(source: object, target: object, relation: Relation) -> Outcome | None:
    """A class against a protocol, member by member; also against one of Python's own, unless the
    class is derived from it.
    """
    form = class_of(source)
    if form is None or form is class_of(target):
        return None
    if not is_protocol(target):
        return compare_standard(source, target, relation)
    inner = relation.assuming(source, target)
    made = class_of(get_args(source)[0]) if get_origin(source) is type else None
    subject = Subject(form, source, is_annotation=True)
    if made is not None:
        subject = Subject(type(made), source, made, is_annotation=True)
    violations = check_members(subject, with_defaults(target, or_any=True), inner)
    for wrong in errors(violations) or unverified(violations):
        text = f"{show(source)} does not satisfy {show(target)}, {wrong.member}: {wrong.message}"
        return Outcome(text, wrong.severity)
    return FITS
