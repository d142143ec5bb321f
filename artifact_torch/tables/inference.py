"""What the columns of a table seem to be, and why."""

import re
from typing import Final

import numpy as np
import pandas as pd

from artifact_torch.internal.arguments import refuse
from artifact_torch.tables.cells import Cells, Unfit, cells_of, is_missing
from artifact_torch.tables.problems import column_problems, table_problems
from artifact_torch.tables.specs import ColumnSpec, ColumnSpecs, Kind, example

NEARLY_UNIQUE: Final = 0.9
"""Of the rows that have a value: with so many distinct ones, the values name rows."""
FEW: Final = 20
"""With fewer rows than this, that all values differ says little."""

_MOST_GRADES: Final = 10
_LEAST_ROWS: Final = 10
_LEAST_SHARE: Final = 0.02
"""At most so many whole numbers, each of at least so many rows and so large a share of them, are
classes, grades or codes rather than counts, which have rare large values."""

_NAMES = {"id", "ids", "uuid", "guid", "key", "pk", "index", "idx", "identifier"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONG = 9  # digits: as many as telephone and account numbers have


def infer_spec(df: pd.DataFrame) -> ColumnSpecs:
    """The kind of each column of `df`, with the reason: a proposal, to be read and edited.

    Raises `ConfigurationError` that lists everything that keeps `df` from being taken: no rows,
    repeated names, several levels of names, infinite numbers, lists or mixed types as cells, and
    dtypes that no kind is for.
    """
    refuse([f"infer_spec: {problem}" for problem in table_problems(df)])
    refuse([f"infer_spec: {problem}" for problem in column_problems(df)])
    return ColumnSpecs([_inferred(df[name]) for name in df.columns])


def _inferred(column: pd.Series) -> ColumnSpec:
    cells = cells_of(column)
    codes, uniques = pd.factorize(column)
    n_present = int((codes >= 0).sum())
    kind: Kind
    if isinstance(cells, Unfit) or not n_present:
        kind, reason = "category", "all values are missing"
    elif len(uniques) == 1 and cells != "boolean":
        kind, reason = "category", "one value, the same in all rows that have one"
    else:
        kind, reason = _of_many(column, cells, len(uniques), n_present)
    n_missing = len(column) - n_present
    return ColumnSpec(
        name=column.name,
        kind=kind,
        reason=reason + (f", {n_missing:,} missing" if n_missing and n_present else ""),
        examples=", ".join(map(example, uniques[:3].tolist())),
    )


def _of_many(column: pd.Series, cells: Cells, n_distinct: int, n_present: int) -> tuple[Kind, str]:
    match cells:
        case "boolean":
            found: tuple[Kind, str] = "boolean", "true or false"
        case "datetime" | "date":
            found = "datetime", "dates" if cells == "date" else f"times, as {column.dtype}"
        case "categorical":
            is_ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
            found = ("ordinal", "ordered categories") if is_ordered else ("category", "categories")
        case "text":
            found = _of_text(column, n_distinct, n_present)
        case _:
            found = _of_numbers(column, cells, n_distinct, n_present)
    return found


def _of_numbers(
    column: pd.Series, cells: Cells, n_distinct: int, n_present: int
) -> tuple[Kind, str]:
    if _is_identifier(column, cells, n_distinct / n_present):
        return "identifier", f"whole numbers, {n_distinct:,} of {n_present:,} distinct"
    if n_distinct == 2:
        return "category", "two values"
    if cells == "integer" and _is_named_one(column):
        return "category", f"named as an identifier, but only {n_distinct:,} values are distinct"
    what = "whole numbers" if cells == "integer" else "numbers"
    if _are_grades(column, n_distinct):
        return "ordinal", f"whole numbers, only {n_distinct} distinct, each of many rows"
    return "numeric", f"{what}, {n_distinct:,} distinct"


def _of_text(column: pd.Series, n_distinct: int, n_present: int) -> tuple[Kind, str]:
    if n_distinct >= max(FEW, NEARLY_UNIQUE * n_present):
        return "identifier", f"text, {n_distinct:,} of {n_present:,} values are distinct"
    present = column[column.notna()].drop_duplicates().astype(str)
    zeros = int(present.str.fullmatch(r"0\d+").sum())
    told = ", some with leading zeros" if zeros else ""
    return "category", f"text, {n_distinct:,} distinct{told}"


def _is_identifier(column: pd.Series, cells: Cells, share: float) -> bool:
    if share < NEARLY_UNIQUE:
        return False
    values = column[~is_missing(column)]
    if cells == "float" and not (np.mod(values.to_numpy(dtype=np.float64), 1) == 0).all():
        return False
    if _is_named_one(column) and (share == 1 or len(values) >= FEW):
        return True
    return share == 1 and len(values) >= FEW and (_counts_rows(values) or _is_long(values))


def _are_grades(column: pd.Series, n_distinct: int) -> bool:
    if n_distinct > _MOST_GRADES:
        return False
    counts = column.value_counts()
    rarest, n_present = int(counts.min()), int(counts.sum())
    is_often = rarest >= max(_LEAST_ROWS, _LEAST_SHARE * n_present)
    return is_often and all(float(value).is_integer() for value in counts.index)


def _is_named_one(column: pd.Series) -> bool:
    words = str(column.name)
    named = {word.lower() for word in _WORDS.findall(words)}
    return bool(named & _NAMES) or words.startswith("Unnamed:")


def _counts_rows(values: pd.Series) -> bool:
    return values.iloc[0] in {0, 1} and bool((values.diff().iloc[1:] == 1).all())


def _is_long(values: pd.Series) -> bool:
    lengths = {len(str(int(end))) for end in (values.min(), values.max())}
    return len(lengths) == 1 and lengths.pop() >= _LONG
