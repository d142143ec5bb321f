"""What a user's function makes a batch of: some rows of a table, by the names of its columns."""

from collections.abc import Sequence
from typing import Protocol, final

import torch
from torch import Tensor

from artifact_torch.data.parquet.library import Value


class ColumnSource(Protocol):
    """Where the values come from: a batch that was read, or the rehearsal when a loader is built."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def n_rows(self) -> int: ...

    def numbers(
        self, names: Sequence[str], dtype: torch.dtype | None, fill: float | bool | None, /
    ) -> Tensor: ...

    def codes(
        self, name: str, vocabulary: Sequence[Value], unknown: int | None, null: int | None, /
    ) -> Tensor: ...


@final
class ParquetColumns:
    """Some rows of a table, whose columns become tensors.

    A null is refused, unless it is said what stands for it; a NaN is a number and stays. What is
    asked for is compared with the files when the loader is built: a name, type or vocabulary that
    does not fit is told then, all of them at once, with the nulls that the files count.
    """

    def __init__(self, source: ColumnSource) -> None:
        self._source = source

    @property
    def names(self) -> Sequence[str]:
        """Of all columns, in the order of the files."""
        return self._source.names

    def __len__(self) -> int:
        """How many rows these are; another number each time."""
        return self._source.n_rows

    def column(
        self, name: str, *, dtype: torch.dtype | None = None, fill: float | bool | None = None
    ) -> Tensor:
        """One column of numbers or truth values, `[rows]`, of its own dtype or as `dtype`.

        `fill` stands for nulls. Unsigned 16 and 32 bits become int32 and int64, torch knows them
        too little.
        """
        return self._source.numbers([name], dtype, fill)[:, 0]

    def matrix(
        self,
        names: Sequence[str],
        *,
        dtype: torch.dtype | None = None,
        fill: float | bool | None = None,
    ) -> Tensor:
        """Many columns as one matrix, `[rows, names]`: a batch of it costs as much as of one column.

        All of one dtype, or as `dtype`. `fill` stands for nulls.
        """
        return self._source.numbers(names, dtype, fill)

    def codes(
        self,
        name: str,
        vocabulary: Sequence[Value],
        *,
        unknown: int | None = None,
        null: int | None = None,
    ) -> Tensor:
        """Where each value stands in `vocabulary`, int64 `[rows]`: of texts, integers or truth values.

        `unknown` is the code of what does not stand there, which is refused otherwise, `null` that
        of nulls.
        """
        return self._source.codes(name, vocabulary, unknown, null)
