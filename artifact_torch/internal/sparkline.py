"""A curve in one line of a terminal."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, log
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_NONE: Final = "·"


def sparkline(values: Sequence[float], width: int) -> str:
    """At most `width` characters, each the mean of as many values that follow each other, between the
    least and the greatest of these; `·` where none of them is finite. Empty without values. Where the
    greatest is a hundred times the least, which is above 0, heights are those of logarithms.
    """
    n = min(width, len(values))
    edges = [len(values) * each // n for each in range(n + 1)] if n > 0 else [0]
    parts = [values[start:end] for start, end in pairwise(edges)]
    means = [_mean([each for each in part if isfinite(each)]) for part in parts]
    known = [each for each in means if each is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)
    if 0 < least < most / 100:
        means = [None if each is None else log(each) for each in means]
        least, most = log(least), log(most)
    return "".join(_NONE if each is None else _block(each, least, most) for each in means)


def _mean(values: Sequence[float]) -> float | None:
    return sum(each / len(values) for each in values) if values else None


def _block(value: float, least: float, most: float) -> str:
    """In the middle where all are the same."""
    share = (value / 2 - least / 2) / (most / 2 - least / 2) if most > least else 0.4  # no overflow
    return _BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)]
