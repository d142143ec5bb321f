"""The table that is learned, what its columns are, and where it comes from."""

import shlex
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, final

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from artifact_torch.table_comparison import TableSpec, table_spec
from artifact_torch.tables import ColumnSpec, ColumnSpecs, Kind, infer_spec
from artifact_torch.tables.copies import copied_values
from demo.config.config import DataConfig
from demo.data.cells import Form
from demo.data.heart import simulated_heart_disease
from demo.data.reading import Reading, TableError, read_table

_FEW: Final = 20


@final
@dataclass(frozen=True, kw_only=True)
class NamedTable:
    """A table, the kind of each of its columns, where it comes from, and what was decided."""

    table: pd.DataFrame
    columns: ColumnSpecs
    source: str
    told: tuple[str, ...] = ()
    forms: Mapping[str, Form] = field(default_factory=dict[str, Form])
    separator: str = ","

    def write(self, table: pd.DataFrame, path: Path) -> None:
        """A table of the same columns as a file like the one that was read: numbers in its forms."""
        written = {
            name: form.written(table[name])
            for name, form in self.forms.items()
            if name in table.columns
        }
        table.assign(**written).to_csv(path, index=False, sep=self.separator)


def table_of_file(reading: Reading, kinds: Mapping[str, Kind]) -> NamedTable:
    """The table in a file. The kinds of its columns are inferred, but for those in `kinds`; a column
    that names rows is generated anew.

    Raises `TableError` for a file that cannot be read, and `ConfigurationError` for a table that
    cannot be learned.
    """
    read = read_table(reading)
    _refuse_infinite(read.table)
    inferred = infer_spec(read.table)
    if unknown := [repr(name) for name in kinds if name not in inferred.names]:
        known = ", ".join(map(repr, inferred.names))
        raise TableError(
            f"--kinds: there is no column {', '.join(unknown)}; the columns are {known}"
        )
    proposed = ColumnSpecs(
        [replace(each, kind="fresh") if each.kind == "identifier" else each for each in inferred]
    )
    columns = proposed.with_kinds(kinds)
    told = [*read.told, *(line for each in columns if (line := _told(each, read.table)))]
    if len(read.table) < _FEW:
        told.append(
            f"{len(read.table)} rows are few: the scores say little, and what is generated stays "
            "close to single rows"
        )
    return NamedTable(
        table=read.table,
        columns=columns,
        source=str(reading.path),
        told=tuple(told),
        forms=read.forms,
        separator=read.separator,
    )


def compared(table: pd.DataFrame, columns: ColumnSpecs, source: str) -> TableSpec:
    """The columns that the scores are of: all but those without a value, and those that name rows.

    Raises `TableError` where none is left: there is nothing to learn.
    """
    names = [str(name) for name in table.columns if table[name].notna().any()]
    cts, cat = (
        [name for name in of if name in names]
        for of in (columns.cts_features, columns.cat_features)
    )
    if not [*cts, *cat]:
        listed = ", ".join(repr(each.name) for each in columns)
        one = "; if that is several, name what separates them: --separator" * (len(columns) == 1)
        raise TableError(
            f"{source} must have a column to learn, but {listed} name rows, have no value, or are "
            f"left out; --kinds NAME=category learns the values of a column{one}"
        )
    return table_spec(table, cts_features=cts, cat_features=cat)


def _refuse_infinite(table: pd.DataFrame) -> None:
    floats = table.select_dtypes("float")
    counts = {name: int(np.isinf(floats[name]).sum()) for name in floats.columns}
    if told := [f"{name!r} ({count} of {len(table)})" for name, count in counts.items() if count]:
        raise TableError(
            f"numbers must be finite, infinite ones are in {', '.join(told)}; --na=inf --na=-inf "
            "takes them as missing"
        )


def _told(column: ColumnSpec, table: pd.DataFrame) -> str:
    """What was decided about a column, and what else could be."""
    name = column.name
    ways = f"--kinds {shlex.quote(f'{name}=drop')} leaves it out"
    if not table[name].notna().any():
        return f"column {name!r} has no value, and gets none"
    if column.kind == "fresh":
        other = shlex.quote(f"{name}=category")
        told = f"column {name!r} names rows: its values are made anew; {ways}, {other} keeps them"
        if not is_numeric_dtype(table[name]):
            return told
        return f"{told}, {shlex.quote(f'{name}=numeric')} takes them as numbers"
    if column.kind == "category" and (copied := copied_values(table[name])):
        other = shlex.quote(f"{name}=fresh")
        return f"{copied}: they are copied word for word; {ways}, {other} makes new ones"
    return ""


def configured_table(config: DataConfig) -> NamedTable:
    """The columns that `config` names, of its table; where that is not there, of a simulated one."""
    path = config.training_dataset_path
    if path is not None and path.is_file():
        whole, source = read_table(Reading(path=path)).table, str(path)
    else:
        whole = simulated_heart_disease()
        source = "a simulated heart-disease table (a hand-written model, no persons; see demo/data)"
        if path is not None:
            source += f"; the configured {path} is not there"
    named = {*config.cts_features, *config.cat_features}
    if absent := sorted(named - {*whole.columns}):
        raise TableError(
            f"{source} must have the configured columns {', '.join(absent)}, it has "
            f"{', '.join(map(str, whole.columns))}"
        )
    table = whole[[name for name in whole.columns if name in named]]
    kinds: dict[Hashable, Kind] = {
        **dict.fromkeys(config.cts_features, "numeric"),
        **dict.fromkeys(config.cat_features, "category"),
    }
    return NamedTable(table=table, columns=infer_spec(table).with_kinds(kinds), source=source)
