"""A small table with two numeric and two categorical columns."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec

from artifact_torch.table_comparison import TableComparisonResources

mpl.use("Agg")


def make_table(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.normal(50.0, 9.0, rows),
            "visits": rng.integers(0, 30, rows),
            "group": rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]),
            "smoker": rng.integers(0, 2, rows),
        }
    )


@pytest.fixture
def df_real() -> pd.DataFrame:
    return make_table(seed=0, rows=60)


@pytest.fixture
def generated() -> pd.DataFrame:
    return make_table(seed=1, rows=40)


@pytest.fixture
def spec(df_real: pd.DataFrame) -> TabularDataSpec:
    return TabularDataSpec.from_df(
        df_real, cts_features=["age", "visits"], cat_features=["group", "smoker"]
    )


@pytest.fixture
def resources(
    df_real: pd.DataFrame, generated: pd.DataFrame, spec: TabularDataSpec
) -> TableComparisonResources:
    return TableComparisonResources(spec=spec, df_real=df_real, generated=generated)
