"""A column of categories as their places, and as one more code for each kind of missing value."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.tables.cells import (
    CELLS,
    Cells,
    is_missing,
    missing_codes,
    missing_kinds,
    missing_places,
)
from artifact_torch.tables.stacking import Column, Parts


@final
@dataclass(frozen=True, kw_only=True)
class CategoryColumn:
    """The codes of the values, then those of the missing values."""

    name: Hashable
    values: Column
    """`[codes]`, of the column's dtype."""
    index: pd.Index
    """The values that are there, to look them up in."""
    missing: tuple[object, ...]
    reads: tuple[Cells, ...] = CELLS

    @classmethod
    def fit(cls, column: pd.Series, *, is_ordered: bool) -> Self:
        """The values that `column` has in the order of their appearance; sorted, where ordered."""
        column = column.reset_index(drop=True)
        missing = is_missing(column)
        present = column[~(np.asarray(column.duplicated()) | missing)]
        if is_ordered:
            present = present.sort_values()
        places = missing_places(column, missing)
        values = column.iloc[np.array([*present.index, *places], dtype=np.int64)]
        return cls(
            name=column.name,
            values=values.to_numpy() if isinstance(column.dtype, np.dtype) else values.array,
            index=_index(present),
            missing=missing_kinds(column, missing),
        )

    @property
    def cardinality(self) -> int:
        """The number of codes."""
        return len(self.index) + len(self.missing)

    def encode(self, column: pd.Series) -> NDArray[np.int64]:
        """The code of each cell; -1 for one that was not there."""
        if column.dtype == np.dtype(object):  # of texts, `factorize` stops at a NUL character
            encoded = self.index.get_indexer(pd.Index(column, dtype=object)).astype(np.int64)
        else:
            codes, uniques = pd.factorize(column)
            encoded = np.append(self.index.get_indexer(_index(uniques)), -1)[codes].astype(np.int64)
        if self.missing and (encoded < 0).any():
            missing = is_missing(column)
            encoded[missing] = len(self.index) + missing_codes(column, missing, self.missing)
        return encoded

    @property
    def parts(self) -> Sequence[np.dtype[np.generic]]:
        """Of what `draw` gives."""
        return [self.values.dtype if isinstance(self.values, np.ndarray) else np.dtype(np.int32)]

    def draw(self, codes: NDArray[np.int64]) -> Parts:
        """The value of each code, or the code itself for one of pandas' own arrays."""
        return (self.values.take(codes) if isinstance(self.values, np.ndarray) else codes,)

    def column(self, parts: Parts) -> Column:
        """The column of all that was drawn, of the training column's dtype."""
        if isinstance(self.values, np.ndarray):
            return parts[0]
        return self.values.take(np.asarray(parts[0], dtype=np.int64))


def _index(values: pd.Series | pd.Index) -> pd.Index:
    """To look values up in, whatever they are stored as; pandas has no index of float16."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        categorical = pd.Categorical(values)
        return categorical.categories.take(categorical.codes)
    return pd.Index(values, dtype=np.float32 if values.dtype == np.float16 else None)
