"""One table of many batches of its columns."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol, TypeAlias, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from artifact_torch.errors import DataError

Column: TypeAlias = NDArray[np.generic] | ExtensionArray  # the latter: of pandas' own dtypes
Parts: TypeAlias = Sequence[NDArray[np.generic]]
"""The arrays a column is drawn as, batch by batch: NumPy's, which can be written to in place."""


class Drawn(Protocol):
    """A column of which batches of parts become one column."""

    @property
    def name(self) -> Hashable: ...

    @property
    def parts(self) -> Sequence[np.dtype[np.generic]]:
        """Their dtypes."""
        ...

    def column(self, parts: Parts, /) -> Column:
        """The column of all rows. It may write into `parts`."""
        ...


def stacked(
    batches: Iterable[Sequence[Parts]], columns: Sequence[Drawn], *, n_rows: int
) -> pd.DataFrame:
    """A table of the rows of all batches, `n_rows` together.

    Each batch is copied to its place and let go before the next is asked for: there is never more
    in memory than the table and one of them, where `pd.concat` needs them all beside the table.

    Raises `DataError` where the batches have fewer or more rows: what was not written is no row.
    """
    _require_rows("n_rows must be 0 or more", n_rows >= 0, n_rows)
    wholes = [_Whole(column.parts, n_rows) for column in columns]
    for batch in batches:
        _append(wholes, batch)
        del batch  # which the loop would hold while the next one is made
    for whole in wholes[:1]:
        _require_rows(f"the batches have {whole.n_rows:,} rows", whole.n_rows == n_rows, n_rows)
    wholes.reverse()
    made = {
        place: _series(column.column(wholes.pop().arrays)) for place, column in enumerate(columns)
    }
    table = pd.DataFrame(made, index=pd.RangeIndex(n_rows), copy=False)
    table.columns = pd.Index([column.name for column in columns])
    return table


def _append(wholes: Sequence["_Whole"], batch: Sequence[Parts]) -> None:
    for whole, parts in zip(wholes, batch, strict=True):
        whole.append(parts)


def _require_rows(told: str, is_met: bool, n_rows: int) -> None:
    if not is_met:
        raise DataError(f"TableCodec.decode_batches: {told}, got n_rows={n_rows}")


def _series(column: Column) -> pd.Series:
    """Of the dtype that it has: pandas would make times of objects that are all NaT."""
    return pd.Series(column, dtype=column.dtype, copy=False)


@final
class _Whole:
    """The parts of a column, which have their final size from the beginning."""

    def __init__(self, dtypes: Sequence[np.dtype[np.generic]], n_rows: int) -> None:
        self.arrays = [np.empty(n_rows, dtype) for dtype in dtypes]
        self._stop, self._length = 0, n_rows

    @property
    def n_rows(self) -> int:
        """So far."""
        return self._stop

    def append(self, parts: Parts) -> None:
        start, self._stop = self._stop, self._stop + len(parts[0])
        _require_rows("the batches have more rows", self._stop <= self._length, self._length)
        for array, part in zip(self.arrays, parts, strict=True):
            array[start : self._stop] = part
