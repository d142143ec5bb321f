"""A column whose values name rows: its codes say which are missing, its values are made new."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from artifact_torch.errors import ConfigurationError
from artifact_torch.tables.cells import (
    CELLS,
    Cells,
    Dtype,
    is_missing,
    is_objects,
    missing_codes,
    missing_kinds,
    of_dtype,
    put,
)
from artifact_torch.tables.forms import NumberForm, exact_up_to
from artifact_torch.tables.patterns import NumberPattern, TextPattern, fresh
from artifact_torch.tables.stacking import Column, Parts


@final
@dataclass(frozen=True, kw_only=True)
class FreshColumn:
    """Code 0 is of a value; then come those of the missing values."""

    name: Hashable
    pattern: TextPattern | NumberPattern
    form: NumberForm | None
    """Of numbers."""
    dtype: Dtype
    known: frozenset[object]
    """The training values, which are not generated."""
    missing: tuple[object, ...]
    reads: tuple[Cells, ...] = CELLS

    @classmethod
    def fit(cls, column: pd.Series, cells: Cells) -> Self:
        """Of a column of texts or whole numbers that has at least one value."""
        missing = is_missing(column)
        form = None if cells == "text" else NumberForm.fit(column, cells)
        if form is None:
            texts: list[str] = column[~missing].drop_duplicates().astype(str).tolist()
            known: frozenset[object] = frozenset(texts)
            pattern: TextPattern | NumberPattern = TextPattern.fit(texts)
        else:
            numbers: list[float] = np.unique(form.numbers(column, missing)).tolist()
            whole = [*map(int, numbers)]
            known = frozenset(whole)
            pattern = _number_pattern(whole, form.raw)
        return cls(
            name=column.name,
            pattern=pattern,
            form=form,
            dtype=column.dtype,
            known=known,
            missing=missing_kinds(column, missing),
        )

    @property
    def cardinality(self) -> int:
        """The number of codes."""
        return 1 + len(self.missing)

    def encode(self, column: pd.Series) -> NDArray[np.int64]:
        """0 for a value, whatever it is; -1 for a missing one, where none was missing."""
        missing = is_missing(column)
        codes = np.where(missing, -1, 0)
        if self.missing:
            codes[missing] = 1 + missing_codes(column, missing, self.missing)
        return codes

    @property
    def parts(self) -> Sequence[np.dtype[np.generic]]:
        """Of what `draw` gives."""
        return [np.dtype(np.int8)]

    def draw(self, codes: NDArray[np.int64]) -> Parts:
        """The codes: the values are made for all rows at once, since they all differ."""
        return (codes,)

    def column(self, parts: Parts) -> Column:
        """New values with torch's global generator, of the training column's dtype."""
        which = np.asarray(parts[0], dtype=np.int64)
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        try:
            made = fresh(self.pattern, self.known, rng, int((which == 0).sum()))
        except ConfigurationError as error:
            raise ConfigurationError(f"column {self.name!r}: {error}") from None
        values: NDArray[np.object_] = np.zeros(len(which), object)
        values[which == 0] = np.array(made, dtype=object)
        if self.form is not None:
            numbers = values.astype(self.form.raw)
            column = self.form.column(numbers, which > 0 if self.missing else None)
            if not is_objects(column):
                return column
            values = column
        for place, value in enumerate(self.missing, start=1):
            put(values, which == place, value)
        return values if self.dtype == np.dtype(object) else of_dtype(values, self.dtype)


def _number_pattern(known: Sequence[int], dtype: np.dtype[np.generic]) -> NumberPattern:
    if dtype.kind == "f":
        highest = exact_up_to(dtype)
        lowest = -highest
    else:
        n_bits = 8 * dtype.itemsize
        lowest = 0 if dtype.kind == "u" else -(2 ** (n_bits - 1))
        highest = lowest + 2**n_bits - 1
    return NumberPattern(
        least=known[0],
        most=known[-1],
        n_known=len(known),
        lowest=lowest,
        highest=highest,
    )
