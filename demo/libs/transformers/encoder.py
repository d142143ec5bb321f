"""Categorical columns to integer codes, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionDtype
from torch import Tensor

from demo.libs.transformers.columns import Column


@final
@dataclass(frozen=True, kw_only=True)
class _CategoricalColumn:
    name: str
    categories: Column  # [categories], of the column's dtype
    index: pd.Index  # the same, to look values up in


@final
class Encoder:
    """Integer codes for categorical columns: each category's rank of first appearance."""

    def __init__(self, columns: Sequence[_CategoricalColumn]) -> None:
        self._columns = tuple(columns)

    @classmethod
    def fit(cls, table: pd.DataFrame, features: Sequence[str]) -> Self:
        """An encoder for the categories found in the columns `features`.

        Raises ValueError when a column has missing values.
        """
        return cls([_fit_column(table[feature], feature) for feature in features])

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns, in the order of their codes."""
        return tuple(column.name for column in self._columns)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of categories of each column."""
        return tuple(len(column.categories) for column in self._columns)

    def encode(self, table: pd.DataFrame) -> Tensor:
        """The code of each category, `[rows, features]` int64.

        Raises ValueError for a category that was not there when the encoder was fitted.
        """
        codes = torch.zeros(len(table), len(self._columns), dtype=torch.int64)
        for position, column in enumerate(self._columns):
            codes[:, position] = torch.as_tensor(_encode_column(table[column.name], column))
        return codes

    def decode(self, codes: Tensor) -> dict[str, Column]:
        """The category of each code `[rows, features]`: columns of the training columns' dtypes."""
        return {
            column.name: column.categories.take(codes[:, position].numpy())
            for position, column in enumerate(self._columns)
        }


def _fit_column(column: pd.Series, name: str) -> _CategoricalColumn:
    missing = int(column.isna().sum())
    if missing:
        raise ValueError(
            f"column {name!r} must have no missing values, got {missing} of {len(column)}; "
            "fill them or drop their rows"
        )
    categories = column.drop_duplicates()
    values = categories.array if isinstance(column.dtype, ExtensionDtype) else categories.to_numpy()
    return _CategoricalColumn(name=name, categories=values, index=_index(categories))


def _encode_column(values: pd.Series, column: _CategoricalColumn) -> NDArray[np.int64]:
    codes = column.index.get_indexer(_index(values)).astype(np.int64)
    unknown = {repr(value) for value in values[codes < 0].tolist()}
    if unknown:
        raise ValueError(
            f"column {column.name!r} must have the categories it had when the encoder was fitted "
            f"({', '.join(map(repr, column.categories.tolist()))}), got "
            f"{', '.join(sorted(unknown))}; "
            "fit the encoder on a table that has them, or drop their rows"
        )
    return codes


def _index(values: pd.Series) -> pd.Index:
    """pandas has no index of float16; float32 has all of its values."""
    dtype = np.float32 if values.dtype == np.float16 else values.dtype
    return pd.Index(values, dtype=dtype)
