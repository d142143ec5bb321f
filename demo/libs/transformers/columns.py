"""Columns by name, and one table of many batches of them."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

Column: TypeAlias = NDArray[np.generic] | ExtensionArray  # the latter: of pandas' own dtypes


def stacked(batches: Iterable[Mapping[str, Column]], *, n_rows: int) -> pd.DataFrame:
    """A table of the rows of all batches, `n_rows` together; there is at least one batch.

    Each batch is copied to its place and let go before the next is asked for: there is never more
    in memory than the table and one of them, where `pd.concat` needs them all beside the table.
    """
    columns: dict[str, _Whole | _Joined] = {}
    for batch in batches:
        _append(columns, batch, n_rows)
        del batch  # which the loop would hold while the next one is made
    table = {name: columns.pop(name).column() for name in list(columns)}
    return pd.DataFrame(table, index=pd.RangeIndex(n_rows), copy=False)


@final
class _Whole:
    """A column that has its final size from the beginning."""

    def __init__(self, n_rows: int, dtype: np.dtype[np.generic]) -> None:
        self._values = np.empty(n_rows, dtype)
        self._stop = 0

    def append(self, part: Column) -> None:
        start, self._stop = self._stop, self._stop + len(part)
        self._values[start : self._stop] = np.asarray(part)

    def column(self) -> NDArray[np.generic]:
        return self._values


@final
class _Joined:
    """A column of one of pandas' own dtypes, whose arrays may not be written to in place."""

    def __init__(self) -> None:
        self._parts: list[pd.Series] = []

    def append(self, part: Column) -> None:
        self._parts.append(pd.Series(part, copy=False))

    def column(self) -> pd.Series:
        whole: pd.Series = pd.concat(self._parts, ignore_index=True)
        return whole


def _append(columns: dict[str, _Whole | _Joined], batch: Mapping[str, Column], n_rows: int) -> None:
    for name, part in batch.items():
        if name not in columns:
            columns[name] = _empty(part, n_rows)
        columns[name].append(part)


def _empty(part: Column, n_rows: int) -> _Whole | _Joined:
    return _Whole(n_rows, part.dtype) if isinstance(part, np.ndarray) else _Joined()
