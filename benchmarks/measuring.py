"""What all sections share: a row of the table, how hard to try, and paired medians."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, final

Clock: TypeAlias = Callable[[], float]
"""`time.process_time`, which other programs of the machine do not lengthen, or `perf_counter`."""


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. `value` is None where nothing was measured; then `note` says why."""

    what: str
    value: float | None = None
    unit: str = ""
    ratio: float | None = None
    """To the first row of its section."""
    spread: Sequence[float] | None = None
    """The quartiles of the ratio."""
    goal: float | None = None
    """The most that `ratio` is to be; of `value` where there is no ratio."""
    is_share: bool = False
    """Whether the goal is the least, as of a share that is kept."""
    note: str = ""

    @property
    def measured(self) -> float | None:
        """What the goal is of."""
        return self.value if self.ratio is None else self.ratio

    @property
    def meets(self) -> bool | None:
        """None without a goal, or without a figure."""
        if self.goal is None or self.measured is None:
            return None
        return self.measured >= self.goal if self.is_share else self.measured <= self.goal


@final
@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard to try: `n_rounds` of each pair; with `tiny` the sizes that only show that it runs."""

    n_rounds: int = 7
    tiny: bool = False

    def of(self, full: int, tiny: int) -> int:
        """A size."""
        return tiny if self.tiny else full


class Measure(Protocol):
    """The function `measure` of a section's module."""

    def __call__(self, effort: Effort, /) -> Sequence[Row]: ...


def seconds(call: Callable[[], object], clock: Clock = time.process_time) -> float:
    start = clock()
    call()
    return clock() - start


@final
@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two or more ways, each timed in turn, round after round."""

    times: Mapping[str, Sequence[float]]

    @property
    def first(self) -> str:
        return next(iter(self.times))

    def median(self, name: str) -> float:
        return statistics.median(self.times[name])

    def ratios(self, name: str) -> list[float]:
        """Of one round each: what slows a whole round down slows both."""
        return [a / b for a, b in zip(self.times[name], self.times[self.first], strict=True)]

    def row(
        self,
        name: str,
        *,
        what: str = "",
        scale: float = 1.0,
        unit: str = "s",
        goal: float | None = None,
    ) -> Row:
        """`scale` turns seconds into `unit`."""
        ratios = self.ratios(name)
        return Row(
            what=what or name,
            value=self.median(name) * scale,
            unit=unit,
            ratio=statistics.median(ratios),
            spread=quartiles(ratios),
            goal=goal,
        )


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """The first and the third; the least and the most of fewer than four."""
    if len(values) < 4:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4)
    return low, high


def compared(
    ways: Mapping[str, Callable[[], float]], n_rounds: int, *, n_warm: int = 1
) -> Compared:
    """Each way's own seconds, `n_rounds` times in turn, after `n_warm` rounds that do not count.

    Every second round goes backwards, so that no way always follows the same one.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-n_warm, n_rounds):
        for name in sorted(ways, key=[*ways].index, reverse=number % 2 == 1):
            gc.collect()
            spent = ways[name]()
            if number >= 0:
                times[name].append(spent)
    return Compared(times=times)


def timed(
    ways: Mapping[str, Callable[[], object]], n_rounds: int, clock: Clock = time.process_time
) -> Compared:
    """As `compared`, for ways that are timed as a whole."""

    def of(call: Callable[[], object]) -> Callable[[], float]:
        return lambda: seconds(call, clock)

    return compared({name: of(call) for name, call in ways.items()}, n_rounds)
