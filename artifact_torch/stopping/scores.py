"""Looking at one score of an epoch, and which scores a part looks at."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, SupportsFloat, TypeAlias, final

from artifact_torch.contracts import EpochState, Monitor
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.arguments import number, refuse, shown, text

Mode: TypeAlias = Literal["min", "max"]


def score(name: str, /) -> Callable[[EpochState], float | None]:
    """The score `name` of an epoch, or None when the epoch did not produce it.

    For the `on=` of `stop_when` and the `by=` of `track_best`. Since the name is known, a trainer
    without a part that produces it is refused at build.
    """
    return _Score(name)


@final
@dataclass(frozen=True)
class _Score:
    name: str

    def __post_init__(self) -> None:
        refuse(text("score: name", self.name))

    def __call__(self, state: EpochState, /) -> float | None:
        return state.scores.get(self.name)

    @property
    def monitored(self) -> Sequence[str]:
        return (self.name,)

    def __str__(self) -> str:
        return self.name


def monitored_names(*parts: object) -> tuple[str, ...]:
    """The scores that these parts look at, as far as they name them (`Monitor`)."""
    return tuple(name for part in parts if isinstance(part, Monitor) for name in _names(part))


def _names(part: Monitor) -> Sequence[str]:
    names = part.monitored
    if isinstance(names, str):  # a sequence of its letters
        raise ConfigurationError(
            f'{type(part).__name__}: monitored must be a sequence of names, got "{names}"; write '
            f'("{names}",)'
        )
    return names


def as_score(part: str, value: object) -> float:
    """`value` as a Python float, which a checkpoint can hold: not numpy's, no tensor. Raises
    `ValidationError` naming `part` for what is no number.
    """
    if isinstance(value, SupportsFloat):
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            pass  # a tensor of several values
    raise ValidationError(
        f"{part}: got {shown(value)}, expected a number, or None where there is no score; return "
        "one of them from the function that tells it, for example score('loss')"
    )


def improves(value: float, best: float | None, mode: Mode, tolerance: float) -> bool:
    """Whether `value` beats `best` by more than `tolerance`; NaN never does."""
    if best is None:
        return not math.isnan(value)
    return value < best - tolerance if mode == "min" else value > best + tolerance


def check_comparison(part: str, mode: object, tolerance: object) -> list[str]:
    """What is wrong with the way `part` compares scores, in words."""
    problems: list[str] = []
    if mode not in ("min", "max"):
        problems.append(f'{part}: mode must be "min" or "max", got {mode!r}')
    return problems + number(f"{part}: tolerance", tolerance, least=0)
