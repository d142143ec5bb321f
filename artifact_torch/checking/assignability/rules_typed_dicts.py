"""Rules for typed dicts, compared key by key as the typing specification says.

A key may be assigned to, so its type may not vary unless it is `ReadOnly`.
"""

import collections.abc as cabc
from typing import get_args

from artifact_torch.checking.annotations.annotations import Key, typed_dict_keys
from artifact_torch.checking.annotations.forms import class_of, is_typed_dict
from artifact_torch.checking.annotations.spelling import nearest, quoted, show, show_pair
from artifact_torch.checking.assignability.relation import FITS, Mismatch, Outcome, Relation


def compare_typed_dicts(source: object, target: object, relation: Relation) -> Outcome | None:
    if is_typed_dict(target):
        if not is_typed_dict(source):
            keys = typed_dict_keys(target, relation.hidden)
            needed = f" with the keys {quoted(keys)}" if keys else ""
            return Mismatch(f"{show(source)} is not a typed dict{needed}")
        return _compare_keys(source, target, relation.assuming(source, target))
    return _as_mapping(source, target, relation) if is_typed_dict(source) else None


def _compare_keys(source: object, target: object, relation: Relation) -> Outcome:
    given = typed_dict_keys(source, relation.hidden)
    problems: list[Mismatch] = []
    for name, asked in typed_dict_keys(target, relation.hidden).items():
        problem = (
            Mismatch(_missing(name, source, list(given)))
            if name not in given
            else _compare_key(f'the key "{name}"', given[name], asked, relation)
        )
        if problem is not None:
            problems.append(problem)
    if not problems:
        return FITS
    wrong = [problem for problem in problems if problem.severity == "error"]
    return Mismatch("; ".join(p.text for p in wrong or problems), (wrong or problems)[0].severity)


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


def _as_mapping(source: object, target: object, relation: Relation) -> Outcome:
    form = class_of(target)
    if form in (dict, cabc.MutableMapping):
        return Mismatch(f"a typed dict is not a {show(target)}, which could change any key")
    if form is None or form is object or not issubclass(cabc.Mapping, form):
        return Mismatch(f"{show(source)} is not {show(target)}")
    kinds: tuple[object, ...] = (str, object) if issubclass(form, cabc.Mapping) else (str,)
    outcome = relation.explain_all(list(zip(kinds, get_args(target), strict=False)))
    if isinstance(outcome, Mismatch):
        text = f"a typed dict is a Mapping[str, object], not {show(target)}"
        return Mismatch(text, outcome.severity)
    return FITS


def compare_common_keys(one: object, other: object, relation: Relation) -> Outcome:
    """Whether a typed dict can have the keys of both."""
    first = typed_dict_keys(one, relation.hidden)
    for name, asked in typed_dict_keys(other, relation.hidden).items():
        if name not in first:
            continue
        mine, read_only = first[name].hint, first[name].read_only or asked.read_only
        both = [(mine, asked.hint)] if read_only else [(mine, asked.hint), (asked.hint, mine)]
        outcome = relation.explain_all(both)
        if isinstance(outcome, Mismatch):
            have, want = show_pair(mine, asked.hint)
            return Mismatch(f'the key "{name}" cannot be both {have} and {want}', outcome.severity)
    return FITS
