"""Looking at one score of an epoch, and which scores a part looks at."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

from artifact_torch.contracts import EpochState, Monitor
from artifact_torch.errors import ConfigurationError

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

    def __call__(self, state: EpochState, /) -> float | None:
        return state.scores.get(self.name)

    @property
    def monitored(self) -> Sequence[str]:
        return (self.name,)

    def __str__(self) -> str:
        return self.name


def monitored_names(*parts: object) -> tuple[str, ...]:
    """The scores that these parts look at, as far as they name them (`Monitor`)."""
    return tuple(name for part in parts if isinstance(part, Monitor) for name in part.monitored)


def improves(value: float, best: float | None, mode: Mode, tolerance: float) -> bool:
    """Whether `value` beats `best` by more than `tolerance`; NaN never does."""
    if best is None:
        return not math.isnan(value)
    return value < best - tolerance if mode == "min" else value > best + tolerance


def check_comparison(part: str, mode: object, tolerance: float) -> list[str]:
    """What is wrong with the way `part` compares scores, in words."""
    problems: list[str] = []
    if mode not in ("min", "max"):
        problems.append(f'{part}: mode must be "min" or "max", got {mode!r}')
    if not tolerance >= 0:
        problems.append(f"{part}: tolerance must be at least 0, got {tolerance!r}")
    return problems


def refuse(problems: Sequence[str]) -> None:
    """Raise one `ConfigurationError` with all `problems`, if there are any."""
    if problems:
        raise ConfigurationError("\n".join(problems))
