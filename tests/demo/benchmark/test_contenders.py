"""The ceiling and the floor against what they are; others by name where they are missing."""

import numpy as np
import pandas as pd
import pytest

from artifact_torch.table_comparison import table_spec
from demo.benchmark import contenders
from demo.benchmark.contenders import CONTENDERS, Bootstrap, Independent, missing


def table() -> pd.DataFrame:
    size = np.random.default_rng(0).normal(size=2000)
    return pd.DataFrame({"size": size, "twice": 2 * size, "kind": np.where(size > 0, "b", "a")})


SPEC = table_spec(table(), cts_features=["size", "twice"], cat_features=["kind"])


def test_the_ceiling_has_rows_of_the_table() -> None:
    ceiling = Bootstrap(SPEC, 1)
    ceiling.fit(table())
    made = ceiling.generate(2000)
    assert set(made["size"]) <= set(table()["size"])
    assert (made["twice"] == 2 * made["size"]).all()
    # of so many rows drawn with replacement 1 - 1/e are there
    assert made["size"].nunique() / 2000 == pytest.approx(1 - np.exp(-1), abs=0.03)


def test_the_floor_has_each_column_and_nothing_between() -> None:
    floor = Independent(SPEC, 1)
    floor.fit(table())
    made = floor.generate(2000)
    assert [*made.dtypes] == [*table().dtypes]
    assert set(made["twice"]) <= set(table()["twice"])
    assert abs(float(made["size"].corr(made["twice"]))) < 0.08  # a deviation is 0.022
    share = (made["kind"] == "b")[made["size"] > 0].mean()
    assert share == pytest.approx((table()["kind"] == "b").mean(), abs=0.06)


@pytest.mark.parametrize("kind", [Bootstrap, Independent])
def test_a_seed_makes_the_same_rows(kind: type[Bootstrap] | type[Independent]) -> None:
    def rows(seed: int) -> pd.DataFrame:
        one = kind(SPEC, seed)
        one.fit(table())
        return one.generate(50)

    assert rows(1).equals(rows(1))
    assert not rows(1).equals(rows(2))


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> None:
        return None

    monkeypatch.setattr(contenders, "find_spec", nowhere)
    lacking = {name: missing(name) for name in CONTENDERS if missing(name)}
    assert lacking == {"TVAE": "ctgan", "CTGAN": "ctgan", "copula": "copulas"}
