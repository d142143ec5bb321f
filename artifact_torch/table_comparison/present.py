"""Associations, distances and correlations of two tables in which values are missing or unknown."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.table_comparison.associations import (
    Codes,
    Floats,
    Nominal,
    Numeric,
    associations,
    codes_of,
    cramers_v,
    entropy,
    theils_u,
)

_NARROW = 1e-12
_Masks = Sequence[NDArray[np.bool_]]


def present_associations(
    table: pd.DataFrame,
    nominal: Sequence[str],
    words: Mapping[str, Collection[str]],
    *,
    of_nominal: Nominal,
    of_numeric: Numeric,
) -> pd.DataFrame:
    """As `associations`, each pair over the rows in which both have a value: a number, and none of
    the `words` of a nominal column. Where all have one it is `associations`, bit for bit.
    """
    found = associations(table, nominal, of_nominal=of_nominal, of_numeric=of_numeric)
    names = [*map(str, table.columns)]
    is_nominal = [name in set(nominal) for name in names]
    present: _Masks = [
        (~table[name].isin([*words.get(name, ())]) if of else table[name].notna()).to_numpy()
        for name, of in zip(names, is_nominal, strict=True)
    ]
    gappy = {i for i, mask in enumerate(present) if not mask.all()}
    if not gappy:
        return found
    numbers = [i for i, of in enumerate(is_nominal) if not of]
    values = found.to_numpy(copy=True)
    filled = table.iloc[:, numbers].to_numpy(dtype=np.float64, na_value=np.nan)
    rows = dict(zip(numbers, np.ascontiguousarray(filled.T), strict=True))
    codes = {i: codes_of(table[names[i]]) for i, of in enumerate(is_nominal) if of}
    known = {i: _known(codes[i], present[i]) for i in codes}
    if any(i in rows for i in gappy):  # each pair over its own rows
        frame = pd.DataFrame({i: rows[i] for i in numbers})
        # scipy's kendalltau is not for one row
        pairs = frame.corr(method=of_numeric, min_periods=2).clip(-1.0, 1.0).fillna(0.0).to_numpy()
        for at, i in enumerate(numbers):
            if i in gappy:
                values[i, numbers] = values[numbers, i] = pairs[at]
    for i, j in combinations(range(len(names)), 2):
        if i not in gappy and j not in gappy:
            continue
        if i in codes and j in codes:
            counts = _counts(codes[i], codes[j], known[i], known[j])
            values[i, j], values[j, i] = _of_nominal(counts, of_nominal)
        elif i in codes or j in codes:
            of, by = (i, j) if j in codes else (j, i)
            both = present[i] & present[j]
            values[i, j] = values[j, i] = _ratio(codes[by][both], rows[of][both])
    for i in gappy:
        of_own = (codes[i] if i in codes else rows[i])[present[i]]
        values[i, i] = float(bool((of_own != of_own[:1]).any()))
    return pd.DataFrame(values, index=found.index, columns=found.columns)


def _known(codes: Codes, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which codes are those of rows that have a value."""
    return np.bincount(codes[present], minlength=int(codes.max(initial=-1)) + 1) > 0


def _counts(
    first: Codes, second: Codes, known_first: NDArray[np.bool_], known_second: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Of the rows that have both, without categories that none of them has."""
    n_rows, n_columns = len(known_first), len(known_second)
    flat = np.bincount(first * n_columns + second, minlength=n_rows * n_columns)
    counts = flat.reshape(n_rows, n_columns)[np.ix_(known_first, known_second)]
    return counts[np.ix_(counts.any(axis=1), counts.any(axis=0))]


def _of_nominal(counts: NDArray[np.intp], kind: Nominal) -> tuple[float, float]:
    if min(counts.shape) < 2:
        return 0.0, 0.0
    if kind == "theil":
        return theils_u(counts, entropy(counts.sum(axis=1)), entropy(counts.sum(axis=0)))
    value = cramers_v(counts)
    return (value, value) if np.isfinite(value) else (0.0, 0.0)


def _ratio(codes: Codes, numbers: Floats) -> float:
    """As `correlation_ratios`, of one column of numbers: sums by category in one pass."""
    if len(numbers) < 2 or (numbers == numbers[0]).all():
        return 0.0
    numbers = numbers - numbers.mean()
    counts = np.bincount(codes)
    sums = np.bincount(codes, numbers)[counts > 0]
    counts = counts[counts > 0]
    total = sums.sum() / counts.sum()
    between = float((counts * (sums / counts - total) ** 2).sum())
    within = float(((numbers - total) ** 2).sum())
    return min(1.0, math.sqrt(between / within)) if 0 < within < math.inf else 0.0


def set_apart(real: pd.DataFrame, generated: pd.DataFrame, apart: Sequence[float]) -> pd.DataFrame:
    """The associations of the generated table, moved away from the real ones: of each pair, the
    larger share of rows (`apart`, one for each column) in which one table has a value and the other
    has none counts as different by 1, which is all the difference between none and full.
    """
    ours, theirs = real.to_numpy(), generated.to_numpy()
    shares = np.asarray(apart, dtype=np.float64)
    share = np.maximum(shares[:, None], shares[None, :])
    difference = np.abs(theirs - ours)
    moved = np.maximum(difference, difference * (1.0 - share) + share)
    away = np.where(theirs < ours, ours - moved, ours + moved)
    return pd.DataFrame(
        np.where(share == 0.0, theirs, away), index=generated.index, columns=generated.columns
    )


def js_with_missing(real: pd.Series, generated: pd.Series, n_bins: int) -> float:
    """The Jensen-Shannon distance of two continuous columns in `n_bins` equal bins and one more for
    what is missing; without the last it is artifact-core's.
    """
    real, generated = _from_least(real, generated)
    both = pd.concat([real, generated])
    _, edges = pd.cut(both, bins=n_bins, include_lowest=True, retbins=True)
    shares = [_bin_shares(column, edges) for column in (real, generated)]
    return _js(*shares)


def is_narrow(real: pd.Series, generated: pd.Series) -> bool:
    """Whether the range of the numbers is so small for their size that floats have no edges in it, as
    that of account numbers near 2**60.
    """
    exact = int if {real.dtype.kind, generated.dtype.kind} <= {"i", "u"} else float
    low, *_, high = sorted(
        exact(end) for one in (real, generated) for end in (one.min(), one.max())
    )
    return 0 < high - low < _NARROW * max(abs(low), abs(high))


def _from_least(real: pd.Series, generated: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both columns, less the least number where their range `is_narrow`."""
    if not is_narrow(real, generated):
        return real, generated
    low = min(real.min(), generated.min())
    return real - low, generated - low


def _bin_shares(column: pd.Series, edges: Any) -> Floats:
    """Any: pandas' own edges."""
    codes = pd.cut(column, bins=edges, include_lowest=True, labels=False).to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    n_bins = len(edges) - 1
    places = np.where(np.isnan(codes), n_bins, codes).astype(np.intp)
    counts: Floats = np.bincount(places, minlength=n_bins + 1).astype(np.float64)
    return counts / len(column)


def _js(p: Floats, q: Floats) -> float:
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        of_p = np.where(p > 0, p * np.log(p / middle), 0.0)
        of_q = np.where(q > 0, q * np.log(q / middle), 0.0)
    return float(np.sqrt(max(0.0, float((of_p.sum() + of_q.sum()) / 2))))
