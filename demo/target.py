"""How well generated rows teach what real rows teach: to predict one column from the others."""

from collections.abc import Mapping

import pandas as pd

from artifact_torch.table_comparison import TableSpec
from artifact_torch.table_comparison.seen import numbers_of
from artifact_torch.tables import ColumnSpecs
from demo.benchmark.measures import utility
from demo.data.reading import TableError

_SHARE = 0.2
_FEWEST = 20


def held_back(
    table: pd.DataFrame, columns: ColumnSpecs, target: str | None, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that are learned, and a fifth of the table by which `target` is judged; none without
    one. Raises `TableError` for a target that is no column to predict, one that has a single value,
    or fewer than 20 rows.
    """
    if target is None:
        return table, table.iloc[:0]
    known = [*columns.cts_features, *columns.cat_features]
    if target not in known:
        raise TableError(f"--target must be one of {', '.join(known)}, got {target!r}")
    if len(table) < _FEWEST:
        raise TableError(f"--target needs at least {_FEWEST} rows, got {len(table)}; leave it out")
    if (n_values := table[target].nunique()) < 2:
        raise TableError(
            f"--target must have at least 2 values, {target!r} has {n_values}; name another column"
        )
    mixed = table.sample(frac=1.0, random_state=seed)
    n_apart = round(len(table) * _SHARE)
    return mixed.iloc[n_apart:].sort_index().reset_index(drop=True), mixed.iloc[:n_apart]


def taught(
    real: pd.DataFrame,
    apart: pd.DataFrame,
    generated: pd.DataFrame,
    spec: TableSpec,
    target: str | None,
    *,
    seed: int,
) -> Mapping[str, float]:
    """How well `target` of the rows held back is predicted after learning from real and from
    generated rows, see `utility`; empty without a target.
    """
    if target is None:
        return {}
    measure = "R² of" if target in spec.cts_features else "AUC of"
    asked = _numbered(apart, spec, target)
    return {
        f"{measure} {target}, learned from {what} rows": utility(
            _numbered(rows, spec, target), asked, spec, target, seed
        )
        for what, rows in (("real", real), ("generated", generated))
    }


def _numbered(table: pd.DataFrame, spec: TableSpec, target: str) -> pd.DataFrame:
    """The rows that have a target, which is a number where it is a time."""
    rows = table.dropna(subset=[target])
    return (
        rows.assign(**{target: numbers_of(rows[target])}) if target in spec.cts_features else rows
    )
