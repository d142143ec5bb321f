"""What is wrong with the parts of a training step, said before the first batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.parameter import UninitializedParameter
from torch.optim.lr_scheduler import ReduceLROnPlateau

from artifact_torch.checking.places import Composed, check_contracts, given
from artifact_torch.contracts import (
    AnyModel,
    Optimizer,
    Schedule,
    Scheduler,
    ScoreScheduler,
)
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.arguments import integer
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.signatures import signature_of

_AUTOCAST = (torch.float16, torch.bfloat16)


@runtime_checkable
class _OfOptimizer(Protocol):
    """torch's schedulers."""

    @property
    def optimizer(self) -> object: ...


@runtime_checkable
class _OfGroups(Protocol):
    """What a scheduler moves: an optimizer, or one inside another."""

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]: ...


def check_options(accumulate: object, clip_norm: object, autocast: object) -> None:
    problems = integer("accumulate", accumulate, least=1)
    if clip_norm is not None and not _is_positive(clip_norm):
        problems.append(
            f"clip_norm must be a positive number, or None for no clipping, got {clip_norm!r}"
        )
    if autocast is not None and autocast not in _AUTOCAST:
        problems.append(f"autocast must be one of {_AUTOCAST}, or None, got {autocast!r}")
    if problems:
        raise ConfigurationError("OptimizerStep: " + "; ".join(problems))


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def check_factories(model: AnyModel, optimizer: object, schedule: object) -> None:
    if next(model.parameters(), None) is None:
        raise ConfigurationError(
            f"model: {type(model).__name__} has no parameters, so nothing can be trained; "
            "make its weights nn.Parameter, or its parts modules, in __init__"
        )
    lazy = [name for name, p in model.named_parameters() if isinstance(p, UninitializedParameter)]
    if lazy:
        raise ConfigurationError(
            f"model: {type(model).__name__} has parameters without a shape yet, {lazy}; run one "
            "batch through the model before the optimizer is built"
        )
    problems = _not_callable_with("optimizer", optimizer, "partial(torch.optim.Adam, lr=0.001)")
    if schedule is not None:
        example = "lambda optimizer: per_epoch(StepLR(optimizer, 10))"
        problems += _not_callable_with("schedule", schedule, example)
    if problems:
        raise ConfigurationError("OptimizerStep: " + "; ".join(problems))


def _not_callable_with(name: str, factory: object, example: str) -> list[str]:
    """What is wrong with a function that is called with one argument."""
    try:
        if callable(factory):
            signature_of(factory).bind(None)
            return []
    except TypeError as error:
        why = f"a function that cannot be called with one argument ({error})"
    except ValueError:  # written in C: it does not tell
        return []
    else:
        why = type(factory).__name__
    return [f"{name} must be a function of one argument, such as {example}, got {why}"]


def check_made_schedule(made: object) -> None:
    """What `schedule=` returned: a `Schedule` or None. A scheduler alone does not say when."""
    is_scheduler = isinstance(made, Scheduler | ScoreScheduler)  # so are optimizers, and classes
    if is_scheduler and not isinstance(made, Schedule | Optimizer | type):
        name = type(made).__name__
        timed = f"per_epoch({name}(...)), per_step(...) or by_score(..., 'name')"
        if isinstance(made, ReduceLROnPlateau):
            timed = f"by_score({name}(...), 'name')"
        raise ContractError(
            f"schedule: got {name}, expected a Schedule; say when it advances: {timed}"
        )
    check_contracts(*given(("what schedule makes", made, Schedule)))


def check_scheduled(schedule: object, optimizer: Optimizer) -> None:
    """A scheduler that tells its optimizer has to move this one, or the one that this one wraps:
    they share the groups, which is where a scheduler writes the learning rate.
    """
    own = {id(group) for group in optimizer.param_groups}
    places = schedule.contract_places if isinstance(schedule, Composed) else ()
    for _, part, _ in places:
        if not isinstance(part, _OfOptimizer) or part.optimizer is optimizer:
            continue
        moved = part.optimizer
        if isinstance(moved, _OfGroups) and own.isdisjoint(map(id, moved.param_groups)):
            raise ConfigurationError(
                f"schedule: its {type(part).__name__} moves another optimizer than the one that "
                "optimizer= makes; build it from the argument: "
                "schedule=lambda optimizer: per_epoch(StepLR(optimizer, 10))"
            )


def owned_parameters(optimizer: Optimizer, model: Iterable[Parameter]) -> list[Tensor]:
    """What the optimizer moves. Refuses one that moves nothing of the model."""
    owned: list[Tensor] = []
    for group in optimizer.param_groups:
        parameters = group["params"]
        if is_list(parameters):
            owned += [p for p in parameters if isinstance(p, Tensor)]
    of_model = {id(p) for p in model}
    if not any(id(p) in of_model for p in owned):
        raise ConfigurationError(
            f"optimizer: {type(optimizer).__name__} owns {len(owned)} parameters, none of them the "
            "model's; build it from the parameters it is called with, or a subset of them"
        )
    return owned
