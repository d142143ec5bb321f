"""Values that a codec would copy word for word, said before it does."""

import warnings
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from artifact_torch.errors import CopyWarning
from artifact_torch.tables.inference import FEW

_MOSTLY_DISTINCT = 0.5  # distinct values, of the rows that have one
_OF_ONE_ROW = 0.1  # values that only one row has, of the rows


def warn_of_copies(table: pd.DataFrame, names: Sequence[Hashable]) -> None:
    """One `CopyWarning` that counts the values of each column of which `copied_values` tells."""
    told = [line for name in names if (line := copied_values(table[name]))]
    if told:
        advice = "with_kinds(...) makes new ones (kind 'fresh') or leaves the column out ('drop')"
        listed = "\n".join(told)
        warnings.warn(
            CopyWarning(
                f"values are copied word for word into generated tables; {advice}:\n{listed}"
            ),
            stacklevel=3,
        )


def copied_values(column: pd.Series) -> str:
    """How many values of a column of categories are copied, where they mostly differ, or many of
    them belong to one row alone; else empty.
    """
    codes, uniques = pd.factorize(column)
    n_present = int((codes >= 0).sum())
    if len(uniques) < max(FEW, _OF_ONE_ROW * n_present):
        return ""
    alone = int((np.bincount(codes[codes >= 0]) == 1).sum())
    if len(uniques) < _MOSTLY_DISTINCT * n_present and alone < _OF_ONE_ROW * n_present:
        return ""
    return (
        f"column {column.name!r}: {len(uniques):,} distinct values in {n_present:,} rows, "
        f"{alone:,} of them in one row alone"
    )
