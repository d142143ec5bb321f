"""Axes: how values become places, and which of them are written beside it."""

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from artifact_torch.report.thinning import Floats

_DECADES = 2.0
"""Values that spread over more are drawn on a log axis."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """From `low` at 0 to `high` at 1; both positive where it is a log axis."""

    low: float
    high: float
    is_log: bool = False

    def places(self, values: Floats) -> Floats:
        """Between 0 and 1, `[points]`; finite for finite values."""
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (
                np.log10(values) if self.is_log else values / 2
            )  # halves: no difference overflows
        low, high = _scaled(self.low, self.is_log), _scaled(self.high, self.is_log)
        return np.asarray((scaled - low) / ((high - low) or 1.0), dtype=np.float64)

    def ticks(self, most: int) -> Sequence[float]:
        """Round numbers within it, growing; at most about `most`."""
        found = [*(_powers(self, most) if self.is_log else _steps(self, most))]
        return found if len(found) > 1 else [self.low, self.high]


def axis_of(values: Floats, *, may_be_log: bool = True) -> Axis:
    """One on which all finite `values` can be seen, logarithmic where they spread over more than two
    powers of ten.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Axis(low=0.0, high=1.0)
    low, high = float(finite.min()), float(finite.max())
    is_log = may_be_log and low > 0 and math.log10(high) - math.log10(low) > _DECADES
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return Axis(low=_bounded(low - room), high=_bounded(high + room))
    if is_log:
        return Axis(low=low, high=high, is_log=True)
    room = (high / 2 - low / 2) * 0.1
    return Axis(low=_bounded(low - room), high=_bounded(high + room))


def _bounded(value: float) -> float:
    return min(max(value, -sys.float_info.max), sys.float_info.max)


def _scaled(value: float, is_log: bool) -> float:
    return math.log10(value) if is_log else value / 2


def _steps(axis: Axis, most: int) -> Iterator[float]:
    rough = (axis.high / 2 - axis.low / 2) / most * 2
    if not (math.isfinite(rough) and rough > 1e-300):
        return
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * each for each in (1, 2, 5, 10) if power * each >= rough), power * 10)
    first = math.ceil(axis.low / step)
    for number in range(first, first + most + 2):
        if number * step <= axis.high:
            yield number * step if number else 0.0


def _powers(axis: Axis, most: int) -> Iterator[float]:
    first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
    every = max(1, math.ceil((last - first + 1) / most))
    for power in range(first, last + 1, every):
        yield 10.0**power
