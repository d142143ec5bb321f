"""What the scores are of real rows: as good as a model can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec

if TYPE_CHECKING:
    from artifact_torch.table_comparison.own import Score

N_BOOTSTRAPS = 3

SCORES = ("MEAN_JS_DISTANCE", "CORRELATION_DISTANCE")
"""Those that have a ceiling."""

HOLDOUT = "_HOLDOUT"
"""Ends the name of a ceiling that is of other real rows."""


def ceilings(resources: TableComparisonResources, score: Score) -> Mapping[str, float]:
    """The scores of as many rows drawn from the real table again (the mean of `N_BOOTSTRAPS`) under
    their own names, and those of the holdout, where there is one, with `_HOLDOUT`.

    Rows drawn again are copies, which only the draw tells apart. As many new rows of the same source
    score about half as much again, as they vary too, and fewer more: that is what the holdout shows, and
    an honest model reaches. Computed once for each real table, with random numbers of their own.
    """
    real, holdout = resources.df_real, resources.holdout
    key, kept = ("CEILINGS", id(real), id(holdout)), resources.of_real.made
    if key not in kept:
        rng = np.random.default_rng(0)
        again = [real.iloc[rng.integers(0, len(real), len(real))] for _ in range(N_BOOTSTRAPS)]
        found = {name: float(np.mean([score(rows, name) for rows in again])) for name in SCORES}
        if holdout is not None:
            found |= {f"{name}{HOLDOUT}": score(holdout, name) for name in SCORES}
        kept[key] = ((real,) if holdout is None else (real, holdout), found)
    made: Any = kept[key][1]  # Any: what is kept may be anything
    return {**made}


def beside_ceilings(
    spec: TableSpec,
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    holdout: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A row for each score: what it is of the `generated` table, of rows drawn from the `real` one
    again (`bootstrap`), and of other real rows (`holdout`, NaN without). Lower is better; what is not
    above `holdout` cannot be told from real rows by it.
    """
    from artifact_torch.table_comparison.comparison import Comparison  # with artifact-core

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
