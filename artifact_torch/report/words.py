"""Numbers, times and counts in the words of a page."""

import math
import time
from collections.abc import Sequence
from itertools import pairwise

_MOST_SECONDS = 2e11
"""Since 1970: the year 8307, and the like before."""


def number(value: float) -> str:
    """Four digits that say something: `0.02513`, `12,346`, `1.2e-07`, `NaN`, `∞`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if size >= 1e7 or 0 < size < 1e-4:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def duration(seconds: float) -> str:
    """`0.8 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60)):
        if whole >= size:
            return _two(whole // size, unit, whole % size // part, smaller)
    return _two(whole // 60, "min", whole % 60, "s") if whole >= 60 else f"{whole} s"


def when(seconds: float) -> str:
    """`2026-11-26 06:27 UTC` of seconds since 1970; empty where it is not known, or no such time."""
    if not abs(seconds) < _MOST_SECONDS:
        return ""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def count(n: int, one: str, many: str = "") -> str:
    """`1 epoch`, `2,000 epochs`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def shortened(text: str, most: int = 500) -> str:
    """`text` with its middle left out where it is longer."""
    if len(text) <= most:
        return text
    return f"{text[: most * 2 // 3]} … {text[-most // 3 :]}"


def ticks(values: Sequence[float], *, is_log: bool = False) -> list[str]:
    """Labels of an axis, which differ where the values do."""
    step = min((b - a for a, b in pairwise(values)), default=0.0)
    largest = max((abs(value) for value in values), default=0.0)
    if largest >= 1e6:
        return [f"{value:.4g}".replace("e+0", "e").replace("e+", "e") for value in values]
    if is_log or largest < 1e-3 or not step > 0:
        return [number(value) for value in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals > 8:
        return [f"{value:.12g}" for value in values]
    return [f"{value:,.{decimals}f}" for value in values]


def _two(n: int, unit: str, rest: int, smaller: str) -> str:
    return f"{n} {unit} {rest} {smaller}" if rest else f"{n} {unit}"
