"""Scores of a generated table, and beside them what they are of real rows."""

from typing import Any

import numpy as np
import pandas as pd

from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison.ceilings import HOLDOUT, SCORES
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec


def beside_ceilings(
    spec: TableSpec,
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    holdout: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A row for each score: what it is of the `generated` table, of rows drawn from the `real` one
    again (`bootstrap`, as many), and of other real rows (`holdout`, NaN without). Lower is better; what is not
    above `holdout` cannot be told from real rows by it.
    """
    columns = list(spec.features)
    resources = TableComparisonResources(
        spec=spec,
        df_real=real[columns],
        generated=generated[columns],
        holdout=None if holdout is None else holdout[columns],
    )
    comparison = Comparison(resources)
    of: Any = comparison.compute(ResultKind.SCORE_COLLECTION, "CEILINGS")
    rows = [
        [comparison.compute(ResultKind.SCORE, name), of[name], of.get(f"{name}{HOLDOUT}", np.nan)]
        for name in SCORES
    ]
    return pd.DataFrame(rows, index=[*SCORES], columns=["generated", "bootstrap", "holdout"])
