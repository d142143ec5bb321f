"""How strongly each two columns of a table are associated, over whole columns at once."""

from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

Nominal: TypeAlias = Literal["cramer", "theil"]
Numeric: TypeAlias = Literal["pearson", "spearman", "kendall"]

_stats: Any = import_module("scipy.stats")  # Any: it has no stubs

_PRECISION = 1e-13  # dython's: what is beyond 0 or 1 by less is taken for it
_BLOCK = 4_000_000
"""Numbers that are copied at once: 32 MB."""


def associations(
    table: pd.DataFrame, nominal: Sequence[str], *, of_nominal: Nominal, of_numeric: Numeric
) -> pd.DataFrame:
    """The matrix `[columns, columns]` that `dython.nominal.associations` (0.7) makes of a table
    without NaN in its nominal columns, to 1e-12: there each pair is a call of scipy, 0.4 to 2 ms.

    NaN counts as 0; a column of one value has zeros, on the diagonal too; what is not finite is 0.
    Cramér's V is corrected for its bias; Theil's U is that of the row, given the column; between a
    nominal and a numeric column it is the correlation ratio.
    """
    names, known = [*map(str, table.columns)], set(nominal)
    is_nominal = np.array([name in known for name in names])
    codes = [codes_of(table[name]) for name in names if name in known]
    numbers = _numbers(table.loc[:, ~is_nominal])
    found = np.zeros((len(names), len(names)))
    found[np.ix_(is_nominal, is_nominal)] = _between_nominal(codes, of_nominal)
    found[np.ix_(~is_nominal, ~is_nominal)] = _between_numeric(numbers, of_numeric)
    ratios = [correlation_ratios(each, numbers) for each in codes]
    mixed = np.array(ratios).reshape(len(codes), len(numbers))
    found[np.ix_(is_nominal, ~is_nominal)] = mixed
    found[np.ix_(~is_nominal, is_nominal)] = mixed.T
    found[~np.isfinite(found)] = 0.0
    varies = np.zeros(len(names), dtype=bool)
    varies[is_nominal] = [bool(each.max()) for each in codes]
    varies[~is_nominal] = (numbers != numbers[:, :1]).any(axis=1)
    found *= np.outer(varies, varies)
    np.fill_diagonal(found, varies)
    marked = [
        f"{name} ({'nom' if of else 'con'})" for name, of in zip(names, is_nominal, strict=True)
    ]
    return pd.DataFrame(found, index=marked, columns=marked)


def can_be_associated(table: pd.DataFrame, nominal: Sequence[str]) -> bool:
    """Whether `associations` is for it: strings in the nominal columns, in the others finite numbers
    or NaN, and two rows.
    """
    names = set(nominal)
    strings = table.loc[:, [name in names for name in table.columns]]
    numbers = table.loc[:, [name not in names for name in table.columns]]
    return (
        len(table) > 1
        and all(infer_dtype(strings[name], skipna=False) == "string" for name in strings)
        and all(dtype.kind in "iuf" for dtype in numbers.dtypes)
        and not np.isinf(_numbers(numbers)).any()
    )


def codes_of(column: pd.Series) -> Codes:
    """Each value's place among the sorted ones."""
    codes, _ = pd.factorize(column, sort=True)
    return np.asarray(codes, dtype=np.intp)


def _numbers(columns: pd.DataFrame) -> Floats:
    """A row for each column."""
    filled = columns.fillna(0.0).to_numpy(dtype=np.float64, copy=True)
    return np.ascontiguousarray(filled.T)


def _between_nominal(codes: Sequence[Codes], kind: Nominal) -> Floats:
    found = np.eye(len(codes))
    sizes = [int(each.max(initial=-1)) + 1 for each in codes]
    own = [entropy(np.bincount(each)) for each in codes] if kind == "theil" else []
    for i, row in enumerate(codes):
        for j in range(i + 1, len(codes)):
            counts = np.bincount(row * sizes[j] + codes[j], minlength=sizes[i] * sizes[j])
            counts = counts.reshape(sizes[i], sizes[j])
            if kind == "theil":
                found[i, j], found[j, i] = theils_u(counts, own[i], own[j])
            else:
                found[i, j] = found[j, i] = cramers_v(counts)
    return found


def entropy(counts: NDArray[np.intp]) -> float:
    """Of categories that occur so often, in nats."""
    return float(_stats.entropy(counts))


def cramers_v(counts: NDArray[np.intp]) -> float:
    """As scipy's `chi2_contingency` and dython sum it, in their order: the root makes much of a
    difference in the last place where a correction leaves nearly nothing.
    """
    r, k = counts.shape
    if min(r, k) < 2:
        return 0.0
    observed = counts.astype(np.float64)
    n = float(observed.sum())
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0, keepdims=True) / n
    if (r, k) == (2, 2):  # Yates' correction
        difference = expected - observed
        observed = observed + np.minimum(0.5, np.abs(difference)) * np.sign(difference)
    chi2 = float(((observed - expected) ** 2 / expected).sum())
    phi2 = max(0.0, chi2 / n - ((k - 1) * (r - 1)) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1) - 1, r - (r - 1) ** 2 / (n - 1) - 1)
    return 0.0 if least == 0 else _rounded(float(np.sqrt(phi2 / least)))


def theils_u(counts: NDArray[np.intp], of_row: float, of_column: float) -> tuple[float, float]:
    """What the column tells of the row, and the row of the column; each with its own entropy."""
    joint = counts / counts.sum()
    rows, columns = np.nonzero(joint)
    cells = joint[rows, columns]
    without_column = float((cells * np.log(joint.sum(axis=0)[columns] / cells)).sum())
    without_row = float((cells * np.log(joint.sum(axis=1)[rows] / cells)).sum())
    told_row = (of_row - without_column) / of_row if of_row else 1.0
    told_column = (of_column - without_row) / of_column if of_column else 1.0
    return _rounded(told_row), _rounded(told_column)


def _between_numeric(numbers: Floats, kind: Numeric) -> Floats:
    if not len(numbers):
        return np.zeros((0, 0))
    if kind == "kendall":
        return _kendall(numbers)
    if kind == "spearman":
        numbers = np.asarray(_stats.rankdata(numbers, axis=1), dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = numbers - numbers.mean(axis=1, keepdims=True)
        largest = np.abs(centred).max(axis=1, keepdims=True)
        length = largest * np.linalg.norm(centred / largest, axis=1, keepdims=True)
        unit = centred / length
    found = np.eye(len(unit))
    for i, row in enumerate(unit):  # as scipy: a product of matrices would sum in another order
        found[i, i:] = found[i:, i] = np.vecdot(unit[i:], row).clip(-1.0, 1.0)
    return found.round() if numbers.shape[1] == 2 else found


def _kendall(numbers: Floats) -> Floats:
    found = np.eye(len(numbers))
    for i, row in enumerate(numbers):
        for j in range(i + 1, len(numbers)):
            found[i, j] = found[j, i] = float(_stats.kendalltau(row, numbers[j]).statistic)
    return found


def correlation_ratios(codes: Codes, numbers: Floats) -> Floats:
    """The correlation ratio of the categories with each row of `numbers`; sums in dython's order."""
    first, _ = pd.factorize(codes)
    order = np.argsort(first, kind="stable")
    counts = np.bincount(first).astype(np.float64)
    bounds = [0, *np.cumsum(counts).astype(np.intp).tolist()]
    found = np.zeros(len(numbers))
    size = max(1, _BLOCK // max(1, len(codes)))
    for start in range(0, len(numbers), size):
        block = numbers[start : start + size]
        by_category = np.take(block, order, axis=1)
        parts = [by_category[:, a:b].mean(axis=1) for a, b in pairwise(bounds)]
        means = np.stack(parts, axis=1)
        total = (means * counts).sum(axis=1) / counts.sum()
        between = (counts * (means - total[:, None]) ** 2).sum(axis=1)
        within = np.array([((row - t) ** 2).sum() for row, t in zip(block, total, strict=True)])
        with np.errstate(invalid="ignore", divide="ignore"):
            eta = np.sqrt(between / within)
        eta[between == 0] = 0.0
        eta[(eta > 1.0) & (eta <= 1.0 + _PRECISION)] = 1.0
        found[start : start + size] = eta
    return found


def _rounded(value: float) -> float:
    if -_PRECISION <= value < 0.0:
        return 0.0
    return 1.0 if 1.0 < value <= 1.0 + _PRECISION else value
