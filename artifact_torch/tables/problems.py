"""What keeps a table, or a column, from being taken: a line for each."""

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.internal.arguments import shown
from artifact_torch.tables.cells import Cells, Unfit, cells_of
from artifact_torch.tables.forms import NumberForm, exact_up_to, n_not_finite
from artifact_torch.tables.specs import ColumnSpec, Kind, example, repeated

_SHOWN = 10
_LIKE_DATES = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
_LIKE_NUMBERS = r"[-+]?\d[\d.,' ]*"
_FITTING: dict[Cells, tuple[Kind, ...]] = {
    "integer": ("numeric", "category", "ordinal", "fresh"),
    "float": ("numeric", "category", "ordinal", "fresh"),
    "boolean": ("boolean", "category"),
    "text": ("category", "fresh"),
    "datetime": ("datetime", "category"),
    "date": ("datetime", "category"),
    "categorical": ("category", "ordinal"),
    "empty": ("category",),
}


def table_problems(table: object, *, least_rows: int = 1) -> list[str]:
    """Of the table as a whole: nothing else can be said of it while there are any."""
    if not isinstance(table, pd.DataFrame):
        return [f"the table must be a pandas.DataFrame, got {shown(table)}"]
    if isinstance(table.columns, pd.MultiIndex):
        levels = table.columns.nlevels
        return [
            (
                f"the columns have names of {levels} levels, expected one; join them: "
                "df.columns = ['_'.join(map(str, name)) for name in df.columns]"
            )
        ]
    problems = repeated([*table.columns]) + _unusable([*table.columns])
    if not len(table.columns):
        problems.append("the table has no columns, expected at least 1")
    if len(table) < least_rows:
        problems.append("the table has no rows, expected at least 1")
    return problems


def _unusable(names: Sequence[object]) -> list[str]:
    """A line for each name that finds no column: pandas takes `table[True]` for a mask of rows,
    and NaN is no key.
    """
    unfit = [
        shown(name)
        for name in names
        if str(name) in {"True", "False", "nan"} and not isinstance(name, str)
    ]
    return [
        f"a column is named {name}, which is no name that finds it; make texts of the names: "
        "df.columns = df.columns.map(str)"
        for name in unfit
    ]


def column_problems(table: pd.DataFrame) -> list[str]:
    """Of the cells of each column."""
    found = {name: cell_problem(table[name]) for name in table.columns}
    return [f"column {name!r} {problem}" for name, problem in found.items() if problem]


def cell_problem(column: pd.Series) -> str:
    """Why the cells of `column` are not taken; empty if they are."""
    cells = cells_of(column)
    if isinstance(cells, Unfit):
        return cells.why
    if cells != "float":
        return ""
    n_wrong = n_not_finite(column)
    if not n_wrong:
        return ""
    told = f"has {n_wrong:,} of {len(column):,} values that are not finite"
    if not isinstance(column.dtype, np.dtype):  # NaN is there no missing value
        told += f", NaN as a value of {column.dtype} among them maybe"
        remedy = f".astype('float64').replace([np.inf, -np.inf], np.nan).astype('{column.dtype}')"
    else:
        remedy = ".replace([np.inf, -np.inf], np.nan)"
    return f"{told}; make missing values of them: {remedy}, or drop their rows"


def kind_problem(column: pd.Series, spec: ColumnSpec) -> str:
    """Why a column whose cells are taken is not of the kind that it is said to be."""
    cells = cells_of(column)
    if isinstance(cells, Unfit) or not column.notna().any():
        return ""
    if spec.kind == "identifier":
        return f"{_identifies(spec)}; {_choose(column.name)}{_meant(column, cells)}"
    if spec.kind not in _FITTING[cells]:
        fitting = ", ".join((*_FITTING[cells], "drop"))
        return (
            f"holds {cells} values as {column.dtype}, its kind can be {fitting}, got {spec.kind}"
            f"{_no_number(column, spec.kind) if cells == 'text' else ''}"
        )
    if spec.kind in {"numeric", "fresh"}:
        return number_problem(column, cells, is_fresh=spec.kind == "fresh")
    if spec.kind == "ordinal" and cells == "categorical" and not _is_ordered(column):
        return (
            "has categories without an order; order them: .cat.set_categories([...], ordered=True)"
        )
    return ""


def number_problem(column: pd.Series, cells: Cells, *, is_fresh: bool) -> str:
    """Why the numbers of `column` cannot be cut into bins, or made new."""
    present = column[column.notna()]
    if cells == "float":
        values = present.to_numpy(dtype=np.float64)
        if is_fresh and (np.mod(values, 1) != 0).any():
            return (
                "has fractions, new values are made of whole numbers and texts; take it as numeric"
            )
        if is_fresh and np.abs(values).max() > exact_up_to(NumberForm.fit(column, cells).raw):
            return (
                f"names rows by numbers that {column.dtype} has with gaps, so that different ones fall "
                "together; read them as whole numbers or texts, pd.read_csv(..., dtype={"
                f"{column.name!r}: 'Int64'}})"
            )
        with np.errstate(over="ignore"):
            is_wide = not np.isfinite(np.ptp(values))
        return "has a range that no float can hold; divide it by a number" if is_wide else ""
    if cells == "integer" and column.dtype == np.dtype(object):
        least, most = min(present), max(present)
        if least < -(2**63) or most >= 2**64 or (least < 0 and most >= 2**63):
            return "has integers beyond 64 bits; make texts of them: .astype(str)"
    return ""


def reading_problem(column: pd.Series, reads: Sequence[Cells]) -> str:
    """Why `column` cannot be encoded by a codec that reads cells of `reads`."""
    cells = cells_of(column)
    if isinstance(cells, Unfit) or cells in reads:
        return cell_problem(column)
    return f"holds {cells} values as {column.dtype}, expected {' or '.join(reads[:2])} values"


def unknown_values(column: pd.Series, unknown: NDArray[np.bool_]) -> str:
    """How many there are and which, in words; empty if there are none."""
    if not unknown.any():
        return ""
    found = column[unknown]
    n_missing = int(found.isna().sum())
    values: list[object] = found.dropna().drop_duplicates().tolist()
    told = [f"{n_missing:,} missing values"] if n_missing else []
    if values:
        more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
        told.append(
            f"{len(found) - n_missing:,} values {', '.join(map(example, values[:_SHOWN]))}{more}"
        )
    return " and ".join(told)


def _identifies(spec: ColumnSpec) -> str:
    return f"is an identifier ({spec.reason})" if spec.reason else "is an identifier"


def _choose(name: Hashable) -> str:
    is_word = isinstance(name, str) and name.isidentifier()
    ways = {
        kind: f"with_kinds({name}={kind!r})" if is_word else f"with_kinds({{{name!r}: {kind!r}}})"
        for kind in ("fresh", "drop", "category")
    }
    return (
        f"choose: {ways['fresh']} makes new values, {ways['drop']} leaves it out, "
        f"{ways['category']} copies the values that are there"
    )


def _meant(column: pd.Series, cells: Cells) -> str:
    """What text that names no row is, where it reads like times or numbers."""
    if cells != "text":
        return ""
    values = column.dropna().astype(str)
    if values.str.fullmatch(_LIKE_DATES).all():
        return "; dates that are text: pd.to_datetime(..., format=...) makes times of them"
    if values.str.fullmatch(_LIKE_NUMBERS).all():
        return (
            "; numbers that are text: pd.read_csv(..., decimal=',', thousands=...) or pd.to_numeric"
        )
    return ""


def _no_number(column: pd.Series, kind: Kind) -> str:
    """The values in the way, where a column of text is to be one of numbers."""
    if kind != "numeric":
        return ""
    values = column.dropna().astype(str)
    others = values[pd.to_numeric(values, errors="coerce").isna()].drop_duplicates()
    shown = ", ".join(map(example, others.head(3)))
    return f"; {shown} is no number: make missing values of such" if shown else ""


def _is_ordered(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) and bool(column.dtype.ordered)
