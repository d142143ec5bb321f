"""What one optimizer trains of a model that has several."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, ParamSpec, final

from torch import nn
from torch.amp.grad_scaler import GradScaler
from torch.nn import Parameter
from typing_extensions import TypeVar

from artifact_torch.errors import ArtifactTorchError, ConfigurationError
from artifact_torch.internal.arguments import integer, refuse, shown
from artifact_torch.internal.keywords import OF_STEPS, names_ours
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.stepping.planning import ScheduleOf
from artifact_torch.stepping.schedules import OptT
from artifact_torch.stepping.update.checks import optimizer_problems
from artifact_torch.stepping.update.updates import Updates

P = ParamSpec("P")
R = TypeVar("R")


@final
class Part:
    """What of a model one optimizer trains, and how often: at steps 1, 1 + `every`, 1 + 2 `every`.

    `parameters` is a module inside the model, or a list of parameters; the other options are those
    of `OptimizerStep`.
    """

    @names_ours(**OF_STEPS)
    def __init__(
        self,
        parameters: nn.Module | Iterable[Parameter],
        /,
        *,
        optimizer: Callable[[Iterable[Parameter]], OptT],
        schedule: ScheduleOf[OptT] | None = None,
        clip_norm: float | None = None,
        every: int = 1,
    ) -> None:
        problems = [
            *integer("every", every, least=1),
            *optimizer_problems(optimizer=optimizer, schedule=schedule, clip_norm=clip_norm),
        ]
        refuse([f"Part: {problem}" for problem in problems])
        trained = parameters.parameters() if isinstance(parameters, nn.Module) else parameters
        listed = [*trained]  # the same objects when the model has been moved

        def build(model: nn.Module, scaler: GradScaler | None, *, skips: bool) -> Updates:
            return Updates(
                model,
                listed,
                optimizer=optimizer,
                schedule=schedule,
                clip_norm=clip_norm,
                scaler=scaler,
                skips=skips,
            )

        self.build: Final = build
        """Makes its optimizer."""
        self.every: Final[int] = every
        """Steps of the model for one update of this part."""


def part_problems(play: object, parts: object) -> list[str]:
    """What is wrong with the parts of a step and the function that gives them turns."""
    problems = [] if callable(play) else [f"play must be a function, got {shown(play)}"]
    listed = [*parts.items()] if is_mapping(parts) else []
    if not listed:
        problems.append(
            f'parts must be a dict of names and parts, such as {{"critic": Part(...)}}, got {shown(parts)}'
        )
    wrong = [
        each for each in listed if not isinstance(each[0], str) or not isinstance(each[1], Part)
    ]
    problems += [f"parts: {shown(k)} is {shown(v)}, expected a name and a Part" for k, v in wrong]
    if listed and not wrong and all(p.every > 1 for _, p in listed if isinstance(p, Part)):
        problems.append("one part must have every=1: a step is a batch at which something moves")
    return problems


def noting_part(name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Its errors also say of which part."""
    try:
        return function(*args, **kwargs)
    except ArtifactTorchError as error:
        error.add_note(f"in part {name!r}")
        raise


def check_apart(model: nn.Module, parts: Mapping[str, Updates]) -> None:
    """Raise `ConfigurationError` where two optimizers move the same parameter."""
    names = {id(p): name for name, p in model.named_parameters()}
    owner: dict[int, str] = {}
    for part, updates in parts.items():
        for parameter in updates.parameters:
            other = owner.setdefault(id(parameter), part)
            if other != part:
                raise ConfigurationError(
                    f"parts: {other!r} and {part!r} both train {names.get(id(parameter))}; give "
                    "each parameter to one of them"
                )
