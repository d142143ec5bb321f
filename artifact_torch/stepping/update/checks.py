"""What is wrong with the parts of a training step, said before the first batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.nn.parameter import UninitializedParameter
from torch.optim.lr_scheduler import ReduceLROnPlateau

from artifact_torch.contracts import ClosureOptimizer, Optimizer, Scheduler
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.arguments import function_of_one, shown
from artifact_torch.internal.narrowing import is_list, is_tuple
from artifact_torch.models.with_forward import model_name
from artifact_torch.stepping.compiling.options import compile_problems
from artifact_torch.stepping.schedules import PlannedSchedule, Schedule
from artifact_torch.stepping.update.owned import parameters_of

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


def optimizer_problems(*, optimizer: object, schedule: object, clip_norm: object) -> list[str]:
    """What is wrong with the options of one optimizer."""
    problems: list[str] = []
    if clip_norm is not None and not _is_positive(clip_norm):
        problems.append(
            f"clip_norm must be a positive number, or None for no clipping, got {clip_norm!r}"
        )
    problems += function_of_one("optimizer", optimizer, "partial(torch.optim.Adam, lr=0.001)")
    if schedule is not None and not isinstance(schedule, PlannedSchedule):
        example = "lambda optimizer: per_epoch(StepLR(optimizer, 10))"
        problems += function_of_one("schedule", schedule, example)
    return problems


def model_problems(
    *,
    autocast: object,
    compile: object,  # noqa: A002  (torch's word)
    nonfinite: object,
) -> list[str]:
    """What is wrong with the options of the model."""
    problems: list[str] = []
    if nonfinite not in ("raise", "skip"):
        problems.append(f'nonfinite must be "raise" or "skip", got {shown(nonfinite)}')
    if autocast is not None and autocast not in _AUTOCAST:
        problems.append(f"autocast must be one of {_AUTOCAST}, or None, got {autocast!r}")
    problems += compile_problems(compile)
    return problems


def check_model(model: nn.Module) -> None:
    """Raise `ConfigurationError` for one that cannot be trained."""
    name = model_name(model)
    if next(model.parameters(), None) is None:
        raise ConfigurationError(
            f"model: {name} has no parameters, so nothing can be trained; "
            "make its weights nn.Parameter, or its parts modules, in __init__"
        )
    lazy = [name for name, p in model.named_parameters() if isinstance(p, UninitializedParameter)]
    if lazy:
        raise ConfigurationError(
            f"model: {name} has parameters without a shape yet, {lazy}; run one "
            "batch through the model before the optimizer is built"
        )
    tensors = [*model.named_parameters(), *model.named_buffers()]
    unmade = [place for place, each in tensors if each.is_meta]
    if unmade:
        raise ConfigurationError(
            f"model: {name} is on the meta device, without values ({', '.join(unmade[:3])}, ...); "
            'call model.to_empty(device="cpu") and fill in its weights before the step is built'
        )


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def check_scaled(optimizer: object) -> torch.optim.Optimizer:
    """An optimizer that torch can scale the loss for."""
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ConfigurationError(
            f"autocast=torch.float16 scales the loss, which needs a torch.optim.Optimizer, got "
            f"{type(optimizer).__name__}; use torch.bfloat16"
        )
    return optimizer


def check_made_optimizer(made: object) -> Optimizer:
    """What `optimizer=` returned. Its members' types are the trainer's to check."""
    if isinstance(made, torch.optim.LBFGS):
        why = "whose step needs a closure; use ClosureStep(model, optimizer=...)"
    elif isinstance(made, Optimizer) and not isinstance(made, type):
        return made
    else:
        why = _no_optimizer(made)
    raise _returned(made, why)


def check_made_closure_optimizer(made: object) -> ClosureOptimizer:
    """What `optimizer=` of a `ClosureStep` returned."""
    if isinstance(made, ClosureOptimizer) and not isinstance(made, type):
        return made
    raise _returned(made, _no_optimizer(made))


def _no_optimizer(made: object) -> str:
    if is_tuple(made) or is_list(made):
        return "expected one optimizer; a schedule goes into schedule=, several optimizers into AlternatingStep"
    return "expected an optimizer; return it: lambda parameters: torch.optim.Adam(parameters)"


def _returned(made: object, why: str) -> ContractError:
    got = f"a {type(made).__name__}" if is_tuple(made) else shown(made)
    return ContractError(f"optimizer: its function returned {got}, {why}")


def check_made_schedule(made: object, optimizer: Optimizer | ClosureOptimizer) -> Schedule | None:
    """What `schedule=` returned: a scheduler with its moment, that moves this optimizer, or the one
    that this one wraps: they share the groups, which is where a scheduler writes the learning rate.
    """
    if made is None:
        return None
    scheduler: object = made.scheduler if isinstance(made, Schedule) else made
    if isinstance(scheduler, Optimizer):
        raise ContractError(
            f"schedule: got {type(scheduler).__name__}, an optimizer; expected a scheduler made "
            "from it, for example StepLR(optimizer, step_size=10)"
        )
    if not isinstance(made, Schedule):
        raise ContractError(f"schedule: got {shown(made)}, expected a Schedule; {_when(made)}")
    if isinstance(scheduler, ReduceLROnPlateau) and not made.monitored:
        raise ContractError(
            "schedule: ReduceLROnPlateau looks at a score, which per_epoch and per_step do not give; "
            "use by_score(scheduler, 'validation_loss')"
        )
    own = {id(group) for group in optimizer.param_groups}
    moved: object = scheduler.optimizer if isinstance(scheduler, _OfOptimizer) else None
    if isinstance(moved, _OfGroups) and own.isdisjoint(map(id, moved.param_groups)):
        raise ConfigurationError(
            f"schedule: its {type(scheduler).__name__} moves another optimizer than the one that "
            "optimizer= makes; build it from the argument: "
            "schedule=lambda optimizer: per_epoch(StepLR(optimizer, 10))"
        )
    return made


def _when(made: object) -> str:
    """How its moment is told of a scheduler that was returned as it is."""
    name = made.__name__ if isinstance(made, type) else type(made).__name__
    if name == ReduceLROnPlateau.__name__:
        return f"say when it advances: by_score({name}(...), 'name')"
    name = name if isinstance(made, Scheduler | type) else "StepLR"
    return f"say when it advances: per_epoch({name}(...)), per_step(...) or by_score(..., 'name')"


def owned_parameters(
    optimizer: Optimizer | ClosureOptimizer, model: Iterable[Parameter]
) -> list[Tensor]:
    """What the optimizer moves. Refuses one that moves nothing of the model."""
    owned = parameters_of(optimizer)
    of_model = {id(p) for p in model}
    if not any(id(p) in of_model for p in owned):
        raise ConfigurationError(
            f"optimizer: {type(optimizer).__name__} owns {len(owned)} parameters, none of them the "
            "model's; build it from the parameters it is called with, or a subset of them"
        )
    return owned
