"""Encoded rows as the model's input."""

from typing import Self, final

import pandas as pd
from torch import Tensor

from demo.libs.transformers.table_codec import TableCodec
from demo.model.io import TabularVAEInput


@final
class TabularVAEDataset:
    """The rows of a table as model input: one at a time, or a whole batch at once."""

    def __init__(self, codes: Tensor) -> None:
        self._codes = codes

    @classmethod
    def build(cls, table: pd.DataFrame, codec: TableCodec) -> Self:
        """The rows of `table`, encoded once.

        Raises ValueError for missing values and for categories `codec` does not know.
        """
        return cls(codec.encode(table))

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index: int, /) -> TabularVAEInput:
        """Row number `index`; its codes are `[features]` int64."""
        return TabularVAEInput(codes=self._codes[index])

    def take(self, indices: Tensor, /) -> TabularVAEInput:
        """The rows `indices` (`[batch]` int64) as one batch; its codes are `[batch, features]`."""
        return TabularVAEInput(codes=self._codes[indices])
