"""Rules for type variables: the contract's are solved, those of anybody else stand for a bound."""

from typing import TypeVar, get_args

from artifact_torch.checking.annotations.forms import (
    is_protocol,
    is_typed_dict,
    is_union,
    is_variable,
    plain,
)
from artifact_torch.checking.annotations.generics import union_of
from artifact_torch.checking.annotations.spelling import show, variable_name
from artifact_torch.checking.assignability.relation import (
    FITS,
    Evidence,
    Outcome,
    Relation,
    Verb,
    worst,
)
from artifact_torch.checking.assignability.rules_typed_dicts import compare_common_keys


def compare_variables(source: object, target: object, relation: Relation) -> Outcome | None:
    """What is given for a variable that is looked for, or accepted for it, is noted as evidence; any other
    fits by its bound.
    """
    solution = relation.solution
    if not is_variable(source) and not is_variable(target):
        return None
    if solution.has(target):
        return _give(target, source, relation)
    if solution.has(source):
        return _accept(source, target, relation)
    if is_variable(source) and relation.explain(bound_of(source), target).fits:
        return FITS
    unknown = variable_name(source if is_variable(source) else target)
    return Outcome(f"what {unknown} stands for is not known at run time", "unverified")


def bound_of(variable: object) -> object:
    """What a type variable is at least known to be."""
    if not isinstance(variable, TypeVar):
        return object
    constraints: tuple[object, ...] = variable.__constraints__
    if constraints:
        return union_of(constraints)
    bound: object = variable.__bound__
    return object if bound is None else bound


def _give(variable: object, hint: object, relation: Relation) -> Outcome:
    accepted = relation.solution.heard(variable, "accepts")
    outcomes = [
        relation.explain(hint, bound_of(variable)),
        *(_conflict(relation.explain(hint, each.hint), each) for each in accepted),
    ]
    return _noted(variable, "gives", hint, worst(outcomes), relation)


def _accept(variable: object, hint: object, relation: Relation) -> Outcome:
    given = relation.solution.heard(variable, "gives")
    known = any(not is_variable(each.hint) for each in given)
    others = [] if known else relation.solution.heard(variable, "accepts")
    outcomes = [
        _overlap(hint, bound_of(variable), relation),
        *(_conflict(relation.explain(each.hint, hint), each) for each in given),
        *(_conflict(_overlap(each.hint, hint, relation), each) for each in others),
    ]
    return _noted(variable, "accepts", hint, worst(outcomes), relation)


def _noted(
    variable: object, verb: Verb, hint: object, outcome: Outcome, relation: Relation
) -> Outcome:
    """A doubt must not hide what later members say; somebody else's variable says nothing."""
    solution = relation.solution
    if not outcome.is_wrong and (solution.has(hint) or not is_variable(hint)):
        solution.add(Evidence(variable, verb, hint, relation.member, relation.part))
    return outcome


def _conflict(outcome: Outcome, evidence: Evidence) -> Outcome:
    where, verb, hint = evidence.where, evidence.verb, evidence.hint
    return outcome.said(f"{outcome.text} ({where} {verb} {show(hint)})")


def _overlap(one: object, other: object, relation: Relation) -> Outcome:
    """Whether some type fits both: a variable that is only ever accepted may be anything narrower,
    but a value must be able to exist.
    """
    one, other = plain(one), plain(other)
    outcomes = (relation.explain(one, other), relation.explain(other, one))
    if any(outcome.fits for outcome in outcomes):
        return FITS
    for hint, rest in ((one, other), (other, one)):
        if is_union(hint):
            parts = [_overlap(part, rest, relation) for part in get_args(hint)]
            return next((part for part in parts if part.fits), parts[0])
    if is_typed_dict(one) and is_typed_dict(other):
        return compare_common_keys(one, other, relation)
    if is_typed_dict(one) or is_typed_dict(other):
        return outcomes[0]
    if is_protocol(one) or is_protocol(other):
        return FITS
    return Outcome(f"a value would have to be both {show(one)} and {show(other)}", "unverified")
