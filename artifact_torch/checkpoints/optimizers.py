"""Whether the saved state of an optimizer is one of this optimizer: groups, numbers, moments."""

import math
from collections.abc import Iterable, Iterator, Sequence
from inspect import getattr_static
from itertools import islice
from types import FunctionType, ModuleType
from typing import Final

import torch
from torch import Tensor, nn
from typing_extensions import TypeIs

from artifact_torch.checkpoints.moments import AnyOptimizer, Moments, State, kind_of
from artifact_torch.checkpoints.trees import (
    REBUILD,
    is_finite,
    is_number,
    items_of,
    misfit,
    named,
    told,
    tree_misfits,
)
from artifact_torch.contracts import ClosureOptimizer, Optimizer
from artifact_torch.internal.narrowing import is_list, is_mapping

_DEPTH: Final = 8
_WIDTH: Final = 256
_NO_PART: Final = (Tensor, nn.Module, type, str, FunctionType, ModuleType)


def is_optimizer_state(value: object) -> TypeIs[State]:
    """Shaped like what torch's optimizers give."""
    if not is_mapping(value):
        return False
    groups, state = value.get("param_groups"), value.get("state")
    return is_mapping(state) and is_list(groups) and all(map(_is_group, groups))


def _is_group(value: object) -> TypeIs[State]:
    return is_mapping(value) and items_of(value.get("params")) is not None


def optimizers_in(step: object) -> list[AnyOptimizer]:
    """Those that `step` holds, also in parts and lists of it, in its order; not what is in them."""
    found: dict[int, AnyOptimizer] = {}
    _find(step, found, set(), 0)
    return [*found.values()]


def _find(value: object, found: dict[int, AnyOptimizer], seen: set[int], depth: int) -> None:
    if id(value) in seen or depth > _DEPTH or isinstance(value, _NO_PART):
        return
    seen.add(id(value))
    if getattr_static(value, "param_groups", None) is not None:
        if isinstance(value, Optimizer | ClosureOptimizer):
            found[id(value)] = value
        return
    attributes: object = getattr(value, "__dict__", None)
    inside: Iterable[object] = items_of(value) or []
    if is_mapping(value):
        inside = value.values()
    elif is_mapping(attributes):
        inside = attributes.values()
    for each in [*islice(inside, _WIDTH)]:
        _find(each, found, seen, depth + 1)


def replaced_tensors(optimizers: Sequence[AnyOptimizer]) -> dict[int, object]:
    """Their moments, by `id`, where `load_state_dict` is torch's, which keeps what it is given and
    leaves those that were there before as they are.
    """
    found: dict[int, object] = {}
    for each in optimizers:
        if isinstance(each, torch.optim.Optimizer):
            plain = type(each).load_state_dict is torch.optim.Optimizer.load_state_dict
            moments: list[object] = [*each.state.values()]
            found |= {id(one): one for one in _tensors(moments)} if plain else {}
    return found


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif is_mapping(value) or items_of(value):
        for each in value.values() if is_mapping(value) else items_of(value) or []:
            yield from _tensors(each)


def optimizer_misfits(
    where: str, saved: object, own: State, optimizer: AnyOptimizer | None, *, has_moved: bool
) -> list[str]:
    """In words; with the optimizer whose state `own` is, if it was found, also of moments that it
    has not made yet. `has_moved` where it must have made some.
    """
    if not is_optimizer_state(saved):
        expected = "{state, param_groups}, a list of dicts with params"
        return [misfit(where, told(saved), expected)]
    groups = [*map(_group, _list(saved["param_groups"]))]
    mine = [*map(_group, _list(own["param_groups"]))]
    if problem := _structure(groups, mine):
        return [misfit(f"{where}.param_groups", *problem, REBUILD)]
    problems = [
        problem
        for index, (group, other) in enumerate(zip(groups, mine, strict=True))
        for problem in _numbers(f"{where}.param_groups.{index}", group, other, optimizer)
    ]
    state, owned = saved["state"], own["state"]
    if not is_mapping(state) or not is_mapping(owned):
        return problems
    moments = Moments(optimizer)
    ids = [(i, at) for at, group in enumerate(groups) for i in _ids(group)]
    if len(wrong := {i for i, _ in ids}) != len(ids) or not all(isinstance(i, int) for i in wrong):
        return [
            *problems,
            misfit(f"{where}.param_groups", "parameters twice or by no number", "each once"),
        ]
    strange = [key for key in state if isinstance(key, int) and key not in wrong]
    if strange:
        saved_for = f"moments of the parameters {named(strange)}"
        problems.append(misfit(f"{where}.state", saved_for, f"{len(ids)} parameters"))
    own_ids = [i for group in mine for i in _ids(group)]
    n_kept = 0
    for index, (key, at) in enumerate(ids):
        entry = state.get(key)
        if entry is None and key not in state:
            continue
        if not is_mapping(entry):
            problems.append(misfit(f"{where}.state.{key}", told(entry), "a dict of moments"))
            continue
        n_kept += bool(entry)
        known = owned.get(own_ids[index])
        own_entry: State = known if is_mapping(known) else {}
        problems += moments.misfits(f"{where}.state.{key}", entry, own_entry, groups[at], index)
    if has_moved and not n_kept and moments.always_kept(groups):
        problems.append(misfit(f"{where}.state", "no moments", "made updates by then"))
    return problems


def _list(value: object) -> list[object]:
    return items_of(value) or []


def _group(value: object) -> State:
    return value if is_mapping(value) else {}


def _ids(group: State) -> list[object]:
    return _list(group.get("params"))


def _structure(saved: Sequence[State], own: Sequence[State]) -> tuple[str, str] | None:
    sizes, mine = ([len(_ids(group)) for group in groups] for groups in (saved, own))
    if len(sizes) != len(mine):
        return f"{len(sizes)} groups", f"{len(mine)}"
    return None if sizes == mine else (f"groups of {sizes} parameters", f"of {mine}")


def _numbers(where: str, saved: State, own: State, optimizer: AnyOptimizer | None) -> Iterator[str]:
    """The numbers of one group. torch gives flags of its own that are missing their first value."""
    flags = {key for key, value in own.items() if value is None or isinstance(value, bool)}
    missing = [key for key in own if key not in saved and not (key in flags and kind_of(optimizer))]
    missing = [key for key in missing if key != "param_names"]
    if missing:
        lacks = f"only {named(key for key in saved if key != 'params')}"
        advice = f"the state of another optimizer? {REBUILD}"
        yield misfit(where, lacks, f"also {named(missing)}", advice)
    for key in own:
        if key in saved and key != "params":
            yield from _number(f"{where}.{key}", saved[key], own[key])


def _number(where: str, saved: object, own: object) -> Iterator[str]:
    items, mine = items_of(saved), items_of(own)
    if own is None or (saved is None and isinstance(own, bool)):
        if items is not None or is_mapping(saved):
            yield misfit(where, told(saved), told(own))
    elif mine is not None and items is not None and len(items) == len(mine):
        for index, (one, other) in enumerate(zip(items, mine, strict=True)):
            yield from _number(f"{where}.{index}", one, other)
    elif mine is not None:
        yield misfit(where, told(saved), f"{len(mine)} values, {told(own)}")
    elif is_number(own):
        if not is_number(saved):
            yield misfit(where, told(saved), f"{told(own)}, expected a number")
        elif _is_finite_number(own) and not _is_finite_number(saved):
            yield misfit(where, told(saved), f"{told(own)}, expected a finite number")
    elif saved is None:
        yield misfit(where, told(saved), told(own))
    else:
        yield from tree_misfits(where, saved, own)


def _is_finite_number(value: object) -> bool:
    if isinstance(value, Tensor):
        return is_finite(value)
    return isinstance(value, int | float) and math.isfinite(value)
