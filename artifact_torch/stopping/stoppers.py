"""Early stoppers: after so many epochs, steps or minutes, or without improvement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import final

from typing_extensions import TypeVar

from artifact_torch.checkpoints.state import read_float, read_int
from artifact_torch.contracts import Clocked, EarlyStopper, Every, RunState, StopperUpdateData
from artifact_torch.internal.arguments import described, integer, refuse
from artifact_torch.internal.cadence import minutes, steps
from artifact_torch.internal.keywords import names_ours
from artifact_torch.stopping.pairing import FromState, asked_of, check_pair, spoken
from artifact_torch.stopping.scores import Mode, Watched, WatchedScore, monitored_names

UpdateT = TypeVar("UpdateT")


@final
@dataclass(frozen=True, kw_only=True)
class EpochBoundStopper:
    """Stops once `max_n_epochs` epochs are completed; 0 trains none."""

    max_n_epochs: int

    def __post_init__(self) -> None:
        refuse(
            [f"EpochBoundStopper: {p}" for p in integer("max_n_epochs", self.max_n_epochs, least=0)]
        )

    def should_stop(self, update: StopperUpdateData, /) -> bool:
        """True from the last epoch on."""
        return update.n_epochs_elapsed >= self.max_n_epochs

    def __str__(self) -> str:
        return f"{self.max_n_epochs} epochs completed"


@final
@dataclass(frozen=True, kw_only=True)
class StepBoundStopper:
    """Stops at exactly `max_n_steps` optimizer updates; 0 makes none."""

    max_n_steps: int

    def __post_init__(self) -> None:
        refuse(
            [f"StepBoundStopper: {p}" for p in integer("max_n_steps", self.max_n_steps, least=0)]
        )

    @property
    def cadences(self) -> Sequence[Every]:
        """Asked at that step."""
        return [steps(self.max_n_steps)] if self.max_n_steps else []

    def should_stop(self, update: RunState, /) -> bool:
        """True from that step on."""
        return update.n_steps >= self.max_n_steps

    def __str__(self) -> str:
        return f"{self.max_n_steps} steps completed"


@final
@dataclass(frozen=True, kw_only=True)
class TimeBoundStopper:
    """Stops at the first update after `max_minutes` of training, validation included.

    The time of all calls of `train()` counts, and that before a `restore`.
    """

    max_minutes: float

    def __post_init__(self) -> None:
        minutes(self.max_minutes)

    @property
    def cadences(self) -> Sequence[Every]:
        """Asked when that time is over."""
        return [minutes(self.max_minutes)]

    def should_stop(self, update: RunState, /) -> bool:
        """True from that time on."""
        return update.seconds >= self.max_minutes * 60

    def __str__(self) -> str:
        return f"{self.max_minutes:g} minutes completed"


@final
class PatienceStopper:
    """Stops after `patience` scores in a row that do not improve on the best by over `tolerance`.
    The best is the lowest (`mode="min"`, the default) or the highest (`"max"`).

    `score` is the name of a score, or a function of the epoch's state. Scores are counted, not
    epochs: a moment that did not produce the score changes nothing, so a score computed every 5
    epochs with patience 3 waits for 15 epochs. NaN counts as a score that did not improve. A score
    that never comes never stops anything: put an `EpochBoundStopper` beside it.
    """

    @names_ours(monitor='PatienceStopper("score", ...)', min_delta="tolerance=")
    def __init__(
        self, score: Watched, /, *, patience: int, mode: Mode | None = None, tolerance: float = 0.0
    ) -> None:
        self._score = WatchedScore("PatienceStopper", score, mode, tolerance)
        refuse([f"PatienceStopper: {p}" for p in integer("patience", patience, least=1)])
        self._patience = patience
        self._n_without = 0

    @property
    def monitored(self) -> Sequence[str]:
        """The score, where it was given by name."""
        return self._score.monitored

    @property
    def mode(self) -> Mode:
        """Which values of it are better."""
        return self._score.mode

    @property
    def states_mode(self) -> bool:
        """Whether `mode` was given: without it a score that nobody knows the better way of is told."""
        return self._score.states_mode

    def should_stop(self, update: RunState, /) -> bool:
        match self._score.improves(update):
            case True:
                self._n_without = 0
            case False:
                self._n_without += 1
            case None:
                pass
        return self._n_without >= self._patience

    def state_dict(self) -> Mapping[str, object]:
        """The best score and how many came since."""
        return {"best": self._score.best, "n_without": self._n_without}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._score.best = read_float(state_dict, "best")
        self._n_without = read_int(state_dict, "n_without")

    def __str__(self) -> str:
        best, tolerance = self._score.best, self._score.tolerance
        seen = "all of them NaN" if self._n_without else "none yet"
        if best is not None:  # which way is better was perhaps forgotten
            counted = "that counted " if tolerance else ""  # others may have been a little better
            seen = f"{'lowest' if self._score.mode == 'min' else 'highest'} {counted}{best:.4g}"
        by = f" by more than {tolerance:g}" if tolerance else ""
        return f"{self._score}: no improvement{by} in {self._n_without} scores ({seen})"


def stop_when(
    stopper: EarlyStopper[UpdateT], /, *, on: Callable[[RunState], UpdateT]
) -> EarlyStopper[RunState]:
    """Pair a stopper of your own update type with what it is told after each epoch.

    `stop_when(MyStopper(), on=score("loss"))`: what `on` returns has to be what the stopper takes,
    which is checked where both are annotated.
    """
    check_pair(("stopper", stopper, EarlyStopper[UpdateT]), ("on", on, FromState[UpdateT]))
    return StopWhen(stopper.should_stop, on, stopper)


@final
class StopWhen:
    """A stopper that is told what `on` makes of the epoch's state; made by `stop_when`."""

    paired_by = "stop_when"

    def __init__(
        self, ask: Callable[[UpdateT], bool], on: Callable[[RunState], UpdateT], stopper: object
    ) -> None:
        self._ask: Callable[[RunState], bool] = partial(asked_of, ask, on)
        self._on: object = on
        self._stopper = stopper

    def should_stop(self, update: RunState, /) -> bool:
        return self._ask(update)

    @property
    def monitored(self) -> Sequence[str]:
        return monitored_names(self._on, self._stopper)

    @property
    def cadences(self) -> Sequence[Every]:
        return self._stopper.cadences if isinstance(self._stopper, Clocked) else ()

    @property
    def held(self) -> Mapping[str, object]:
        return {"stopper": self._stopper}

    def __str__(self) -> str:
        return f"{spoken(self._on)}: {described(self._stopper)}"
