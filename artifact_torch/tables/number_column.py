"""A numeric or datetime column as bins, and as one more code for each kind of missing value."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.tables.bins import Bins
from artifact_torch.tables.cells import (
    Cells,
    is_missing,
    is_objects,
    missing_codes,
    missing_kinds,
    put,
)
from artifact_torch.tables.forms import Form, NumberForm, TimeForm
from artifact_torch.tables.stacking import Column, Parts


@final
@dataclass(frozen=True, kw_only=True)
class NumberColumn:
    """The codes of the bins, then those of the missing values."""

    name: Hashable
    form: Form
    bins: Bins
    missing: tuple[object, ...]

    @classmethod
    def fit(cls, column: pd.Series, cells: Cells, *, n_bins: int) -> Self:
        """Of a column that has at least one value; all of them are finite."""
        missing = is_missing(column)
        form: Form
        if cells in {"datetime", "date"}:
            form = TimeForm.fit(column, cells, missing)
        else:
            form = NumberForm.fit(column, cells)
        return cls(
            name=column.name,
            form=form,
            bins=Bins.fit(form.numbers(column, missing), n_bins=n_bins, dtype=form.raw),
            missing=missing_kinds(column, missing),
        )

    @property
    def reads(self) -> tuple[Cells, ...]:
        """The cells that can be encoded."""
        is_number = isinstance(self.form, NumberForm)
        return ("integer", "float", "empty") if is_number else ("datetime", "date", "empty")

    @property
    def cardinality(self) -> int:
        """The number of codes."""
        return len(self.bins) + len(self.missing)

    def encode(self, column: pd.Series) -> NDArray[np.int64]:
        """The code of each cell; -1 for a missing one, where none was missing."""
        missing = is_missing(column)
        if not missing.any():
            return self.bins.of(self.form.numbers(column, missing))
        codes = np.full(len(column), -1)
        codes[~missing] = self.bins.of(self.form.numbers(column, missing))
        if self.missing:
            codes[missing] = len(self.bins) + missing_codes(column, missing, self.missing)
        return codes

    @property
    def parts(self) -> Sequence[np.dtype[np.generic]]:
        """Of what `draw` gives."""
        return [self.form.raw] + [np.dtype(np.int8)] * bool(self.missing)

    def draw(self, codes: NDArray[np.int64], levels: NDArray[np.float64]) -> Parts:
        """The number of each code, and which missing value it is: 0 for none, else from 1."""
        n_bins = len(self.bins)
        if not self.missing:
            return (self.bins.draw(codes, levels),)
        numbers = self.bins.draw(np.minimum(codes, n_bins - 1), levels)
        return numbers, np.maximum(codes - (n_bins - 1), 0)

    def column(self, parts: Parts) -> Column:
        """The column of all that was drawn, of the training column's dtype."""
        if not self.missing:
            return self.form.column(parts[0], None)
        which = np.asarray(parts[1], dtype=np.int64)
        made = self.form.column(parts[0], which > 0)
        if is_objects(made):
            for place, value in enumerate(self.missing, start=1):
                put(made, which == place, value)
        return made
