"""At which step anything is due next: one comparison per batch, nothing else."""

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import final

from artifact_torch.contracts import Cadence, Every, Moment

_MOST_AHEAD_S = 1.0
"""A look at the time is planned so many seconds ahead at most: steps may become slower."""


@final
class Clock:
    """Epochs, steps and time of a run. `alarm` is the step at which the trainer looks up next.

    `moments` are the cadences that bring about a moment within an epoch; `updates` those of
    callbacks that want single updates, for which it looks up one step before. Times are seconds of
    training. After each look it has to be wound. One that is shared by several processes, by a time
    that is the same on all, has a look each second, in which they hear of each other.
    """

    def __init__(
        self,
        moments: Iterable[Every],
        updates: Iterable[Every],
        *,
        now: Callable[[], float] = perf_counter,
        is_shared: bool = False,
    ) -> None:
        self._is_shared = is_shared
        of_moments, of_updates = _cadences(moments), _cadences(updates)
        self._moments = _periods(of_moments)
        self._updates = _periods(of_updates)
        self._timed = [each for each in of_moments if each.unit == "minutes"]
        self._timed_updates = [each for each in of_updates if each.unit == "minutes"]
        self._now = now
        self._since = now()
        self._before = 0.0
        self._last = (0, 0.0)
        self._last_update_s = 0.0
        self._looked = (0, 0.0)
        self._tick_s: float | None = None
        self._next_tick = 0.0
        self.alarm: int = 0

    @property
    def seconds(self) -> float:
        """Time in `train()` since the run began."""
        return self._before + self._now() - self._since

    def start(
        self,
        step: int,
        seconds: float,
        tick_s: float | None,
        *,
        last: tuple[int, float] | None = None,
    ) -> None:
        """`train()` begins; progress wants to be shown every `tick_s` seconds, or never. `last` are
        step and seconds of the newest moment, where an error came after it: what was due since
        then is due still.
        """
        self._since, self._before = self._now(), seconds
        self._last, self._last_update_s = last or (step, seconds), seconds
        self._looked = (step, seconds)
        self._tick_s, self._next_tick = tick_s, seconds
        self.alarm = step

    def moment(self, step: int, epoch: int) -> Moment | None:
        """Within an epoch, `epoch` completed: what is due at `step`, None if nothing is.

        Each step is a moment once: that at the end of an epoch is its last step's.
        """
        if step <= self._last[0]:
            return None
        seconds = self.seconds
        elapsed = _elapsed(self._timed, self._last[1], seconds)
        if not elapsed and not any(step // n > self._last[0] // n for n in self._moments):
            return None
        return self._made(step, epoch, seconds, elapsed, ends_epoch=False)

    def end_of_epoch(self, step: int, epoch: int) -> Moment:
        """The end of `epoch`; the next one begins with a look."""
        seconds = self.seconds
        self.alarm = step
        elapsed = _elapsed(self._timed, self._last[1], seconds)
        return self._made(step, epoch, seconds, elapsed, ends_epoch=True)

    def ticks(self) -> bool:
        """Whether it is time to show where the run is."""
        seconds = self.seconds
        if self._tick_s is None or seconds < self._next_tick:
            return False
        self._next_tick = seconds + self._tick_s
        return True

    def updates_at(self, step: int) -> Moment | None:
        """The update that makes `step`, for callbacks that want single ones; None if none does."""
        seconds = self.seconds
        elapsed = _elapsed(self._timed_updates, self._last_update_s, seconds)
        if not elapsed and not any(step % n == 0 for n in self._updates):
            return None
        self._last_update_s = seconds
        return Moment(epoch=0, step=step, seconds=seconds, ends_epoch=False, elapsed=elapsed)

    def wind(self, step: int, *, is_watched: bool = False) -> None:
        """Set the alarm after a look at `step`; a watched update is looked at when it is done."""
        ahead = [n - step % n for n in self._moments] + [n - step % n - 1 for n in self._updates]
        ahead = [n for n in ahead if n > 0] + [1] * is_watched
        seconds = self.seconds
        if self._timed or self._timed_updates or self._tick_s is not None or self._is_shared:
            ahead.append(self._steps_until_a_look(step, seconds))
        self._looked = (step, seconds)
        # without any cadence no step is ever looked at
        self.alarm = step + min(ahead) if ahead else _NEVER

    def _steps_until_a_look(self, step: int, seconds: float) -> int:
        """By the pace since the last look; half the way, so that a deadline is met within a step."""
        left = [each.n * 60 - seconds % (each.n * 60) for each in self._timed + self._timed_updates]
        wait = min([_MOST_AHEAD_S, *(each / 2 for each in left)])
        if self._tick_s is not None:
            wait = min(wait, max(self._next_tick - seconds, 0.0))
        n_steps, elapsed = step - self._looked[0], seconds - self._looked[1]
        return max(1, int(n_steps / elapsed * wait)) if elapsed > 0 else 1

    def _made(
        self,
        step: int,
        epoch: int,
        seconds: float,
        elapsed: frozenset[Cadence],
        *,
        ends_epoch: bool,
    ) -> Moment:
        self._last = (step, seconds)
        return Moment(
            epoch=epoch, step=step, seconds=seconds, ends_epoch=ends_epoch, elapsed=elapsed
        )


_NEVER = 2**63


def _cadences(given: Iterable[Every]) -> list[Cadence]:
    return [each for each in dict.fromkeys(given) if isinstance(each, Cadence)]


def _periods(cadences: Sequence[Cadence]) -> list[int]:
    return [int(each.n) for each in cadences if each.unit == "steps"]


def _elapsed(cadences: Sequence[Cadence], since: float, seconds: float) -> frozenset[Cadence]:
    """Those of which a multiple lies between the two times."""
    return frozenset(each for each in cadences if seconds // (each.n * 60) > since // (each.n * 60))
