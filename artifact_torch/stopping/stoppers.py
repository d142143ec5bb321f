"""Early stoppers: after so many epochs, without improvement, or whichever comes first."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from typing_extensions import TypeVar

from artifact_torch.checking.places import check_contracts, optional_places
from artifact_torch.checkpoints.state import read, read_float, read_int, restore_state, state_of
from artifact_torch.contracts import (
    Bounded,
    EarlyStopper,
    EpochState,
    Stateful,
    StopperUpdateData,
)
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import answer, described, integer, refuse
from artifact_torch.stopping.pairing import FromState, asking, check_pair, spoken
from artifact_torch.stopping.scores import (
    Mode,
    as_score,
    check_comparison,
    improves,
    monitored_names,
)

_log = logging.getLogger(__name__)

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
class PatienceStopper:
    """Stops after `patience` scores in a row that do not improve on the best by over `tolerance`.

    Scores are counted, not epochs: an epoch that did not produce the score (None) changes nothing,
    so a score computed every 5 epochs with patience 3 waits for 15 epochs. NaN counts as a score
    that did not improve. A score that never comes never stops anything: pair it with an
    `EpochBoundStopper` in an `AnyStopper`.
    """

    def __init__(self, *, patience: int, mode: Mode = "min", tolerance: float = 0.0) -> None:
        problems = check_comparison("PatienceStopper", mode, tolerance)
        problems += [f"PatienceStopper: {p}" for p in integer("patience", patience, least=1)]
        refuse(problems)
        self._patience = patience
        self._mode: Mode = mode
        self._tolerance = tolerance
        self._best: float | None = None
        self._n_without = 0

    def should_stop(self, update: float | None, /) -> bool:
        """Takes the newest score, or None where there is none."""
        if update is not None:
            value = as_score("PatienceStopper", update)
            if improves(value, self._best, self._mode, self._tolerance):
                self._best, self._n_without = value, 0
            else:
                self._n_without += 1
        return self._n_without >= self._patience

    def state_dict(self) -> Mapping[str, object]:
        """The best score and how many came since."""
        return {"best": self._best, "n_without": self._n_without}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        self._best = read_float(state_dict, "best")
        self._n_without = read_int(state_dict, "n_without")

    def __str__(self) -> str:
        return f"no improvement in {self._n_without} scores (best {self._best})"


@final
class AnyStopper:
    """Stops as soon as one of `stoppers` does. All are asked every time, so that all keep count."""

    def __init__(self, *stoppers: EarlyStopper[EpochState]) -> None:
        if not stoppers:
            raise ConfigurationError("AnyStopper: needs at least one stopper, got none")
        name = "AnyStopper"
        check_contracts(
            *((name, each, EarlyStopper[EpochState]) for each in stoppers),
            *(place for each in stoppers for place in optional_places(name, each)),
        )
        self._stoppers = stoppers
        self._fired: tuple[EarlyStopper[EpochState], ...] = ()

    def should_stop(self, update: EpochState, /) -> bool:
        """Takes the state after an epoch."""
        self._fired = tuple(
            [
                each
                for each in self._stoppers
                if answer(each.should_stop(update), f"{type(each).__name__}.should_stop")
            ]
        )
        return bool(self._fired)

    @property
    def max_n_epochs(self) -> int | None:
        """The lowest bound of its stoppers, if one of them has one."""
        bounds = [each.max_n_epochs for each in self._stoppers if isinstance(each, Bounded)]
        return min((bound for bound in bounds if bound is not None), default=None)

    @property
    def monitored(self) -> Sequence[str]:
        """All scores that its stoppers look at."""
        return monitored_names(*self._stoppers)

    def state_dict(self) -> Mapping[str, object]:
        """The state of every stopper that has one, by position."""
        return {str(i): state_of(stopper) for i, stopper in enumerate(self._stoppers)}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. A stopper that was added since starts afresh, which is
        logged.
        """
        for i, stopper in enumerate(self._stoppers):
            if str(i) in state_dict:
                restore_state(stopper, read(state_dict, str(i)))
            elif isinstance(stopper, Stateful):
                _log.warning(
                    "checkpoint: holds the state of %d stoppers; stopper %d of AnyStopper starts "
                    "afresh: %s",
                    *(len(state_dict), i + 1, described(stopper)),
                )

    def __str__(self) -> str:
        return "; ".join(map(str, self._fired or self._stoppers))


def stop_when(
    stopper: EarlyStopper[UpdateT], /, *, on: Callable[[EpochState], UpdateT]
) -> EarlyStopper[EpochState]:
    """Pair a stopper with what it is told after each epoch: `stop_when(..., on=score("loss"))`.

    What `on` returns has to be what the stopper takes, which is checked where both are annotated.
    """
    check_pair(("stopper", stopper, EarlyStopper[UpdateT]), ("on", on, FromState[UpdateT]))
    return _StopWhen(stopper.should_stop, on, stopper)


@final
class _StopWhen:
    paired_by = "stop_when"

    def __init__(
        self, ask: Callable[[UpdateT], bool], on: Callable[[EpochState], UpdateT], stopper: object
    ) -> None:
        self._ask = asking(stopper, ask, "on", on)
        self._on: object = on
        self._stopper = stopper

    def should_stop(self, update: EpochState, /) -> bool:
        return self._ask(update)

    @property
    def monitored(self) -> Sequence[str]:
        return monitored_names(self._on, self._stopper)

    def state_dict(self) -> Mapping[str, object]:
        return state_of(self._stopper)

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        restore_state(self._stopper, state_dict)

    def __str__(self) -> str:
        return f"{spoken(self._on)}: {described(self._stopper)}"
