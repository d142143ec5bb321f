"""Rules for special forms: Any, Never, variables, unions, literals, new types, callables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, Flag
from types import NoneType
from typing import Any, Literal, LiteralString, final, get_args, get_origin

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    class_of,
    is_never,
    is_new_type,
    is_union,
    is_unknown,
    is_variable,
    subscripted,
    unpacked,
)
from artifact_torch.checking.annotations.generics import as_tuple
from artifact_torch.checking.annotations.spelling import article, show, show_pair
from artifact_torch.checking.assignability.relation import FITS, Outcome, Relation


def compare_trivial(source: object, target: object, relation: Relation) -> Outcome | None:
    """What fits whatever the types look like, and what cannot be compared at all."""
    if target is Any or target is object or is_never(source):
        return FITS
    unknown = [hint for hint in (source, target) if is_unknown(hint) or hint is Any]
    if unknown:
        absent = NO_ANNOTATION in unknown
        return Outcome(_why_unknown(NO_ANNOTATION if absent else unknown[0]), "unverified")
    if source == target or (source, target) in relation.assumed:
        return FITS
    if is_never(target):
        return Outcome(f"nothing may be passed, least of all {show(source)}")
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
        if outcome.fits:
            relation.solution.adopt(trial.solution)
            return FITS
        doubt = outcome if outcome.severity == "unverified" else doubt
    if len(values := _literals(source)) > 1:
        return relation.explain_all([(value, target) for value in values])
    return doubt or Outcome(f"{show(source)} is none of {show(target)}")


def _literals(hint: object) -> list[object]:
    """The literal types that a type consists of; empty where it has other values too."""
    values: tuple[object, ...] = ()
    if get_origin(hint) is Literal:
        values = get_args(hint)
    elif hint is bool:
        values = (True, False)
    elif isinstance(hint, type) and issubclass(hint, Enum) and not issubclass(hint, Flag):
        values = tuple(hint)
    return [subscripted(Literal, value) for value in values]


def compare_literals(source: object, target: object, relation: Relation) -> Outcome | None:
    """Each value of a literal has to be one that is asked for, or of the class that is."""
    given: tuple[object, ...] = get_args(source) if get_origin(source) is Literal else ()
    if LiteralString in (source, target):
        return _compare_literal_strings(source, target, relation, given)
    if get_origin(target) is not Literal:
        kinds: list[object] = [type(value) for value in given]
        return relation.explain_all([(kind, target) for kind in kinds]) if given else None
    asked = _literals(target)  # unlike their values, `Literal[0]` and `Literal[False]` differ
    values = [Literal[None]] if source is NoneType else _literals(source)
    extra = [value for value in values if value not in asked]
    if values and not extra:
        return FITS
    if given:
        return Outcome(f"{get_args(extra[0])[0]!r} is not in {show(target)}")
    return Outcome(f"{show(source)} may be another value than {show(target)}")


def _compare_literal_strings(
    source: object, target: object, relation: Relation, given: Sequence[object]
) -> Outcome:
    if source is LiteralString:
        return relation.explain(str, target)
    fits = given and all(isinstance(value, str) for value in given)
    return FITS if fits else Outcome(f"{show(source)} may be made at run time")


def compare_new_types(source: object, target: object, relation: Relation) -> Outcome | None:
    """A `NewType` may be used as what it is made of, not the other way round."""
    if is_new_type(source):
        supertype: object = getattr(source, "__supertype__", object)
        return relation.explain(supertype, target)
    if is_new_type(target):
        return Outcome(f"{show(source)} was not made by {show(target)}(...)")
    return None


def compare_type_objects(source: object, target: object, relation: Relation) -> Outcome | None:
    """`type[A]` where `type[B]` is asked for; a bare `type` says nothing about its objects."""
    if type not in (source, get_origin(source)):
        return None
    made = class_of((get_args(source) or (Any,))[0])
    metaclass: type = type(made)
    if (
        made is not None
        and target is not type
        and any(target is base for base in metaclass.__mro__)
    ):
        return FITS
    if type not in (target, get_origin(target)):
        return None
    given, asked = ((get_args(hint) or (Any,))[0] for hint in (source, target))
    return relation.explain(given, asked)


def compare_tuples(source: object, target: object, relation: Relation) -> Outcome | None:
    """Tuples item by item; `tuple[A, ...]` has any number of items, and so has a bare one."""
    form = class_of(source)
    if class_of(target) is not tuple or form is None or not issubclass(form, tuple):
        return None
    given, asked = _items(as_tuple(source)), _items(target)
    if given is None or asked is None:
        return Outcome(f"the items of {show(source)} are not known", "unverified")
    if not asked.rest and given.rest == (Any,):
        return Outcome(f"the length of {show(source)} is not known", "unverified")
    n_given, n_asked = len(given.first) + len(given.last), len(asked.first) + len(asked.last)
    if (given.rest and not asked.rest) or (
        given.rest and n_given < n_asked and given.rest != (Any,)
    ):
        return Outcome(f"{show(source)} may have another length than {show(target)}")
    if (n_given < n_asked and not given.rest) or (n_given > n_asked and not asked.rest):
        return Outcome(f"{show(source)} has another length than {show(target)}")
    middle = [*given.rest, *given.rest][: n_asked - n_given] if n_given < n_asked else given.rest
    have = [*given.first, *middle, *given.last]
    n_rest = len(have) - n_asked
    want = [*asked.first, *(asked.rest * max(n_rest, 0)), *asked.last]
    return relation.explain_all(list(zip(have, want, strict=False)))


@final
@dataclass(frozen=True)
class _Items:
    """Of a tuple: the first ones, the type of those in any number, and the last ones."""

    first: tuple[object, ...]
    rest: tuple[object, ...] = ()
    last: tuple[object, ...] = ()


def _items(hint: object) -> _Items | None:
    """None where a variable stands for some of them."""
    if hint is tuple:
        return _Items((), (Any,))
    args = get_args(hint)
    if args[1:] == (Ellipsis,):
        return _Items((), args[:1])
    found = _Items(())
    for arg in args:
        inner = unpacked(arg)
        part = _Items((arg,)) if inner is None else _items(inner) if class_of(inner) else None
        if part is None:
            return None
        if found.rest:
            found = replace(found, last=(*found.last, *part.first))
        else:
            found = _Items((*found.first, *part.first), part.rest, part.last)
    return found


def compare_numbers(source: object, target: object, relation: Relation) -> Outcome | None:
    """`int` counts as `float` and `float` as `complex`, as the typing specification says."""
    del relation
    if not isinstance(source, type) or not (target is float or target is complex):
        return None
    fits = issubclass(source, int | float) or (target is complex and issubclass(source, complex))
    return FITS if fits else None


def mismatch(source: object, target: object) -> Outcome:
    """The plain statement that one type is not the other."""
    given, asked = show_pair(source, target)
    return Outcome(f"{given} is not {article(asked)} {asked}")
