"""What the scores are of real rows: as good as a model can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from artifact_torch.table_comparison.contracts import TableComparisonResources

Score: TypeAlias = Callable[[pd.DataFrame, str], float]
"""What artifact-core's score of that name is of the real table and this one."""

N_BOOTSTRAPS = 3

SCORES = ("MEAN_JS_DISTANCE", "CORRELATION_DISTANCE")
"""Those that have a ceiling."""

HOLDOUT = "_HOLDOUT"
"""Ends the name of a ceiling that is of other real rows."""


def ceilings(resources: TableComparisonResources, score: Score) -> Mapping[str, float]:
    """The scores of rows drawn from the real table again, as many as were generated (the mean of
    `N_BOOTSTRAPS`), under their own names, and those of the holdout, where there is one, with
    `_HOLDOUT`.

    Rows drawn again are copies: as many new rows of the same source score more, half as much again
    where both tables have the same size. A holdout of that size shows what an honest model reaches;
    a smaller one scores more. Computed once for each real table and number of rows, with random
    numbers of their own.
    """
    real, holdout = resources.df_real, resources.holdout
    n_rows = len(resources.generated)
    key, kept = ("CEILINGS", id(real), id(holdout), n_rows), resources.of_real.made
    if key not in kept:
        rng = np.random.default_rng(0)
        again = [real.iloc[rng.integers(0, len(real), n_rows)] for _ in range(N_BOOTSTRAPS)]
        found = {name: float(np.mean([score(rows, name) for rows in again])) for name in SCORES}
        if holdout is not None:
            found |= {f"{name}{HOLDOUT}": score(holdout, name) for name in SCORES}
        kept[key] = ((real,) if holdout is None else (real, holdout), found)
    made: Any = kept[key][1]  # Any: what is kept may be anything
    return {**made}
