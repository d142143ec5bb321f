"""Generated tables have the dtypes, ranges, categories and missing values of the real one.

`TABLE_CELLS=10_000_000 pytest tests/tables/test_round_trip.py` looks at so many generated cells.
"""

import os
import warnings

import numpy as np
import pandas as pd
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.tables import CopyWarning, TableCodec
from tests.tables.schemas import kinds_of, missing_kinds, random_table, violations

N_CELLS = int(os.environ.get("TABLE_CELLS", "200_000"))


def found_in(table: pd.DataFrame, n_bins: int) -> list[str]:
    """What is wrong with the table made of the codes of `table`, and with that of random codes."""
    specs = kinds_of(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CopyWarning)
        codec = TableCodec.fit(table, specs, n_bins=n_bins)
    codes = codec.encode(table)
    again = codec.decode(codes)
    found = [*violations(again, table, specs)]
    found += [
        f"column {name!r}: other missing values"
        for name in table.columns
        if missing_kinds(again[name]) != missing_kinds(table[name])
    ]
    ends = torch.tensor(codec.cardinalities)
    if ((codec.encode(again) - codes).abs() > 1 + ends // 6).any():
        found.append("far codes when encoded again")
    drawn = (torch.rand(len(table), len(ends)) * ends).to(torch.int64).clamp(max=ends - 1)
    return [*found, *violations(codec.decode(drawn), table, specs)]


@given(
    seed=st.integers(0, 2**32),
    n_rows=st.integers(1, 60),
    n_columns=st.integers(1, 6),
    n_bins=st.integers(1, 40),
)
@settings(deadline=None)
def test_small_tables_of_any_columns(seed: int, n_rows: int, n_columns: int, n_bins: int) -> None:
    table = random_table(np.random.default_rng(seed), n_rows, n_columns)
    assert found_in(table, n_bins) == []


def test_many_cells() -> None:
    rng, n_seen = np.random.default_rng(0), 0
    while n_seen < N_CELLS:
        table = random_table(rng, n_rows=int(rng.integers(500, 5_000)), n_columns=9)
        assert found_in(table, n_bins=32) == []
        n_seen += 2 * table.size
