"""Associations, distances and correlations of two tables in which values are missing or unknown."""

from collections.abc import Collection, Mapping, Sequence
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
    correlation_ratios,
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
    gappy = [i for i, mask in enumerate(present) if not mask.all()]
    if not gappy:
        return found
    numbers = [i for i, of in enumerate(is_nominal) if not of]
    values = found.to_numpy(copy=True)
    filled = table.iloc[:, numbers].to_numpy(dtype=np.float64, na_value=np.nan)
    rows = dict(zip(numbers, np.ascontiguousarray(filled.T), strict=True))
    codes = {i: codes_of(table[names[i]]) for i, of in enumerate(is_nominal) if of}
    if any(i in rows for i in gappy):  # each pair over its own rows
        frame = pd.DataFrame({i: rows[i] for i in numbers})
        # scipy's kendalltau is not for one row
        pairs = frame.corr(method=of_numeric, min_periods=2).clip(-1.0, 1.0).fillna(0.0).to_numpy()
        for at, i in enumerate(numbers):
            if i in gappy:
                values[i, numbers] = values[numbers, i] = pairs[at]
    for i in gappy:
        for j in range(len(names)):
            if i == j or (i in rows and j in rows):
                continue
            both = present[i] & present[j]
            values[i, j], values[j, i] = _pair((i, j), both, codes, rows, of_nominal)
        of_own = (codes[i] if i in codes else rows[i])[present[i]]
        values[i, i] = float(bool((of_own != of_own[:1]).any()))
    return pd.DataFrame(values, index=found.index, columns=found.columns)


def _pair(
    columns: tuple[int, int],
    both: NDArray[np.bool_],
    codes: Mapping[int, Codes],
    rows: Mapping[int, Floats],
    of_nominal: Nominal,
) -> tuple[float, float]:
    """Of two columns, one of them nominal, over the rows `both`."""
    i, j = columns
    if both.sum() < 2:
        return 0.0, 0.0
    if i in codes and j in codes:
        return _of_nominal(codes[i][both], codes[j][both], of_nominal)
    nominal, numeric = (i, j) if i in codes else (j, i)
    numbers = rows[numeric][both]
    if (numbers == numbers[0]).all():
        return 0.0, 0.0
    (ratio,) = correlation_ratios(codes[nominal][both], numbers[None, :]).tolist()
    return (ratio, ratio) if np.isfinite(ratio) else (0.0, 0.0)


def _of_nominal(first: Codes, second: Codes, kind: Nominal) -> tuple[float, float]:
    (rows, n_rows), (columns, n_columns) = _dense(first), _dense(second)
    if min(n_rows, n_columns) < 2:
        return 0.0, 0.0
    flat = np.bincount(rows * n_columns + columns, minlength=n_rows * n_columns)
    counts = flat.reshape(n_rows, n_columns)
    if kind == "theil":
        return theils_u(counts, entropy(counts.sum(axis=1)), entropy(counts.sum(axis=0)))
    value = cramers_v(counts)
    return (value, value) if np.isfinite(value) else (0.0, 0.0)


def _dense(codes: Codes) -> tuple[Codes, int]:
    dense, uniques = pd.factorize(codes, sort=True)
    return np.asarray(dense, dtype=np.intp), len(uniques)


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
