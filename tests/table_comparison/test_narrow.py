"""Projections of columns with many categories."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison import TableComparisonResources, table_spec
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.narrow import MOST, narrowed
from artifact_torch.table_comparison.seen import seen


def _table(n_towns: int) -> pd.DataFrame:
    towns = [f"town {at}" for at in range(n_towns)]
    return pd.DataFrame({"town": [*towns, *towns[:MOST]], "n": np.arange(n_towns + MOST)})


def test_the_commonest_categories_stay_and_the_others_are_one() -> None:
    real, generated = _table(400), _table(400).assign(town="town 399")
    spec = table_spec(real, cts_features=["n"], cat_features=["town"])
    fewer, ours, theirs = narrowed(spec, seen(real, spec), seen(generated, spec))
    commonest = {f"town {at}" for at in range(MOST)}
    assert {*fewer.cat_unique_map["town"]} == {*commonest, "(others)"}
    assert (ours.table["town"] == "(others)").sum() == 300
    assert {*theirs.table["town"]} == {"(others)"}
    assert len(spec.cat_unique_map["town"]) == 400


def test_a_table_with_few_is_itself() -> None:
    real = _table(MOST)
    spec = table_spec(real, cts_features=["n"], cat_features=["town"])
    found = seen(real, spec)
    fewer, ours, theirs = narrowed(spec, found, found)
    assert fewer is spec
    assert ours is theirs is found


def test_a_projection_has_no_column_for_each_of_20_000_categories() -> None:
    real = _table(20_000)  # 20,100 rows of 20,001 numbers are 3 GB
    spec = table_spec(real, cts_features=["n"], cat_features=["town"])
    resources = TableComparisonResources(spec=spec, df_real=real, generated=real.head(500))
    picture = Comparison(resources).compute(ResultKind.PLOT, "PCA_JUXTAPOSITION")
    assert isinstance(picture, Figure)
