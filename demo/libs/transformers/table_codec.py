"""Whole tables to integer codes, and back."""

from collections.abc import Iterable, Sequence
from typing import Self, final

import pandas as pd
import torch
from torch import Tensor

from demo.libs.transformers.columns import Column, stacked
from demo.libs.transformers.discretizer import Discretizer
from demo.libs.transformers.encoder import Encoder

_DECODED_ROWS = 8192  # at once: they stay in the processor's cache


@final
class TableCodec:
    """The codes of a table's rows, and tables made from codes.

    The codes of the continuous columns come first, then those of the categorical ones; decoded
    tables have the original order of the columns.
    """

    def __init__(
        self, discretizer: Discretizer, encoder: Encoder, *, columns: Sequence[str]
    ) -> None:
        self._discretizer = discretizer
        self._encoder = encoder
        self._columns = list(columns)

    @classmethod
    def fit(
        cls,
        table: pd.DataFrame,
        *,
        cts_features: Sequence[str],
        cat_features: Sequence[str],
        n_bins: int,
    ) -> Self:
        """A codec for the named columns of `table`; the table's other columns are left out."""
        discretizer = Discretizer.fit(table, cts_features, n_bins=n_bins)
        encoder = Encoder.fit(table, cat_features)
        used = {*cts_features, *cat_features}
        columns = [str(column) for column in table.columns if column in used]
        return cls(discretizer, encoder, columns=columns)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of codes of each feature."""
        return (*self._discretizer.cardinalities, *self._encoder.cardinalities)

    def encode(self, table: pd.DataFrame) -> Tensor:
        """The codes of each row, `[rows, features]` int64."""
        return torch.cat([self._discretizer.encode(table), self._encoder.encode(table)], dim=1)

    def decode(self, codes: Tensor) -> pd.DataFrame:
        """A table with one row for each row of `codes`, `[rows, features]` int64.

        Continuous values are drawn from inside their bins with torch's global generator.
        """
        starts = range(0, max(len(codes), 1), _DECODED_ROWS)
        batches = (codes[start : start + _DECODED_ROWS] for start in starts)
        return self.decode_batches(batches, n_rows=len(codes))

    def decode_batches(self, batches: Iterable[Tensor], *, n_rows: int) -> pd.DataFrame:
        """The table of all batches of codes, `n_rows` together, as `decode` makes it of one.

        A batch is decoded before the next is asked for: beside the table, no more is in memory
        than one of them.
        """
        return stacked((self._columns_of(codes) for codes in batches), n_rows=n_rows)

    def _columns_of(self, codes: Tensor) -> dict[str, Column]:
        n_continuous = len(self._discretizer.features)
        columns: dict[str, Column] = {
            **self._discretizer.decode(codes[:, :n_continuous]),
            **self._encoder.decode(codes[:, n_continuous:]),
        }
        return {name: columns[name] for name in self._columns}
