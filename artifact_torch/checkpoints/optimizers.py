"""Whether the saved state of an optimizer is one of this optimizer: groups, numbers, moments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    is_finite_number,
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
        if isinstance(each, torch.optim.Optimizer) and _loads_as_torch(each):
            moments: list[object] = [*each.state.values()]
            found |= {id(one): one for one in _tensors(moments)}
    return found


def lent_tensors(state: object, optimizers: Sequence[AnyOptimizer]) -> dict[int, object]:
    """The moments in a saved `state`, by `id`, that these optimizers may be given as they are: where
    all of them keep what they are given. Once nothing of the old state is needed, `own_moments`.
    """
    for each in optimizers:
        if not isinstance(each, torch.optim.Optimizer) or not _loads_as_torch(each):
            return {}
    if is_optimizer_state(state):
        return {id(one): one for one in _tensors(state["state"])}
    inside = state.values() if is_mapping(state) else ()
    return {key: one for each in inside for key, one in lent_tensors(each, optimizers).items()}


def own_moments(optimizers: Sequence[AnyOptimizer], lent: Mapping[int, object]) -> None:
    """Those of their moments that were `lent` become copies, one after the other."""
    for each in optimizers:
        if isinstance(each, torch.optim.Optimizer):
            for entry in each.state.values():
                for name, value in entry.items():
                    entry[name] = _owned(value, lent)


def _owned(value: object, lent: Mapping[int, object]) -> object:
    if is_list(value):
        return [_owned(each, lent) for each in value]
    return value.clone() if isinstance(value, Tensor) and id(value) in lent else value


def _loads_as_torch(optimizer: torch.optim.Optimizer) -> bool:
    """Without hooks, which may keep what they see."""
    hooks = (name for name in vars(optimizer) if name.startswith("_optimizer_load_state_dict_"))
    plain = type(optimizer).load_state_dict is torch.optim.Optimizer.load_state_dict
    return plain and not any(vars(optimizer)[name] for name in hooks)


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
    at = f"{where}.param_groups"
    ids = [key for group in groups for key in _ids(group) if isinstance(key, int | str)]
    own_ids = [key for group in mine for key in _ids(group)]
    alike = len({*ids}) == len(own_ids) and {*map(type, ids)} <= {*map(type, own_ids)}
    if not alike:
        problems.append(misfit(at, f"parameters {named(ids)}", f"{named(own_ids)}, each once"))
        return problems
    by_group = [group for group in groups for _ in _ids(group)]
    moments = Moments(optimizer)
    state, owned = saved["state"], own["state"]
    problems += _state(f"{where}.state", (state, ids), (owned, own_ids), by_group, moments)
    kept = [*state.values()] if is_mapping(state) else []
    if has_moved and not any(kept) and moments.always_kept(groups):
        problems.append(misfit(f"{where}.state", "no moments", "made updates by then"))
    return problems


def _state(
    where: str,
    saved: tuple[object, Sequence[object]],
    own: tuple[object, Sequence[object]],
    groups: Sequence[State],
    moments: Moments,
) -> Iterator[str]:
    """Of each parameter, by its place in the groups."""
    state, owned = _group(saved[0]), _group(own[0])
    if strange := [key for key in state if isinstance(key, int) and key not in saved[1]]:
        yield misfit(where, f"moments of the parameters {named(strange)}", f"{len(groups)}")
    for index, (key, mine) in enumerate(zip(saved[1], own[1], strict=True)):
        if key not in state:
            continue
        entry, known = state[key], owned.get(mine)
        if is_mapping(entry):
            there: State = known if is_mapping(known) else {}
            yield from moments.misfits(f"{where}.{key}", entry, there, groups[index], index)
        else:
            yield misfit(f"{where}.{key}", told(entry), "a dict of moments")


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
    if saved is None or own is None:  # a flag or a word that was chosen, or left to torch
        other = saved if own is None else own
        if not (other is None or isinstance(other, bool | str)):
            yield misfit(where, told(saved), told(own))
    elif mine is not None and items is not None and len(items) == len(mine):
        for index, (one, other) in enumerate(zip(items, mine, strict=True)):
            if one is not None and other is not None:  # of two eps, the first may be torch's choice
                yield from _number(f"{where}.{index}", one, other)
    elif mine is not None:
        yield misfit(where, told(saved), f"{len(mine)} values, {told(own)}")
    elif is_number(own):
        if not is_number(saved):
            yield misfit(where, told(saved), f"{told(own)}, expected a number")
        elif is_finite_number(own) and not is_finite_number(saved):
            yield misfit(where, told(saved), f"{told(own)}, expected a finite number")
    else:
        yield from tree_misfits(where, saved, own)
