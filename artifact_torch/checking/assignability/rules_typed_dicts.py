"""Rules for typed dicts, compared key by key as the typing specification says.

A key may be assigned to, so its type may not vary unless it is `ReadOnly`.
"""

import collections.abc as cabc

from artifact_torch.checking.annotations.annotations import Key, extra_items, typed_dict_keys
from artifact_torch.checking.annotations.forms import class_of, is_typed_dict, subscripted
from artifact_torch.checking.annotations.generics import union_of
from artifact_torch.checking.annotations.spelling import nearest, quoted, show, show_pair
from artifact_torch.checking.assignability.relation import (
    FITS,
    Fits,
    Mismatch,
    Outcome,
    Relation,
    worst,
)


def compare_typed_dicts(source: object, target: object, relation: Relation) -> Outcome | None:
    if is_typed_dict(target):
        if not is_typed_dict(source):
            keys = typed_dict_keys(target)
            needed = f" with the keys {quoted(keys)}" if keys else ""
            return Mismatch(f"{show(source)} is not a typed dict{needed}")
        return _compare_keys(source, target, relation.assuming(source, target))
    return _as_mapping(source, target, relation) if is_typed_dict(source) else None


def _compare_keys(source: object, target: object, relation: Relation) -> Outcome:
    given, asked = (typed_dict_keys(each) for each in (source, target))
    more, most = (extra_items(each) for each in (source, target))
    problems: list[Mismatch | None] = []
    for name, wanted in asked.items():
        if name in given or more.hint is not object:
            found = given.get(name, more)
            problems.append(_compare_key(f'the key "{name}"', found, wanted, relation))
        elif wanted != most:  # a key that need not be there and may be anything is in every dict
            problems.append(Mismatch(_missing(name, source, list(given))))
    if most.hint is not object:
        unnamed = {f'the key "{n}"': key for n, key in given.items() if n not in asked}
        for name, key in {**unnamed, "any other key": more}.items():
            problems.append(_compare_key(name, key, most, relation))
    found_problems = [problem for problem in problems if problem is not None]
    wrong = [each for each in found_problems if each.severity == "error"]
    named = wrong or found_problems
    return Mismatch("; ".join(p.text for p in named), named[0].severity) if named else FITS


def _missing(name: str, source: object, given: list[str]) -> str:
    near = nearest(name, given)
    advice = f' (did you mean "{near}"?)' if near else ""
    return f'{show(source)} has no key "{name}"{advice}'


def _compare_key(key: str, given: Key, asked: Key, relation: Relation) -> Mismatch | None:
    if asked.required and not given.required:
        return Mismatch(f"{key} is required but may be absent")
    if given.required and not asked.required and not asked.read_only:
        return Mismatch(f"{key} may be deleted but is required")
    if given.read_only and not asked.read_only:
        return Mismatch(f"{key} is read-only")
    there = [(given.hint, asked.hint)]
    back = [] if asked.read_only else [(asked.hint, given.hint)]
    outcome = relation.explain_all(there + back)
    if not isinstance(outcome, Mismatch):
        return None
    have, want = show_pair(given.hint, asked.hint)
    return Mismatch(f"{key} is {have}, must be {want}", outcome.severity)


def _as_mapping(source: object, target: object, relation: Relation) -> Outcome | None:
    keys = [
        *typed_dict_keys(source).values(),
        extra_items(source),
    ]
    value = union_of([key.hint for key in keys])
    if any(key.hint is object for key in keys):
        value = object
    form = class_of(target)
    if form in (dict, cabc.MutableMapping):
        if any(key.required or key.read_only for key in keys):
            return Mismatch(f"a typed dict is not a {show(target)}, which could change any key")
        same = [(k.hint, o.hint) for k in keys for o in keys]
        outcome = relation.explain_all([*same, (subscripted(dict, (str, value)), target)])
    else:
        outcome = relation.explain(subscripted(cabc.Mapping, (str, value)), target)
    if isinstance(outcome, Mismatch):
        said = f"a typed dict is a Mapping[str, {show(value)}], not {show(target)}"
        is_mapping = form is not None and form in cabc.Mapping.__mro__
        text = said if is_mapping else f"{show(source)} is not {show(target)}"
        return Mismatch(text, outcome.severity)
    return FITS


def compare_common_keys(one: object, other: object, relation: Relation) -> Outcome:
    """Whether a typed dict can have the keys of both."""
    first, second = (typed_dict_keys(each) for each in (one, other))
    return worst(
        _compare_common(name, first[name], asked, relation)
        for name, asked in second.items()
        if name in first
    )


def _compare_common(name: str, mine: Key, other: Key, relation: Relation) -> Outcome:
    there, back = (mine.hint, other.hint), (other.hint, mine.hint)
    outcome = relation.explain_all([there] if mine.read_only or other.read_only else [there, back])
    if isinstance(outcome, Fits):
        return outcome
    have, want = show_pair(mine.hint, other.hint)
    return Mismatch(f'the key "{name}" cannot be both {have} and {want}', outcome.severity)
