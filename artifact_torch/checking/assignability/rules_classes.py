"""Rules for ordinary classes and their type arguments; the last word has beartype."""

import collections.abc as cabc
from typing import Any, get_args

from artifact_torch.checking.annotations.forms import class_of, is_subclass, subscripted
from artifact_torch.checking.annotations.generics import arguments_as
from artifact_torch.checking.annotations.spelling import show
from artifact_torch.checking.annotations.variance import directions
from artifact_torch.checking.assignability.relation import FITS, Mismatch, Outcome, Relation
from artifact_torch.checking.assignability.rules_forms import mismatch
from artifact_torch.internal.narrowing import is_list


def compare_classes(source: object, target: object, relation: Relation) -> Outcome | None:
    given, asked = class_of(source), class_of(target)
    if given is None or asked is None:
        return None
    related = is_subclass(given, asked)
    if related is None:
        return None
    if not related:
        return mismatch(source, target)
    return _compare_arguments(source, target, asked, relation) if get_args(target) else FITS


def _compare_arguments(source: object, target: object, asked: type, relation: Relation) -> Outcome:
    given = arguments_as(source, asked)
    if all(want is Any for want in get_args(target)):
        return FITS
    if given is None:
        return Mismatch(f"the type arguments of {show(source)} are not known", "unverified")
    pairs: list[tuple[object, object]] = []
    for index, (have, want) in enumerate(zip(given, get_args(target), strict=False)):
        if want is not Any:
            there, back = directions(asked, index)
            given_arg, asked_arg = _comparable(have), _comparable(want)
            pairs += [(given_arg, asked_arg)] * there + [(asked_arg, given_arg)] * back
    outcome = relation.explain_all(pairs)
    if isinstance(outcome, Mismatch) and outcome.severity == "error":
        return Mismatch(f"{show(source)} is not {show(target)}: {outcome.text}")
    return outcome


def _comparable(argument: object) -> object:
    """Parameters, which a `ParamSpec` stands for, are compared through what is called with them."""
    is_list_of_types = is_list(argument) or argument is Ellipsis
    return subscripted(cabc.Callable, (argument, None)) if is_list_of_types else argument


def ask_beartype(source: object, target: object, relation: Relation) -> Outcome:
    """Forms that nothing above knows."""
    del relation
    forms: tuple[Any, Any] = (source, target)  # beartype wants a `TypeForm`, unknown to 3.11
    # 0.3 s to import, and seldom needed
    from beartype.door import is_subhint
    from beartype.roar import BeartypeException

    try:
        return FITS if is_subhint(*forms) else mismatch(source, target)
    except (BeartypeException, TypeError, ValueError, AttributeError):
        text = f"{show(source)} and {show(target)} cannot be compared at run time"
        return Mismatch(text, "unverified")
