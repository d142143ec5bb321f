"""Rules for typed dicts, compared key by key as the typing specification says.

A key may be assigned to, so its type may not vary unless it is `ReadOnly`.
"""

import collections.abc as cabc

from artifact_torch.checking.annotations.annotations import Key, extra_items, typed_dict_keys
from artifact_torch.checking.annotations.forms import class_of, is_typed_dict, subscripted
from artifact_torch.checking.annotations.generics import union_of
from artifact_torch.checking.annotations.spelling import nearest, quoted, show, show_pair
from artifact_torch.checking.assignability.relation import (
    Outcome,
    Relation,
    worst,
)


def compare_typed_dicts(source: object, target: object, relation: Relation) -> Outcome | None:
    """By their keys, whoever their bases are; beside anything else one is a mapping."""
    if is_typed_dict(target):
        if not is_typed_dict(source):
            keys = typed_dict_keys(target)
            needed = f" with the keys {quoted(keys)}" if keys else ""
            return Outcome(f"{show(source)} is not a typed dict{needed}")
        return _compare_keys(source, target, relation.assuming(source, target))
    return _as_mapping(source, target, relation) if is_typed_dict(source) else None


def _compare_keys(source: object, target: object, relation: Relation) -> Outcome:
    given, asked = (typed_dict_keys(each) for each in (source, target))
    more, most = (extra_items(each) for each in (source, target))
    found: list[Outcome] = []
    for name, wanted in asked.items():
        if name in given or more.hint is not object:
            key = given.get(name, more)
            found.append(_compare_key(f'the key "{name}"', key, wanted, relation))
        elif wanted != most:  # a key that need not be there and may be anything is in every dict
            near = nearest(name, given)
            advice = f' (did you mean "{near}"?)' if near else ""
            found.append(Outcome(f'{show(source)} has no key "{name}"{advice}'))
    if most.hint is not object:
        unnamed = {f'the key "{n}"': key for n, key in given.items() if n not in asked}
        for name, key in {**unnamed, "any other key": more}.items():
            found.append(_compare_key(name, key, most, relation))
    outcome = worst(found)
    named = [each.text for each in found if not each.fits and each.severity == outcome.severity]
    return outcome.said("; ".join(named))


def _compare_key(key: str, given: Key, asked: Key, relation: Relation) -> Outcome:
    if asked.required and not given.required:
        return Outcome(f"{key} is required but may be absent")
    if given.required and not asked.required and not asked.read_only:
        return Outcome(f"{key} may be deleted but is required")
    if given.read_only and not asked.read_only:
        return Outcome(f"{key} is read-only")
    outcome = relation.explain_attribute(given.hint, asked.hint, writable=not asked.read_only)
    have, want = show_pair(given.hint, asked.hint)
    return outcome.said(f"{key} is {have}, must be {want}")


def _as_mapping(source: object, target: object, relation: Relation) -> Outcome | None:
    keys = [*typed_dict_keys(source).values(), extra_items(source)]
    hints = [key.hint for key in keys]
    value = object if object in hints else union_of(hints)
    form = class_of(target)
    if form in (dict, cabc.MutableMapping):
        if any(key.required or key.read_only for key in keys):
            return Outcome(f"a typed dict is not a {show(target)}, which could change any key")
        same = [(one, other) for one in hints for other in hints]
        outcome = relation.explain_all([*same, (subscripted(dict, (str, value)), target)])
    else:
        outcome = relation.explain(subscripted(cabc.Mapping, (str, value)), target)
    is_mapping = form is not None and form in cabc.Mapping.__mro__
    shown = (
        f"a typed dict is a Mapping[str, {show(value)}]," if is_mapping else f"{show(source)} is"
    )
    return outcome.said(f"{shown} not {show(target)}")


def compare_common_keys(one: object, other: object, relation: Relation) -> Outcome:
    """Whether a typed dict can have the keys of both."""
    first, second = (typed_dict_keys(each) for each in (one, other))
    outcomes: list[Outcome] = []
    for name in filter(second.__contains__, first):
        mine, asked = first[name], second[name]
        writable = not (mine.read_only or asked.read_only)
        outcome = relation.explain_attribute(mine.hint, asked.hint, writable=writable)
        have, want = show_pair(mine.hint, asked.hint)
        outcomes.append(outcome.said(f'the key "{name}" cannot be both {have} and {want}'))
    return worst(outcomes)
