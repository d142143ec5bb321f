"""What makes a table unfit for a comparison."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import pandas as pd
from pandas.api.types import is_numeric_dtype

from artifact_torch.domain_kit.unfit import described
from artifact_torch.table_comparison.contracts import TableSpec

_SHOWN = 10


def table_problems(table: object, spec: TableSpec) -> list[str]:
    """All that keeps `table` from being compared by `spec`, in words; other columns do not count.

    A column of categories none of which is known is one: artifact-core compares categories as
    strings and leaves unknown ones out, so that 0.0 in place of 0 would go unnoticed.
    """
    if not isinstance(table, pd.DataFrame):
        named = listed(spec.features)
        return [f"is {described(table)}, expected a pandas.DataFrame with the columns {named}"]
    if len(table) == 0:
        return ["has no rows, expected at least 1"]
    columns = [str(column) for column in table.columns]
    missing = [name for name in spec.features if name not in table.columns]
    repeated = [name for name in spec.features if columns.count(name) > 1]
    problems = [f"has the column {name!r} {columns.count(name)} times" for name in repeated]
    if missing:
        problems.append(
            f"lacks {listed(missing)}{_meant(missing, columns)}; its columns are {listed(columns)}"
        )
    fit = [name for name in spec.features if name not in {*missing, *repeated}]
    checked = [_column_problem(name, table, spec) for name in fit]
    return problems + [problem for problem in checked if problem]


def unknown_categories(table: pd.DataFrame, spec: TableSpec) -> list[str]:
    """Per categorical column: how many values artifact-core leaves out as unknown, in words."""
    found: list[str] = []
    for name in spec.cat_features:
        known = spec.cat_unique_map.get(name, ())
        if known and (unknown := [one for one in _categories(table, name) if one not in known]):
            count = int(table[name].astype(str).isin(unknown).sum())
            found.append(f"{name!r}: {count} of {len(table)} ({listed(unknown)})")
    return found


def empty_columns(table: pd.DataFrame, spec: TableSpec) -> list[str]:
    """The continuous columns without any value: all NaN."""
    return [name for name in spec.cts_features if name in table and table[name].isna().all()]


def listed(values: Iterable[str]) -> str:
    """Up to ten of `values`, quoted, and how many more there are."""
    shown = [repr(value) for value in values]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _meant(missing: Sequence[str], columns: Sequence[str]) -> str:
    near = {name: get_close_matches(name, columns, n=1) for name in missing[:_SHOWN]}
    pairs = [f"{found[0]!r} for {name!r}" for name, found in near.items() if found]
    return f" (is it {', '.join(pairs)}?)" if pairs else ""


def _categories(table: pd.DataFrame, name: str) -> list[str]:
    # Distinct values first: turning each of them into a string is what costs.
    return table[name].drop_duplicates().astype(str).unique().tolist()


def _column_problem(name: str, table: pd.DataFrame, spec: TableSpec) -> str | None:
    dtype = table[name].dtype
    if name in spec.cts_features and not is_numeric_dtype(dtype):
        return (
            f"has dtype {dtype} in the continuous column {name!r}, expected a numeric dtype; "
            "convert it, for example with astype(float)"
        )
    known = spec.cat_unique_map.get(name, ())
    if known and set(known).isdisjoint(got := _categories(table, name)):
        return (
            f"has no known category in the categorical column {name!r}: got {listed(got)}, "
            f"expected {listed(known)}; compare its dtype with the training table's"
        )
    return None
