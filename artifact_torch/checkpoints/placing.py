"""What is saved of an optimizer and of an average, divided among the processes as this run divides it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from torch import Tensor

from artifact_torch.checkpoints.moments import AnyOptimizer, parameters_by_group
from artifact_torch.checkpoints.optimizers import is_optimizer_state
from artifact_torch.checkpoints.sharded import divided_as, is_sharded, whole
from artifact_torch.checkpoints.steps import is_average
from artifact_torch.checkpoints.trees import items_of
from artifact_torch.internal.narrowing import is_mapping

State: TypeAlias = Mapping[object, object]


def placed_step(
    saved: Mapping[str, object], own: Mapping[str, object], optimizers: Sequence[AnyOptimizer]
) -> dict[str, object]:
    """The state of a step whose own is `own`: each moment has the parts that its parameter has on
    this rank, each average those of its own weights. A collective where they were divided in another
    way; else, and where nothing is divided, the tensors are those of `saved`.
    """
    given: dict[object, object] = {str(key): each for key, each in saved.items()}
    mine: dict[object, object] = {str(key): each for key, each in own.items()}
    return {str(key): each for key, each in _placed(given, mine, iter(optimizers)).items()}


def _placed(saved: State, own: State, optimizers: Iterator[AnyOptimizer]) -> dict[object, object]:
    made = dict(saved)
    for key, mine in own.items():
        given = saved.get(key)
        if not is_mapping(mine) or not is_mapping(given):
            continue
        if is_optimizer_state(mine):
            parameters = _parameters(mine, next(optimizers, None))
            made[key] = {**given, "state": _moments(given, mine, parameters)}
        elif key == "average" and is_average(own):
            made[key] = _like(given, mine.get)
        else:
            made[key] = _placed(given, mine, optimizers)
    return made


def _parameters(own: State, optimizer: AnyOptimizer | None) -> list[Tensor]:
    """Of an optimizer, if `own` may be its state."""
    groups = items_of(own["param_groups"]) or []
    sizes = [len(items_of(each.get("params")) or []) for each in groups if is_mapping(each)]
    by_group = [] if optimizer is None else parameters_by_group(optimizer)
    if [*map(len, by_group)] != sizes:
        return []
    return [each for group in by_group for each in group]


def _moments(saved: State, own: State, parameters: Sequence[Tensor]) -> object:
    state, owned = saved.get("state"), own.get("state")
    if not is_mapping(state):
        return state
    made = dict[object, object]()
    for key, entry in state.items():
        known = owned.get(key) if is_mapping(owned) else None
        parameter = parameters[key] if isinstance(key, int) and key < len(parameters) else None
        like = partial(_model, known, parameter)
        made[key] = _like(entry, like) if is_mapping(entry) else entry
    return made


def _model(known: object, parameter: Tensor | None, name: object) -> object:
    """What a moment is divided as: the one that is there, or else its parameter."""
    mine = known.get(name) if is_mapping(known) else None
    return parameter if mine is None else mine


def _like(saved: State, own: Callable[[object], object]) -> dict[object, object]:
    made = dict[object, object]()
    for name, value in saved.items():
        mine = own(name)
        if isinstance(value, Tensor) and (is_sharded(value) or is_sharded(mine)):
            like = mine if isinstance(mine, Tensor) and mine.shape == value.shape else None
            made[name] = whole(value) if like is None else divided_as(value, like)
        else:
            made[name] = value
    return made
