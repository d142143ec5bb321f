"""The looks that the processes of a run take between two updates: all at the same steps."""

from dataclasses import dataclass
from time import perf_counter
from typing import final

from artifact_torch.internal.ranks import gathered
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.overheard import Overheard


@dataclass(frozen=True)
class _Look:
    """What a process tells the others."""

    seconds: float
    signal: int | None
    warnings: list[str]


@final
class Looks:
    """One collective each, in which all hear the time of the first one, the signals that came to any,
    and the warnings of all. Between two looks the time stands still, so that whatever is decided by
    it is decided alike.
    """

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._seconds = perf_counter()
        self.overheard: Overheard = Overheard()

    def now(self) -> float:
        """The first one's, at the last look."""
        return self._seconds

    def take(self) -> None:
        """All ranks, at the same step."""
        looks = gathered(_Look(perf_counter(), self._signals.number, self.overheard.taken()))
        self._seconds = looks[0].seconds
        for rank, look in enumerate(looks):
            self.overheard.tell(rank, look.warnings)
        numbers = [look.signal for look in looks if look.signal is not None]
        if numbers:
            self._signals.agree(numbers[0])
