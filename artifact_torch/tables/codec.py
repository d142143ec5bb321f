"""Whole tables to integer codes, and back."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Self, TypeAlias, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from artifact_torch.errors import DataError
from artifact_torch.internal.arguments import integer, refuse, shown
from artifact_torch.tables.category_column import CategoryColumn
from artifact_torch.tables.cells import Unfit, cells_of
from artifact_torch.tables.copies import warn_of_copies
from artifact_torch.tables.fresh_column import FreshColumn
from artifact_torch.tables.inference import infer_spec
from artifact_torch.tables.number_column import NumberColumn
from artifact_torch.tables.problems import (
    cell_problem,
    kind_problem,
    reading_problem,
    table_problems,
    unknown_values,
)
from artifact_torch.tables.specs import ColumnSpec, ColumnSpecs
from artifact_torch.tables.stacking import Parts, stacked

_DECODED_ROWS = 8192  # at once: they stay in the processor's cache

_Coded: TypeAlias = NumberColumn | CategoryColumn | FreshColumn


@final
class TableCodec:
    """The codes of a table's rows, and tables made from codes.

    Each column that is not left out has a code, in the order of the table. Decoded tables have the
    columns, dtypes, ranges, categories and kinds of missing values of the table that was fitted.
    """

    def __init__(self, columns: Sequence[_Coded]) -> None:
        self._columns = tuple(columns)
        self._n_codes = np.array(self.cardinalities, np.uint64)

    @classmethod
    def fit(
        cls, table: pd.DataFrame, columns: ColumnSpecs | None = None, *, n_bins: int = 32
    ) -> Self:
        """A codec for the columns of `table`, of the kinds in `columns`; else those of `infer_spec`.

        A numeric or datetime column has about `n_bins` bins, fewer where its values repeat. Raises
        `ConfigurationError` that lists everything that keeps the table from being taken, before any
        work: columns without a kind, identifiers, kinds that do not fit, infinite numbers, cells of
        mixed types, repeated names, no rows.
        """
        refuse([f"TableCodec.fit: {problem}" for problem in table_problems(table)])
        specs = infer_spec(table) if columns is None else columns
        refuse([f"TableCodec.fit: {problem}" for problem in _specs_problems(specs)])
        specs = specs.named_as(table.columns)
        problems = integer("n_bins", n_bins, least=1) + _differing(table, specs)
        refuse([f"TableCodec.fit: {problem}" for problem in problems])
        used = [spec for spec in specs if spec.kind != "drop"]
        found = {spec.name: _problem(table[spec.name], spec) for spec in used}
        refuse(
            [
                f"TableCodec.fit: column {name!r} {problem}"
                for name, problem in found.items()
                if problem
            ]
        )
        kinds = {spec.name: spec for spec in used}
        names = [name for name in table.columns if name in kinds]
        warn_of_copies(table, [name for name in names if kinds[name].kind == "category"])
        return cls([_fitted(table[name], kinds[name], n_bins) for name in names])

    @property
    def features(self) -> Sequence[Hashable]:
        """The names of the columns that have codes, in their order."""
        return tuple(column.name for column in self._columns)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of codes of each feature."""
        return tuple(column.cardinality for column in self._columns)

    def encode(self, table: pd.DataFrame) -> Tensor:
        """The codes of each row, `[rows, features]` int64.

        Other columns do not count. A number outside the training table's range has the code of the
        nearest bin. Raises `DataError` that lists the columns which `table` lacks, and those with
        values, or missing values, that the fitted table had not; see `known_rows`.
        """
        codes = self._encoded(table)
        rows: NDArray[np.int64] = codes.numpy()
        _refuse(
            [
                f"column {column.name!r} has {told}, which the fitted table had not; leave such rows "
                "out: table[codec.known_rows(table)], or fit a table that has them"
                for place, column in enumerate(self._columns)
                if (told := unknown_values(table[column.name], rows[:, place] < 0))
            ]
        )
        return codes

    def known_rows(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """Which rows of `table` can be encoded, `[rows]`: `table[codec.known_rows(table)]`.

        The others have a category, or a missing value, in a column where the fitted table had
        none such. Raises as `encode` for columns that are missing or cannot be read.
        """
        rows: NDArray[np.int64] = self._encoded(table).numpy()
        return np.asarray((rows >= 0).all(axis=1), dtype=np.bool_)

    def decode(self, codes: Tensor) -> pd.DataFrame:
        """A table with one row for each row of `codes`, `[rows, features]` int64.

        Numbers and times are drawn for their bins with torch's global generator. The codes
        may be on any device. Raises `DataError` for codes of another shape, that are no whole
        numbers, or that a column has not.
        """
        self._require_rows(codes)
        starts = range(0, max(len(codes), 1), _DECODED_ROWS)
        batches = (codes[start : start + _DECODED_ROWS] for start in starts)
        return self.decode_batches(batches, n_rows=len(codes))

    def decode_batches(self, batches: Iterable[Tensor], *, n_rows: int) -> pd.DataFrame:
        """The table of all batches of codes, `n_rows` together, as `decode` makes it of one.

        A batch is decoded before the next is asked for: beside the table, no more is in memory
        than one of them. Raises as `decode`, and where there are fewer or more rows than `n_rows`.
        """
        return stacked((self._drawn(codes) for codes in batches), self._columns, n_rows=n_rows)

    def _encoded(self, table: pd.DataFrame) -> Tensor:
        """-1 for what has no code."""
        _refuse(table_problems(table, least_rows=0))
        names = [column.name for column in self._columns]
        has = ", ".join(map(repr, table.columns))
        _refuse(
            [
                f"the table has no column {name!r}, which this codec was fitted to; it has {has}"
                for name in names
                if name not in table.columns
            ]
        )
        _refuse(
            [
                f"column {column.name!r} {problem}"
                for column in self._columns
                if (problem := reading_problem(table[column.name], column.reads))
            ]
        )
        codes = torch.zeros(len(table), len(names), dtype=torch.int64)
        rows: NDArray[np.int64] = codes.numpy()
        for place, column in enumerate(self._columns):
            rows[:, place] = column.encode(table[column.name])
        return codes

    def _drawn(self, codes: Tensor) -> list[Parts]:
        rows = self._checked(codes)
        n_drawn = sum(isinstance(column, NumberColumn) for column in self._columns)
        levels = iter(torch.rand(n_drawn, len(codes), dtype=torch.float64).numpy())
        return [
            column.draw(rows[:, place], next(levels))
            if isinstance(column, NumberColumn)
            else column.draw(rows[:, place])
            for place, column in enumerate(self._columns)
        ]

    def _require_rows(self, codes: Tensor) -> None:
        _require_tensor(codes)
        if codes.ndim != 2 or codes.shape[1] != len(self._columns):
            raise DataError(
                f"TableCodec.decode: the codes must be [rows, {len(self._columns)}], one for each "
                f"feature, got the shape {list(codes.shape)}"
            )
        if codes.is_floating_point() or codes.is_complex():
            raise DataError(
                f"TableCodec.decode: the codes must be whole numbers, got {codes.dtype}; of logits "
                "take the place of a draw, of floats that are whole .long()"
            )

    def _checked(self, codes: Tensor) -> NDArray[np.int64]:
        """Their array. Codes that a column has not would be another's, or nothing."""
        self._require_rows(codes)
        rows = np.asarray(codes.cpu().numpy(), dtype=np.int64)
        if (rows.view(np.uint64) >= self._n_codes).any():  # negative ones too
            least, most = rows.min(axis=0).tolist(), rows.max(axis=0).tolist()
            wrong = [
                f"TableCodec.decode: column {column.name!r} has codes from {low} to {high}, "
                f"expected 0 to {column.cardinality - 1}"
                for column, low, high in zip(self._columns, least, most, strict=True)
                if low < 0 or high >= column.cardinality
            ]
            raise DataError("\n".join(wrong))
        return rows


def _require_tensor(codes: object) -> None:
    if not isinstance(codes, Tensor):
        raise DataError(
            f"TableCodec.decode: the codes must be a torch.Tensor, got {shown(codes)}; make one of "
            "an array: torch.as_tensor(codes)"
        )


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise DataError("\n".join(f"TableCodec.encode: {problem}" for problem in problems))


def _fitted(column: pd.Series, spec: ColumnSpec, n_bins: int) -> _Coded:
    cells = cells_of(column)
    if not isinstance(cells, Unfit) and column.notna().any():
        if spec.kind in {"numeric", "datetime"}:
            return NumberColumn.fit(column, cells, n_bins=n_bins)
        if spec.kind == "fresh":
            return FreshColumn.fit(column, cells)
    return CategoryColumn.fit(column, is_ordered=spec.kind in {"ordinal", "boolean"})


def _problem(column: pd.Series, spec: ColumnSpec) -> str:
    return cell_problem(column) or kind_problem(column, spec)


def _specs_problems(specs: object) -> list[str]:
    """What makes `specs` none at all."""
    if not isinstance(specs, ColumnSpecs):
        return [
            (
                f"columns must be ColumnSpecs, got {shown(specs)}; change those that are proposed, "
                "infer_spec(table).with_kinds({...}), or ColumnSpecs.from_frame(frame)"
            )
        ]
    if len(specs) and all(spec.kind == "drop" for spec in specs):
        return ["every column has the kind 'drop', expected at least one that is kept"]
    return []


def _differing(table: pd.DataFrame, specs: ColumnSpecs) -> list[str]:
    """Columns without a kind, and kinds without a column."""
    return [
        f"column {name!r} has no kind; leave it out with kind 'drop', or infer_spec(table)"
        for name in table.columns
        if name not in specs.names
    ] + [
        f"the table has no column {spec.name!r}, which has the kind {spec.kind}"
        for spec in specs
        if spec.kind != "drop" and spec.name not in table.columns
    ]
