"""The table that is learned, what its columns are, and where it comes from."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import final

import pandas as pd

from artifact_torch.tables import ColumnSpecs, Kind, infer_spec
from demo.config.config import DataConfig
from demo.data.heart import simulated_heart_disease
from demo.data.reading import Reading, TableError, read_table


@final
@dataclass(frozen=True, kw_only=True)
class NamedTable:
    """A table, the kind of each of its columns, where it comes from, and what was decided."""

    table: pd.DataFrame
    columns: ColumnSpecs
    source: str
    told: tuple[str, ...] = ()


def table_of_file(reading: Reading, kinds: Mapping[str, Kind]) -> NamedTable:
    """The table in a file. The kinds of its columns are inferred, but for those in `kinds`; a column
    that names rows is generated anew.

    Raises `TableError` for a file that cannot be read, and `ConfigurationError` for a table that
    cannot be learned.
    """
    read = read_table(reading)
    inferred = infer_spec(read.table)
    anew: list[Hashable] = [
        each.name for each in inferred if each.kind == "identifier" and each.name not in kinds
    ]
    told = list(read.told)
    if anew:
        told.append(
            f"{', '.join(map(str, anew))} names rows: generated anew; --kinds NAME=drop leaves a "
            "column out, NAME=category keeps its values"
        )
    made: dict[Hashable, Kind] = dict.fromkeys(anew, "fresh")
    columns = inferred.with_kinds(made).with_kinds(**kinds)
    return NamedTable(table=read.table, columns=columns, source=str(reading.path), told=tuple(told))


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
