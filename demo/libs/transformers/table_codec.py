"""Whole tables to integer codes, and back."""

from collections.abc import Sequence
from typing import Self, final

import pandas as pd
import torch
from torch import Tensor

from demo.libs.transformers.discretizer import Discretizer
from demo.libs.transformers.encoder import Encoder


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
        n_continuous = len(self._discretizer.features)
        continuous = self._discretizer.decode(codes[:, :n_continuous])
        categorical = self._encoder.decode(codes[:, n_continuous:])
        return pd.concat([continuous, categorical], axis=1)[self._columns]
