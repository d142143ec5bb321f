"""Looking at one score of an epoch, and which scores a part looks at."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, SupportsFloat, TypeAlias, final

from artifact_torch.contracts import Monitor, RunState
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.arguments import answer, function_of_one, number, refuse, shown, text
from artifact_torch.internal.draws import KeptDraws

Mode: TypeAlias = Literal["min", "max"]

Watched: TypeAlias = str | Callable[[RunState], float | None]
"""A score by its name, or a function of the epoch's state that gives one, or None."""


def score(name: str, /) -> Callable[[RunState], float | None]:
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

    def __call__(self, state: RunState, /) -> float | None:
        return state.scores.get(self.name)

    @property
    def monitored(self) -> Sequence[str]:
        return (self.name,)

    def __str__(self) -> str:
        return self.name


@final
class WatchedScore:
    """The best of one score so far: what decides about patience and about the best epoch.

    Without a `mode`, the lowest. `tolerance` is what a later score must be better by. NaN is never
    better. Raises `ConfigurationError` naming `part` for what cannot be watched.
    """

    def __init__(self, part: str, watched: Watched, mode: Mode | None, tolerance: float) -> None:
        problems = text("score", watched)
        if callable(watched):
            problems = function_of_one("score", watched, "lambda state: state.scores.get('loss')")
        if mode not in ("min", "max", None):
            problems.append(f'mode must be "min" or "max", got {mode!r}')
        problems += number("tolerance", tolerance, least=0)
        refuse([f"{part}: {problem}" for problem in problems])
        self._part = part
        self._look = looking(watched)
        self.mode: Final[Mode] = mode or "min"
        self.states_mode: Final = mode is not None
        self._sign = 1.0 if self.mode == "min" else -1.0
        self.tolerance: Final = tolerance
        self.best: float | None = None

    @property
    def monitored(self) -> Sequence[str]:
        """Its name, where it has one."""
        return monitored_names(self._look)

    def improves(self, state: RunState) -> bool | None:
        """Whether the epoch has a new best, which is kept; None where it has no such score."""
        seen = self._look(state)
        if seen is None:
            return None
        value = as_score(self._part, seen)
        if math.isnan(value):
            return False
        sign, best = self._sign, self.best
        # nothing is taken from the value: two infinities differ by NaN
        if best is not None and not sign * value < sign * best - self.tolerance:
            return False
        self.best = value
        return True

    def __str__(self) -> str:
        return ", ".join(self.monitored) or "score"


def looking(watched: Watched) -> Callable[[RunState], float | None]:
    """What gives the score of an epoch."""
    return score(watched) if isinstance(watched, str) else watched


def monitored_names(*parts: object) -> tuple[str, ...]:
    """The scores that these parts look at, as far as they name them (`Monitor`)."""
    names: list[str] = []
    for part in parts:
        if isinstance(part, Monitor):
            of_part = part.monitored
            if isinstance(of_part, str):  # a sequence of its letters
                raise ConfigurationError(
                    f"{type(part).__name__}: monitored must be a sequence of names, got "
                    f'"{of_part}"; write ("{of_part}",)'
                )
            names += of_part
    return tuple(names)


def as_score(part: str, value: object) -> float:
    """`value` as a Python float, which a checkpoint can hold: not numpy's, no tensor."""
    if isinstance(value, SupportsFloat):
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            pass  # a tensor of several values
    raise ValidationError(
        f"{part}: got {shown(value)}, expected a number, or None where there is no score; return "
        "one of them from the function that tells it"
    )


def decided(name: str, ask: Callable[[RunState], object], state: RunState) -> bool:
    """What a stopper or tracker says, asked as `name` ("MyStopper.should_stop").

    Raises `ValidationError` for an answer that is no bool, and for a score that it reads without
    looking whether it is there: there is none before the first epoch, and where it is not due.
    Whatever it draws, the training draws the same.
    """
    try:
        with KeptDraws():
            said = ask(state)
    except Exception as error:
        wanted: object = error.args[0] if isinstance(error, KeyError) and error.args else None
        if not isinstance(wanted, str) or wanted in state.scores:  # of another dict
            told = f"epoch {state.n_epochs_elapsed}, whose scores are {sorted(state.scores)}"
            error.add_note(f"{name} was asked after {told}")
            raise
        raise ValidationError(
            f'{name}: got no score "{wanted}" in epoch {state.n_epochs_elapsed}, whose scores are '
            f"{sorted(state.scores)}; there is none before the first epoch and where it is not "
            f'due: read it with scores.get("{wanted}"), or score("{wanted}"), which give None then'
        ) from error
    return answer(said, name)
