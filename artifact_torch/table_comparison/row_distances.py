"""How far rows of mixed columns are apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.table_comparison.contracts import TableSpec
from artifact_torch.table_comparison.seen import seen

_BLOCK = 4_000_000
"""Distances that are worked on at once: 16 MB."""


@final
@dataclass(frozen=True, kw_only=True)
class EncodedRows:
    """Rows as numbers. NaN is as far from a number as two numbers can be, and near NaN."""

    numbers: NDArray[np.float32]
    """`[rows, continuous columns]`, in units of a column's range; 0 where there is none."""
    lacks: NDArray[np.bool_]
    """`[rows, continuous columns]`: where there is none."""
    codes: NDArray[np.int32]
    """`[rows, categorical columns]`."""


def encoded_rows(tables: Sequence[pd.DataFrame], spec: TableSpec) -> list[EncodedRows]:
    """Each of `tables`, in units and codes that are common to all.

    The unit is the range of the middle 98 in 100 values, so that one outlier does not bring all
    others together. Infinite counts as none; categories that the spec does not know count as one.
    """
    together = pd.concat([seen(table, spec).table for table in tables], ignore_index=True)
    numbers = np.array(
        [together[name].to_numpy(np.float64, na_value=np.nan) for name in spec.cts_features]
    )
    numbers = numbers.reshape(len(spec.cts_features), len(together)).T
    lacks = ~np.isfinite(numbers)
    for column in range(numbers.shape[1]):
        numbers[:, column] = _scaled(numbers[:, column], ~lacks[:, column])
    codes = [pd.factorize(together[name].astype(str))[0] for name in spec.cat_features]
    coded = np.array(codes, dtype=np.int32).reshape(len(codes), len(together)).T
    ends = np.cumsum([len(table) for table in tables])
    return [
        EncodedRows(
            numbers=numbers[end - len(table) : end].astype(np.float32),
            lacks=lacks[end - len(table) : end],
            codes=coded[end - len(table) : end],
        )
        for table, end in zip(tables, ends, strict=True)
    ]


def distances(rows: EncodedRows, others: EncodedRows) -> NDArray[np.float32]:
    """`[rows, others]`: the sum over the columns, each of which counts 1 at most."""
    found = np.zeros((len(rows.numbers), len(others.numbers)), dtype=np.float32)
    n_at_once = max(1, _BLOCK // max(1, len(others.numbers)))
    for start in range(0, len(found), n_at_once):
        part = slice(start, start + n_at_once)
        block = found[part]
        for column in range(rows.numbers.shape[1]):
            values, lack = rows.numbers[part, column, None], rows.lacks[part, column, None]
            apart = np.abs(values - others.numbers[None, :, column])
            np.minimum(apart, 1, out=apart)
            if lack.any() or others.lacks[:, column].any():
                apart[lack != others.lacks[None, :, column]] = 1
            block += apart
        for column in range(rows.codes.shape[1]):
            block += rows.codes[part, column, None] != others.codes[None, :, column]
    return found


def _scaled(values: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.float64]:
    """From the middle on, 0 where there is no value."""
    if not there.any():
        return np.zeros_like(values)
    low, middle, high = np.quantile(values[there], [0.01, 0.5, 0.99])
    unit = high - low or np.ptp(values[there]) or 1.0
    return np.where(there, (np.where(there, values, middle) - middle) / unit, 0.0)
