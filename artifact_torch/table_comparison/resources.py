"""What a comparison of two tables needs."""

from dataclasses import dataclass
from typing import final

import pandas as pd

from artifact_torch.table_comparison.contracts import TableSpec


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class TableComparisonResources:
    """Two tables, and the spec of the columns that both have. A plan does not change them."""

    spec: TableSpec
    df_real: pd.DataFrame
    generated: pd.DataFrame
