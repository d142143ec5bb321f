"""What a comparison has to know about the columns of a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import pandas as pd

from artifact_torch.internal.arguments import refuse
from artifact_torch.table_comparison.contracts import TableSpec


def table_spec(
    df: pd.DataFrame, *, cts_features: Sequence[str] = (), cat_features: Sequence[str] = ()
) -> TableSpec:
    """The named columns of `df` in its order, with the categories that it has, in the order of their
    appearance; the other columns do not count.

    What artifact-core's `TabularDataSpec.from_df` gives for these columns, without loading
    artifact-core. Raises `ConfigurationError` for a name that is not a column, or named twice.
    """
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
    refuse([f"table_spec: {problem}" for problem in problems])
    cts, cat = ([name for name in columns if name in of] for of in (cts_features, cat_features))
    return _Columns(
        features=[name for name in columns if name in named],
        cts_dtypes={name: df[name].dtype.type for name in cts},
        cat_dtypes={name: df[name].dtype.type for name in cat},
        cat_unique_map={name: df[name].dropna().astype(str).unique().tolist() for name in cat},
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
