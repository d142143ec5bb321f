"""Whether a method can be called as its contract says, with the types that it says."""

import collections.abc as cabc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from torch import nn

from artifact_torch.checking.annotations.annotations import class_annotation
from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    Unresolved,
    class_of,
    is_protocol,
    is_subclass,
    is_typed_dict,
    is_union,
    is_unknown,
    is_variable,
)
from artifact_torch.checking.annotations.functions import innermost
from artifact_torch.checking.annotations.generics import union_of
from artifact_torch.checking.annotations.signatures import Signature
from artifact_torch.checking.annotations.spelling import show, show_pair, show_value, with_article
from artifact_torch.checking.assignability.relation import Relation
from artifact_torch.checking.assignability.rules_variables import bound_of
from artifact_torch.checking.members.bodies import check_implemented
from artifact_torch.checking.members.callables import (
    Bound,
    bound_member,
    call_signatures,
    why_without_self,
)
from artifact_torch.checking.members.calls import Difference, compare_call, signatures_of
from artifact_torch.checking.members.members import MISSING, Asked, Found, Subject, is_foreign
from artifact_torch.checking.violation import doubt, errors, refusal, unverified
from artifact_torch.errors import Code, Violation


def check_method(
    subject: Subject, asked: Asked, found: Found, relation: Relation
) -> list[Violation]:
    """Every violation of one method; what is learnt about type variables goes to the relation."""
    name = asked.name
    wanted = bound_member(Found(asked.value, asked.owner), name)
    if found.value is MISSING:  # only declared: `on_batch: Callable[..., None]`
        hint = subject.hint if subject.is_call else class_annotation(subject.hint, name)
        return _check_declared(
            name, hint, wanted.signatures(asked.known) if wanted else [], relation
        )
    if unwritten := check_implemented(asked, found, subject):
        return unwritten
    given = bound_member(found, name)
    if given is None or wanted is None:
        kind = with_article(show_value(found.value))
        return refusal(name, "not-callable", f"is {kind}, must be a method")
    calls = wanted.signatures(asked.known)
    wrong = _check_kind(name, wanted, given, calls)
    wrong = wrong or _check_calls(subject, name, calls, given, relation)
    is_advised = wrong and is_foreign(innermost(given.function))
    return _advised(wrong, subject) if is_advised else wrong


def _check_declared(
    name: str, hint: object, calls: Sequence[Signature], relation: Relation
) -> list[Violation]:
    given = signatures_of(hint)
    if given is None:
        return refusal(name, "not-callable", f"is {with_article(show(hint))}, must be a method")
    return [v for call in calls for v in _compared(name, call, given, {}, relation)]


def _advised(violations: Sequence[Violation], subject: Subject) -> list[Violation]:
    """What the user can do about a function of somebody else's: nothing, or wrap a whole model."""
    is_model = issubclass(subject.cls, nn.Module)
    fix = "wrap it: a class of your own with an annotated forward that calls it"
    return [
        replace(
            v, fix=(fix if n == 0 else None) if is_model else v.fix if v in errors([v]) else None
        )
        for n, v in enumerate([*errors(violations), *unverified(violations)])
    ]


def _check_kind(
    name: str, wanted: Bound, given: Bound, calls: Sequence[Signature]
) -> list[Violation]:
    results = [call.hints["return"] for call in calls]
    if given.is_async and not (
        wanted.is_async or any(_may_be(cabc.Coroutine, result) for result in results)
    ):
        return refusal(name, "async", "is async, nobody awaits it", "write it as a plain def")
    if given.needs_instance and not wanted.needs_instance:
        message, fix = "needs an instance, is called on the class", "make it a staticmethod"
        return refusal(name, "binding", message, fix)
    if given.is_static and (given.names or ("",))[0] == "self":
        message, fix = "is a staticmethod, nothing is passed for self", "remove @staticmethod"
        return refusal(name, "binding", message, fix)
    parameters = calls[0].parameters if calls else ()
    if (reason := why_without_self(given, [p.name for p in parameters])) is not None:
        return refusal(name, "binding", reason, "add self as the first parameter")
    return []


def _check_calls(
    subject: Subject, name: str, calls: Sequence[Signature], given: Bound, relation: Relation
) -> list[Violation]:
    known = subject.known_in(given.owner)
    signatures = call_signatures(subject, given)
    if not signatures:
        return doubt(name, "no-signature", "it does not tell its parameters")
    violations: list[Violation] = []
    for call in calls:
        if given.is_generator and not _is_iterated(signatures, call.hints["return"]):
            message, fix = "is a generator: calling it runs nothing", "return instead of yield"
            violations += refusal(name, "generator", message, fix)
        else:
            violations += _compared(name, call, signatures, known, relation)
    return violations


def _is_iterated(signatures: Sequence[Signature], hint: object) -> bool:
    """Whether somebody may go through what a generator gives. Where `object` is asked, that is so of
    one that gives values (`nn.Module.parameters`), and not of steps with a `yield` between them.
    """
    if _may_be(cabc.Generator, hint):
        return True
    given = [each.hints["return"] for each in signatures]
    is_silent = any(g is NO_ANNOTATION or get_args(g)[:1] == (type(None),) for g in given)
    return object in _parts(hint) and not is_silent


def _may_be(kind: type, hint: object) -> bool:
    """Whether the caller iterates over the result, or awaits it; where it is `object`, nobody looks
    at it, and a hint that says nothing forbids nothing.
    """
    return any(
        is_unknown(part) or part is Any or _is_some(kind, class_of(part)) for part in _parts(hint)
    )


def _is_some(kind: type, form: type | None) -> bool:
    # of a protocol that is not `runtime_checkable`, classes do not tell: it is compared like any result
    told = form is not None and form is not object and is_subclass(kind, form)
    return bool(told) or (told is None and is_protocol(form))


def _parts(hint: object) -> tuple[object, ...]:
    known = bound_of(hint) if is_variable(hint) else hint
    return get_args(known) if is_union(known) else (known,)


def _compared(
    name: str,
    asked: Signature,
    overloads: Sequence[Signature],
    known: Mapping[object, object],
    relation: Relation,
) -> list[Violation]:
    of_class = {hint for hint in known.values() if is_variable(hint)}
    found = compare_call(name, asked, overloads, relation, of_class)
    return found.violations + [_violation(each, relation) for each in found.differences]


def _violation(found: Difference, relation: Relation) -> Violation:
    mine, theirs, text = found.mine, found.theirs, found.outcome.text
    shown, asked = show_pair(mine, theirs)
    code: Code = "return-type" if found.is_result else "parameter-type"
    fix = None
    if found.outcome.severity == "unverified":
        message = f"is not verified, {text}"
        fix = _how_to_verify(mine, theirs)
    elif found.is_result:
        message = f"returns {shown}, must return {_ask(theirs, asked)}: {text}"
    else:
        evidence = relation.solution.heard(theirs, "gives")
        known = [each.hint for each in evidence if not is_variable(each.hint)]
        called = show(union_of(known)) if known else _ask(theirs, asked)
        message = f"accepts {shown}, is called with {called}: {text}"
        needs_keys = is_typed_dict(bound_of(theirs) if is_variable(theirs) else theirs)
        fix = "annotate it with a typed dict" if needs_keys and not is_typed_dict(mine) else None
    severity = found.outcome.severity
    return Violation(member=found.where, code=code, message=message, severity=severity, fix=fix)


def _ask(hint: object, name: str) -> str:
    """A variable is named with what it has to be: `In (some ModelInput)`."""
    if not is_variable(hint) or bound_of(hint) is object:
        return name
    return f"{name} (some {show(bound_of(hint))})"


def _how_to_verify(mine: object, theirs: object) -> str | None:
    if mine is NO_ANNOTATION:
        return "annotate it"
    if mine is Any:
        return "write its type"
    if not isinstance(mine, Unresolved) or is_unknown(theirs):
        return None
    hidden = "import its names outside `if TYPE_CHECKING:`"
    return hidden if mine.is_hidden else "define its names at the top of the module"
