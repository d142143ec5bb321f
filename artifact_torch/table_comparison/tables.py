"""What makes a table unfit for a comparison."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

import pandas as pd
from pandas.api.types import (
    is_bool_dtype,
    is_complex_dtype,
    is_datetime64_any_dtype,
    is_numeric_dtype,
    is_timedelta64_dtype,
)

from artifact_torch.domain_kit.unfit import described
from artifact_torch.table_comparison.contracts import TableSpec
from artifact_torch.table_comparison.seen import LARGEST, Seen, numbers_of, texts_of
from artifact_torch.table_comparison.spec import name_problems

_SHOWN = 10


def spec_problems(spec: TableSpec) -> list[str]:
    """What is wrong with the columns of a spec."""
    names: list[object] = [*spec.features]
    others = [repr(name) for name in names if not isinstance(name, str)]
    if others:
        return [
            (
                f"spec names columns by what is no text ({', '.join(others[:_SHOWN])}); make it of a "
                "table after table.columns = table.columns.map(str)"
            )
        ]
    kinds = {*spec.cts_features, *spec.cat_features}
    problems: list[str] = []
    if twice := [name for name, count in Counter(spec.features).items() if count > 1]:
        problems.append(f"spec has {listed(twice)} more than once, list each column once")
    if both := [name for name in spec.cts_features if name in spec.cat_features]:
        problems.append(f"spec has {listed(both)} as continuous and as categorical, choose one")
    if neither := [name for name in spec.features if name not in kinds]:
        problems.append(f"spec does not say of what kind {listed(neither)} is")
    return problems


def table_problems(table: object, spec: TableSpec) -> list[str]:
    """All that keeps `table`, real or generated, from being compared by `spec`, in words; other
    columns do not count.

    What is missing, infinite or unknown does not keep it: `seen` counts it. A column of categories
    none of which is known is no such table but one of another dtype.
    """
    if not isinstance(table, pd.DataFrame):
        named = listed(spec.features)
        return [f"is {described(table)}, expected a pandas.DataFrame with the columns {named}"]
    if len(table) == 0:
        return ["has no rows, expected at least 1"]
    columns = [str(column) for column in table.columns]
    if table.columns.nlevels > 1:
        return name_problems(table)
    missing = [name for name in spec.features if name not in table.columns]
    if missing and {*missing} & {*columns}:
        return name_problems(table)
    repeated = [name for name in spec.features if columns.count(name) > 1]
    problems = [f"has the column {name!r} {columns.count(name)} times" for name in repeated]
    if missing:
        problems.append(
            f"lacks {listed(missing)}{_meant(missing, columns)}; its columns are {listed(columns)}"
        )
    unfit = {*missing, *repeated}
    checked = [
        *(_number_problem(table[name]) for name in spec.cts_features if name not in unfit),
        *(_category_problem(table[name], spec) for name in spec.cat_features if name not in unfit),
    ]
    return problems + [problem for problem in checked if problem]


def real_problems(table: object, spec: TableSpec) -> list[str]:
    """As `table_problems`; and a real table has no infinite number, and a value in each column."""
    problems = table_problems(table, spec)
    if problems or not isinstance(table, pd.DataFrame):
        return problems
    infinite = {name: _n_infinite(table[name]) for name in spec.cts_features}
    if told := [f"{name!r} ({count} of {len(table)})" for name, count in infinite.items() if count]:
        problems.append(
            f"has numbers that are infinite or above {LARGEST:.0e} in {', '.join(told[:_SHOWN])}; "
            "replace them, by NaN where the value is not known"
        )
    if empty := [name for name in spec.features if table[name].isna().all()]:
        problems.append(f"has only NaN in {listed(empty)}; leave it out of the spec")
    return problems


def gap_notes(found: Seen, n_rows: int, *, may_miss: Collection[str]) -> Mapping[str, str]:
    """What of a table is missing, in other columns than `may_miss`, or unknown, and that it counts:
    a line for each kind of it.
    """
    notes: dict[str, str] = {}
    missing = {name: share for name, share in found.missing.items() if name not in may_miss}
    if missing:
        told = _shares(missing, n_rows)
        notes["missing"] = f"values are missing in {told}: they count as a category of their own"
    if found.unknown:
        shown = {name: f" ({listed(found.strange[name])})" for name in found.unknown}
        told = _shares(found.unknown, n_rows, shown)
        notes["unknown"] = (
            f"categories that the spec does not know in {told}: they count as one of their own"
        )
    return notes


def _shares(of: Mapping[str, float], n_rows: int, more: Mapping[str, str] | None = None) -> str:
    told = [
        f"{name!r}: {round(share * n_rows)} of {n_rows}{(more or {}).get(name, '')}"
        for name, share in of.items()
    ]
    rest = f" and {len(told) - _SHOWN} more columns" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + rest


def listed(values: Iterable[str]) -> str:
    """Up to ten of `values`, quoted, and how many more there are."""
    shown = [repr(value) for value in values]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _meant(missing: Sequence[str], columns: Sequence[str]) -> str:
    near = {name: get_close_matches(name, columns, n=1) for name in missing[:_SHOWN]}
    pairs = [f"{found[0]!r} for {name!r}" for name, found in near.items() if found]
    return f" (is it {', '.join(pairs)}?)" if pairs else ""


def _number_problem(column: pd.Series) -> str | None:
    dtype = column.dtype
    is_time = is_datetime64_any_dtype(dtype) or is_timedelta64_dtype(dtype)
    if is_time or is_bool_dtype(dtype):
        return None
    if is_numeric_dtype(dtype) and not is_complex_dtype(dtype):
        return None
    return (
        f"has dtype {dtype} in the continuous column {column.name!r}, expected a numeric dtype; "
        "convert it, for example with astype(float)"
    )


def _category_problem(column: pd.Series, spec: TableSpec) -> str | None:
    name = str(column.name)
    known = spec.cat_unique_map[name]
    try:
        _, uniques = pd.factorize(column)
    except TypeError:  # unhashable
        kinds = sorted({type(value).__name__ for value in column if not isinstance(value, str)})
        return (
            f"has values that are no categories ({', '.join(kinds[:_SHOWN])}) in the categorical "
            f"column {name!r}; make text of them, for example with astype(str)"
        )
    texts, shown = texts_of(uniques, known)
    if not texts or any(one is not None for one in shown):
        return None
    return (
        f"has no known category in the categorical column {name!r}: got {listed(texts)}, "
        f"expected {listed(known)}; compare its dtype with the training table's"
    )


def _n_infinite(column: pd.Series) -> int:
    return int(numbers_of(column).isna().sum() - column.isna().sum())
