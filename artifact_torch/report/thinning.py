"""Which points of a curve are drawn, so that what it does can be seen and fits a page."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

_EXTREMES = (np.minimum, np.maximum)


def kept(places: Floats, values: Floats, n_buckets: int) -> Indices:
    """Indices of the points to draw, growing: of each of `n_buckets` equal parts of the axis the
    first, the lowest, the highest and the last finite one, which draw the same picture as all of
    them (Jugel et al., M4: A Visualization-Oriented Time Series Data Aggregation, VLDB 2014).

    `places` (growing) and `values` are `[points]`. Where few are there, all finite ones.
    """
    finite = np.flatnonzero(np.isfinite(values))
    if len(finite) <= 4 * n_buckets:
        return finite
    at = places[finite]
    span = float(at[-1] - at[0]) or 1.0
    buckets = np.minimum(((at - at[0]) * (n_buckets / span)).astype(np.int64), n_buckets - 1)
    firsts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
    of = values[finite]
    extremes = [_first_of(of, extreme.reduceat(of, firsts), firsts) for extreme in _EXTREMES]
    chosen = np.concatenate([firsts, np.append(firsts[1:], len(of)) - 1, *extremes])
    indices: Indices = finite[np.unique(chosen)]
    return indices


def _first_of(values: Floats, wanted: Floats, firsts: Indices) -> Indices:
    """Of each bucket, which begin at `firsts`, where its value of `wanted` is first; sorting them
    would take ten times as long.
    """
    sizes = np.diff(np.append(firsts, len(values)))
    found = np.flatnonzero(values == np.repeat(wanted, sizes))
    starts = np.searchsorted(found, firsts)
    return np.asarray(found[starts], dtype=np.int64)


def breaks(values: Floats, indices: Indices) -> NDArray[np.bool_]:
    """Of each of `indices` whether a NaN or an infinity lies between it and the one before, `[points]`:
    there the line has a gap. The first has none.
    """
    lost = np.cumsum(~np.isfinite(values))
    return np.r_[False, np.diff(lost[indices]) > 0] if len(indices) else np.zeros(0, np.bool_)
