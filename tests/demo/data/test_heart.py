"""The simulated heart-disease table."""

import pandas as pd
import pytest

from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease


def test_columns_categories_and_dtypes() -> None:
    table = simulated_heart_disease()
    assert table.shape == (900, 12)
    assert set(table.columns) == {*CTS_FEATURES, *CAT_FEATURES}
    whole = ["Age", "RestingBP", "Cholesterol", "FastingBS", "MaxHR", "HeartDisease"]
    assert [str(dtype) for dtype in table[whole].dtypes] == ["int64"] * 6
    assert str(table["Oldpeak"].dtype) == "float64"
    assert set(table["ChestPainType"]) == {"ASY", "NAP", "ATA", "TA"}
    assert set(table["ST_Slope"]) == {"Up", "Flat", "Down"}
    assert set(table["RestingECG"]) == {"Normal", "LVH", "ST"}
    assert set(table["Sex"]) == {"M", "F"}
    assert not table.isna().any(axis=None)


def test_the_same_seed_gives_the_same_table() -> None:
    pd.testing.assert_frame_equal(simulated_heart_disease(50, 3), simulated_heart_disease(50, 3))
    assert not simulated_heart_disease(50, 3).equals(simulated_heart_disease(50, 4))


def test_the_diagnosis_depends_on_the_findings() -> None:
    table = simulated_heart_disease(4_000, seed=1)
    ill, well = table[table["HeartDisease"] == 1], table[table["HeartDisease"] == 0]
    assert 0.45 < len(ill) / len(table) < 0.6
    assert ill["Age"].mean() > well["Age"].mean() + 2.0
    assert ill["MaxHR"].mean() < well["MaxHR"].mean() - 10.0
    assert ill["Oldpeak"].mean() > well["Oldpeak"].mean() + 0.5
    assert (ill["ST_Slope"] == "Up").mean() < (well["ST_Slope"] == "Up").mean() - 0.3
    assert (ill["ChestPainType"] == "ASY").mean() > (well["ChestPainType"] == "ASY").mean() + 0.2


def test_point_masses_at_zero() -> None:
    table = simulated_heart_disease(4_000, seed=1)
    assert 0.1 < (table["Cholesterol"] == 0).mean() < 0.3
    assert table["Cholesterol"][table["Cholesterol"] > 0].min() >= 85
    assert 0.3 < (table["Oldpeak"] == 0.0).mean() < 0.6


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="^n_rows must be at least 1, got 0$"):
        simulated_heart_disease(0)
