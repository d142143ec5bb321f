"""Rules for special forms: Any, Never, variables, unions, literals, new types, callables."""

from typing import Any, Literal, get_args, get_origin

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    is_callable_form,
    is_never,
    is_new_type,
    is_union,
    is_unknown,
    is_variable,
)
from artifact_torch.checking.annotations.spelling import show, show_pair
from artifact_torch.checking.assignability.relation import FITS, Fits, Mismatch, Outcome, Relation
from artifact_torch.internal.narrowing import is_list


def compare_trivial(source: object, target: object, relation: Relation) -> Outcome | None:
    """What fits whatever the types look like, and what cannot be compared at all."""
    if target is Any or target is object or is_never(source):
        return FITS
    unknown = [hint for hint in (source, target) if is_unknown(hint) or hint is Any]
    if unknown:
        absent = NO_ANNOTATION in unknown
        return Mismatch(_why_unknown(NO_ANNOTATION if absent else unknown[0]), "unverified")
    if source == target or (source, target) in relation.assumed:
        return FITS
    if is_never(target):
        return Mismatch(f"nothing may be passed, least of all {show(source)}")
    return None


def _why_unknown(hint: object) -> str:
    if hint is Any:
        return "Any says nothing"
    if hint is NO_ANNOTATION:
        return "there is no annotation"
    return f"the annotation {show(hint)} cannot be resolved at run time"


def compare_unions(source: object, target: object, relation: Relation) -> Outcome | None:
    """Every alternative of the source has to fit some alternative of the target."""
    if is_union(source):
        return relation.explain_all([(part, target) for part in get_args(source)])
    if not is_union(target):
        return None
    alternatives = sorted(get_args(target), key=is_variable)  # a variable would take anything
    doubt: Outcome | None = None
    for alternative in alternatives:
        trial = relation.trial()
        outcome = trial.explain(source, alternative)
        if isinstance(outcome, Fits):
            relation.solution.adopt(trial.solution)
            return FITS
        doubt = outcome if outcome.severity == "unverified" else doubt
    return doubt or Mismatch(f"{show(source)} is none of {show(target)}")


def compare_literals(source: object, target: object, relation: Relation) -> Outcome | None:
    if get_origin(source) is Literal and get_origin(target) is Literal:
        extra = [value for value in get_args(source) if value not in get_args(target)]
        return FITS if not extra else Mismatch(f"{extra[0]!r} is not in {show(target)}")
    if get_origin(source) is Literal:
        values: tuple[object, ...] = get_args(source)
        return relation.explain_all([(type(value), target) for value in values])
    if get_origin(target) is Literal:
        return Mismatch(f"{show(source)} may be another value than {show(target)}")
    return None


def compare_new_types(source: object, target: object, relation: Relation) -> Outcome | None:
    """A `NewType` may be used as what it is made of, not the other way round."""
    if is_new_type(source):
        supertype: object = getattr(source, "__supertype__", object)
        return relation.explain(supertype, target)
    if is_new_type(target):
        return Mismatch(f"{show(source)} was not made by {show(target)}(...)")
    return None


def compare_callables(source: object, target: object, relation: Relation) -> Outcome | None:
    """Parameters the other way round, the result straight."""
    if not is_callable_form(target):
        return None
    if not is_callable_form(source) or not get_args(source) or not get_args(target):
        known = is_callable_form(source) and not get_args(target)
        return FITS if known else Mismatch(f"{show(source)} was not compared", "unverified")
    given, given_result = get_args(source)
    asked, asked_result = get_args(target)
    pairs: list[tuple[object, object]] = [(given_result, asked_result)]
    if is_list(given) and is_list(asked):
        if len(given) != len(asked):
            return Mismatch(f"{show(source)} does not take {_arguments(len(asked))}")
        pairs.extend(zip(asked, given, strict=True))
    return relation.explain_all(pairs)


def _arguments(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"


def compare_type_objects(source: object, target: object, relation: Relation) -> Outcome | None:
    """`type[A]` where `type[B]` is asked for."""
    if get_origin(source) is type and get_origin(target) is type:
        return relation.explain(get_args(source)[0], get_args(target)[0])
    return None


def compare_tuples(source: object, target: object, relation: Relation) -> Outcome | None:
    """Tuples item by item; `tuple[A, ...]` has any number of items."""
    if get_origin(source) is not tuple or get_origin(target) is not tuple:
        return None
    given, asked = get_args(source), get_args(target)
    if len(asked) == 2 and asked[1] is Ellipsis:
        items = [item for item in given if item is not Ellipsis]
        return relation.explain_all([(item, asked[0]) for item in items])
    if Ellipsis in given:
        return Mismatch(f"{show(source)} may have another length than {show(target)}")
    if len(given) != len(asked):
        return Mismatch(f"{show(source)} has another length than {show(target)}")
    return relation.explain_all(list(zip(given, asked, strict=True)))


def compare_numbers(source: object, target: object, relation: Relation) -> Outcome | None:
    """`int` counts as `float` and `float` as `complex`, as the typing specification says."""
    del relation
    if not isinstance(source, type) or not (target is float or target is complex):
        return None
    fits = issubclass(source, int | float) or (target is complex and issubclass(source, complex))
    return FITS if fits else None


def mismatch(source: object, target: object) -> Mismatch:
    """The plain statement that one type is not the other."""
    given, asked = show_pair(source, target)
    return Mismatch(f"{given} is not {_article(asked)} {asked}")


def _article(name: str) -> str:
    return "an" if name[:1] in "AEIOUaeiou" else "a"
