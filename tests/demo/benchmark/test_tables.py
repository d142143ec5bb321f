"""Tables of packages and files, and what is made of their columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from demo.benchmark import tables
from demo.benchmark.tables import BUNDLED, bundled, given
from demo.data.reading import TableError


@pytest.mark.parametrize(
    "name", [name for name in BUNDLED if BUNDLED[name][0] in ("demo", "sklearn")]
)
def test_what_scikit_learn_bundles_is_there(name: str) -> None:
    data = bundled(name)
    assert data.target in data.spec.features
    assert not data.table.isna().to_numpy().any()
    assert {*data.cts_features} | {*data.cat_features} == {*map(str, data.table.columns)}
    assert all(data.table[each].nunique() <= 20 for each in data.cat_features)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> None:
        return None

    monkeypatch.setattr(tables, "find_spec", nowhere)
    with pytest.raises(TableError, match="weather is in the package vega_datasets"):
        bundled("weather")


def test_a_file_is_told_from_its_values(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    pd.DataFrame(
        {
            "id": [f"row {number}" for number in range(300)],
            "height": np.linspace(150, 200, 300),
            "smokes": np.arange(300) % 2,
            "colour": ["red", "blue", "green"] * 100,
        }
    ).to_csv(path, index=False)
    data = given(path)
    assert (data.name, data.target) == ("mine", "colour")
    assert (data.cts_features, [*data.cat_features]) == (["height"], ["smokes", "colour"])
    assert given(path, "height").target == "height"
    with pytest.raises(TableError, match="the column 'weight'.*'height', 'smokes'"):
        given(path, "weight")
    with pytest.raises(TableError, match="which is no file"):
        given(tmp_path / "other.csv")
