"""What a comparison has to know about the columns of a table."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import pandas as pd

from artifact_torch.internal.arguments import refuse
from artifact_torch.table_comparison.contracts import TableSpec


def table_spec(
    df: pd.DataFrame, *, cts_features: Sequence[str] = (), cat_features: Sequence[str] = ()
) -> TableSpec:
    """The named columns of `df` in its order, with the categories that it has, in the order of their
    appearance; the other columns do not count.

    What artifact-core's `TabularDataSpec.from_df` gives for these columns, without loading
    artifact-core. Raises `ConfigurationError` for a name that is not a column, named twice, or that
    of two columns, and for names that are no text.
    """
    refuse([f"table_spec: the table {problem}" for problem in name_problems(df)])
    columns = [str(name) for name in df.columns]
    named = [*cts_features, *cat_features]
    problems = [
        f"{name!r} is named {count} times, name it once"
        for name, count in Counter(named).items()
        if count > 1
    ]
    problems += [
        f"{name!r} is no column, the columns are {', '.join(map(repr, columns))}"
        for name in dict.fromkeys(named)
        if name not in columns
    ]
    problems += [
        f"the table has the column {name!r} {columns.count(name)} times, name each apart"
        for name in dict.fromkeys(named)
        if columns.count(name) > 1
    ]
    refuse([f"table_spec: {problem}" for problem in problems])
    cts, cat = ([name for name in columns if name in of] for of in (cts_features, cat_features))
    return _Columns(
        features=[name for name in columns if name in named],
        cts_dtypes={name: df[name].dtype.type for name in cts},
        cat_dtypes={name: df[name].dtype.type for name in cat},
        cat_unique_map={name: df[name].dropna().astype(str).unique().tolist() for name in cat},
    )


def name_problems(table: pd.DataFrame) -> list[str]:
    """What is wrong with the names of its columns, whatever they are."""
    columns: pd.Index[Any] = table.columns  # Any: a name may be whatever can be hashed
    if columns.nlevels > 1:
        return [
            (
                f"has columns of {columns.nlevels} levels, expected one name each; join them, for "
                "example with table.columns = ['_'.join(map(str, name)) for name in table.columns]"
            )
        ]
    if others := [repr(name) for name in columns if not isinstance(name, str)]:
        shown = ", ".join(others[:10])
        return [
            (
                f"has columns whose names are no text ({shown}); make text of them, for example with "
                "table.columns = table.columns.map(str)"
            )
        ]
    return []


def with_categories(spec: TableSpec, more: Mapping[str, Sequence[str]]) -> TableSpec:
    """`spec` knowing `more` categories of its columns, after its own."""
    return with_only(spec, {n: [*spec.cat_unique_map[n], *more[n]] for n in more})


def with_only(spec: TableSpec, known: Mapping[str, Sequence[str]]) -> TableSpec:
    """`spec` knowing the categories `known` of those columns, of the others its own."""
    own = spec.cat_unique_map
    return _Columns(
        features=[*spec.features],
        cts_dtypes={name: spec.cts_dtypes[name] for name in spec.cts_features},
        cat_dtypes={name: spec.cat_dtypes[name] for name in spec.cat_features},
        cat_unique_map={n: [*known.get(n, own[n])] for n in spec.cat_features},
    )


def renamed(spec: TableSpec, rename: Callable[[str], str]) -> TableSpec:
    """`spec` with other names and categories."""
    known = spec.cat_unique_map
    return _Columns(
        features=[rename(name) for name in spec.features],
        cts_dtypes={rename(name): spec.cts_dtypes[name] for name in spec.cts_features},
        cat_dtypes={rename(name): spec.cat_dtypes[name] for name in spec.cat_features},
        cat_unique_map={rename(n): [rename(one) for one in known[n]] for n in spec.cat_features},
    )


@final
@dataclass(frozen=True, kw_only=True)
class _Columns:
    features: Sequence[str]
    cts_dtypes: Mapping[str, type[object]]
    cat_dtypes: Mapping[str, type[object]]
    cat_unique_map: Mapping[str, Sequence[str]]

    @property
    def n_features(self) -> int:
        return len(self.features)

    @property
    def cts_features(self) -> Sequence[str]:
        return [*self.cts_dtypes]

    @property
    def n_cts_features(self) -> int:
        return len(self.cts_dtypes)

    @property
    def cat_features(self) -> Sequence[str]:
        return [*self.cat_dtypes]

    @property
    def n_cat_features(self) -> int:
        return len(self.cat_dtypes)

    @property
    def cat_unique_count_map(self) -> Mapping[str, int]:
        return {name: len(known) for name, known in self.cat_unique_map.items()}
