"""Categorical columns to integer codes, and back."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Self, final

import pandas as pd
import torch
from torch import Tensor


@final
@dataclass(frozen=True, kw_only=True)
class _CategoricalColumn:
    name: str
    categories: pd.DataFrame  # one column, one row a category: keeps the dtype
    codes: dict[Hashable, int]


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
        return cls([_fit_column(table[[feature]], feature) for feature in features])

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns, in the order of their codes."""
        return tuple(column.name for column in self._columns)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of categories of each column."""
        return tuple(len(column.codes) for column in self._columns)

    def encode(self, table: pd.DataFrame) -> Tensor:
        """The code of each category, `[rows, features]` int64.

        Raises ValueError for a category that was not there when the encoder was fitted.
        """
        codes = torch.zeros(len(table), len(self._columns), dtype=torch.int64)
        for position, column in enumerate(self._columns):
            codes[:, position] = torch.tensor(_encode_column(table, column), dtype=torch.int64)
        return codes

    def decode(self, codes: Tensor) -> pd.DataFrame:
        """The category of each code `[rows, features]`, with the training columns' dtypes."""
        columns = [
            column.categories.take(codes[:, position].numpy()).reset_index(drop=True)
            for position, column in enumerate(self._columns)
        ]
        return pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(len(codes)))


def _fit_column(column: pd.DataFrame, name: str) -> _CategoricalColumn:
    missing = int(column[name].isna().sum())
    if missing:
        raise ValueError(
            f"column {name!r} must have no missing values, got {missing} of {len(column)}; "
            "fill them or drop their rows"
        )
    categories = column.drop_duplicates().reset_index(drop=True)
    codes = {value: code for code, value in enumerate(categories[name].tolist())}
    return _CategoricalColumn(name=name, categories=categories, codes=codes)


def _encode_column(table: pd.DataFrame, column: _CategoricalColumn) -> list[int]:
    values = table[column.name].tolist()
    unknown = {repr(value) for value in values if value not in column.codes}
    if unknown:
        raise ValueError(
            f"column {column.name!r} must have the categories it had when the encoder was fitted "
            f"({', '.join(map(repr, column.codes))}), got {', '.join(sorted(unknown))}; "
            "fit the encoder on a table that has them, or drop their rows"
        )
    return [column.codes[value] for value in values]
