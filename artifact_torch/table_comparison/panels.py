"""What a picture of one column shows: shares of rows of two tables in the same places."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype

from artifact_torch.table_comparison.contracts import TableSpec
from artifact_torch.table_comparison.seen import MISSING, UNKNOWN, Seen, word

Floats: TypeAlias = NDArray[np.float64]
Scale: TypeAlias = Literal["linear", "log", "asinh", "time"]

N_BINS = 40
N_CATEGORIES = 20
"""Shown by name, the most frequent of the real table; the rest is one."""

_TAIL = 5.0
"""A column whose range is so many times as wide as its middle nine tenths is skewed."""

_HIGH = 4.0
"""A bar so many times as high as the next one is cut off."""


@final
@dataclass(frozen=True, kw_only=True)
class Panel:
    """Of a continuous column `[bins]` shares between `[bins + 1]` edges, else one for each label."""

    name: str
    real: Floats
    generated: Floats
    missing: tuple[float, float]
    """The share of rows of either table without a number."""
    beyond: float = 0.0
    """The share of generated rows outside the edges; they are in the outer bins."""
    edges: Floats | None = None
    scale: Scale = "linear"
    linear_width: float = 1.0
    """Of the scale `asinh`: how far from 0 it is linear."""
    labels: Sequence[str] = ()

    @property
    def highest(self) -> tuple[int, float] | None:
        """A bar beside which the others would not be seen, as that of a column of many zeros, and how
        high the next one is; None where there is none, or all are shown by name.
        """
        heights = np.maximum(self.real, self.generated)
        if self.edges is None or len(heights) < 2:
            return None
        following, top = np.sort(heights)[-2:].tolist()
        return (int(heights.argmax()), following) if 0 < following * _HIGH < top else None

    @property
    def difference(self) -> float:
        """Half of all that the shares differ by: 0 for equal columns, at most 1."""
        of_missing = abs(self.missing[0] - self.missing[1])
        return float(np.abs(self.real - self.generated).sum() + of_missing) / 2


def panel(name: str, spec: TableSpec, real: Seen, generated: Seen, raw: pd.Series) -> Panel:
    """Of the column `name`; `raw` is it in the real table as it was given."""
    columns = real.table[name], generated.table[name]
    if name in spec.cat_features:
        return _categories(name, spec.cat_unique_map[name], *columns)
    missing = real.missing.get(name, 0.0), generated.missing.get(name, 0.0)
    return _numbers(name, *columns, missing, is_time=is_datetime64_any_dtype(raw.dtype))


def _categories(name: str, known: Sequence[str], real: pd.Series, generated: pd.Series) -> Panel:
    counts = [column.astype(str).value_counts() / len(column) for column in (real, generated)]
    apart = [word(UNKNOWN, known), word(MISSING, known)]
    own = counts[0].drop(labels=apart, errors="ignore")
    rare = [one for one in known if one not in own.index]
    order = [*map(str, own.index), *rare]
    shown, rest = order[:N_CATEGORIES], order[N_CATEGORIES:]
    shares = [[float(of.get(one, 0.0)) for one in shown] for of in counts]
    if rest:
        shown = [*shown, f"({len(rest)} others)"]
        shares = [
            [*of, float(all_of.reindex(rest, fill_value=0.0).sum())]
            for of, all_of in zip(shares, counts, strict=True)
        ]
    for one in apart:
        both = [float(of.get(one, 0.0)) for of in counts]
        if any(both):
            shown = [*shown, one]
            shares = [[*of, share] for of, share in zip(shares, both, strict=True)]
    return Panel(
        name=name,
        real=np.array(shares[0]),
        generated=np.array(shares[1]),
        missing=(0.0, 0.0),
        labels=shown,
    )


def _numbers(
    name: str,
    real: pd.Series,
    generated: pd.Series,
    missing: tuple[float, float],
    *,
    is_time: bool,
) -> Panel:
    ours, theirs = (column.dropna().to_numpy(dtype=np.float64) for column in (real, generated))
    # the bulk of a generated table: a model that makes one number of 1e9 does not hide the rest
    bulk = np.quantile(theirs, [0.005, 0.995]) if len(theirs) else ours[:0]
    reach = np.concatenate([ours, bulk])
    low, high = float(reach.min()), float(reach.max())
    is_whole = not is_time and bool((np.mod(ours, 1.0) == 0).all()) and max(-low, high) < 2**31
    if is_whole:
        low, high = float(np.floor(low)), float(np.ceil(high))
    edges, scale, width = _edges(ours, low, high, is_whole=is_whole)
    shares = [
        np.histogram(values.clip(edges[0], edges[-1]), edges)[0] / max(1, len(column))
        for values, column in ((ours, real), (theirs, generated))
    ]
    is_beyond = (theirs < edges[0]) | (theirs > edges[-1])
    return Panel(
        name=name,
        real=shares[0],
        generated=shares[1],
        missing=missing,
        beyond=float(is_beyond.sum()) / max(1, len(generated)),
        edges=edges,
        scale="time" if is_time and scale == "linear" else scale,
        linear_width=width,
    )


def _edges(
    values: Floats, low: float, high: float, *, is_whole: bool
) -> tuple[Floats, Scale, float]:
    """Bins, on what scale they are of equal width, and how far an `asinh` scale is linear."""
    span = high - low
    middle = float(np.subtract(*np.quantile(values, [0.95, 0.05])))
    if is_whole and span <= N_BINS + N_BINS // 2:
        return np.arange(low, high + 2) - 0.5, "linear", 1.0
    if span <= _TAIL * middle:
        if is_whole:  # as many whole numbers in each
            step = math.ceil((span + 1) / N_BINS)
            return np.arange(low, high + 1 + step, step) - 0.5, "linear", 1.0
        return _increasing(np.linspace(low, high, N_BINS + 1)), "linear", 1.0
    scale: Scale = "log"
    width = 1.0
    if low > 0:
        made = np.geomspace(low, high, N_BINS + 1)
    else:
        scale, least = "asinh", 1.0 if is_whole else span * 1e-9
        sizes = np.abs(values[values != 0])
        width = max(float(np.quantile(sizes, 0.1)) if len(sizes) else 0.0, least)
        start, end = math.asinh(low / width), math.asinh(high / width)
        made = np.sinh(np.linspace(start, end, N_BINS + 1)) * width
    made[0], made[-1] = low, high
    if is_whole:
        return np.append(np.unique(np.round(made)), high + 1) - 0.5, scale, width
    return _increasing(made), scale, width


def _increasing(edges: Floats) -> Floats:
    """Without the bins that are too narrow to be any; three where there is one number."""
    edges = np.unique(edges)
    if len(edges) > 2:
        return edges
    low, high = float(edges[0]), float(edges[-1])
    room = max(abs(low) * 1e-3, 0.5)
    return np.linspace(low - room, high + room, 4)
