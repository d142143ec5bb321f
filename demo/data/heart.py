"""A simulated heart-disease table."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CTS_FEATURES = ("Age", "RestingBP", "Cholesterol", "MaxHR", "Oldpeak")
CAT_FEATURES = (
    "Sex",
    "ChestPainType",
    "FastingBS",
    "RestingECG",
    "ExerciseAngina",
    "ST_Slope",
    "HeartDisease",
)


def simulated_heart_disease(n_rows: int = 900, seed: int = 0) -> pd.DataFrame:
    """`n_rows` simulated rows in the shape of a heart-disease table; they stand for no person.

    The rows come from a model written by hand with round numbers, for demonstrations and tests;
    no row holds or follows a patient's data, and none says anything about medicine. Age and sex
    shift an unobserved severity; severity, age and sex shift the findings (chest pain, blood
    pressure, cholesterol, blood sugar, ECG, exercise test) and the diagnosis.

    Columns: Age (years), Sex (M, F), ChestPainType (ASY, NAP, ATA, TA), RestingBP (mm Hg),
    Cholesterol (mg/dl; 0 where it was not measured), FastingBS (1 above 120 mg/dl, else 0),
    RestingECG (Normal, LVH, ST), MaxHR (beats a minute), ExerciseAngina (N, Y), Oldpeak (mm of
    ST depression), ST_Slope (Up, Flat, Down), HeartDisease (0, 1). The same `n_rows` and `seed`
    give the same table. Raises ValueError when n_rows is below 1.
    """
    if n_rows < 1:
        raise ValueError(f"n_rows must be at least 1, got {n_rows}")
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(54.0, 9.5, n_rows), 28.0, 77.0).round()
    male = rng.random(n_rows) < 0.8
    older = (age - 54.0) / 10.0  # decades above the mean age
    severity = 0.4 * older + 1.0 * (male - 0.8) + rng.normal(0.0, 1.0, n_rows)
    slope = _draw_slope(rng, severity)
    return pd.DataFrame(
        {
            "Age": age.astype(np.int64),
            "Sex": _names(male, "M", "F"),
            "ChestPainType": _draw_chest_pain(rng, severity),
            "RestingBP": _draw_resting_bp(rng, older),
            "Cholesterol": _draw_cholesterol(rng, severity, male),
            "FastingBS": _draw_flags(rng, -1.4 + 0.4 * severity + 0.3 * older),
            "RestingECG": _draw_resting_ecg(rng, older),
            "MaxHR": _draw_max_hr(rng, severity, older),
            "ExerciseAngina": _names(_draw_flags(rng, -0.6 + 1.4 * severity) == 1, "Y", "N"),
            "Oldpeak": _draw_oldpeak(rng, severity, slope),
            "ST_Slope": slope,
            "HeartDisease": _draw_flags(rng, 0.3 + 2.5 * severity),
        }
    )


def _draw_slope(rng: np.random.Generator, severity: NDArray[np.float64]) -> NDArray[np.object_]:
    utilities = {"Up": 0.2 - 1.4 * severity, "Flat": 0.5 + 0.6 * severity, "Down": severity - 2.0}
    return _draw_choice(rng, utilities)


def _draw_chest_pain(
    rng: np.random.Generator, severity: NDArray[np.float64]
) -> NDArray[np.object_]:
    utilities = {
        "ASY": 1.0 + 0.9 * severity,
        "NAP": 0.3 - 0.3 * severity,
        "ATA": -0.1 - 0.9 * severity,
        "TA": -1.2 - 0.2 * severity,
    }
    return _draw_choice(rng, utilities)


def _draw_resting_bp(rng: np.random.Generator, older: NDArray[np.float64]) -> NDArray[np.int64]:
    """Half of the readings are rounded to tens, the others to even numbers."""
    reading = np.clip(rng.normal(132.0 + 5.0 * older, 17.0), 90.0, 200.0)
    unit = np.where(rng.random(len(older)) < 0.5, 10.0, 2.0)
    return (unit * (reading / unit).round()).astype(np.int64)


def _draw_cholesterol(
    rng: np.random.Generator, severity: NDArray[np.float64], male: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """A right-skewed level; 0, more often in severe cases and in men, where none was measured."""
    missing = _draw_flags(rng, -2.4 + 0.7 * severity + 0.8 * male) == 1
    level = np.clip(240.0 * np.exp(rng.normal(0.0, 0.22, len(severity))), 85.0, 600.0)
    return np.where(missing, 0.0, level.round()).astype(np.int64)


def _draw_resting_ecg(rng: np.random.Generator, older: NDArray[np.float64]) -> NDArray[np.object_]:
    utilities = {"Normal": 1.0 - 0.2 * older, "LVH": 0.1 * older, "ST": 0.3 * older}
    return _draw_choice(rng, utilities)


def _draw_max_hr(
    rng: np.random.Generator, severity: NDArray[np.float64], older: NDArray[np.float64]
) -> NDArray[np.int64]:
    rate = rng.normal(137.0 - 8.0 * older - 8.0 * severity, 21.0)
    return np.clip(rate, 60.0, 202.0).round().astype(np.int64)


def _draw_oldpeak(
    rng: np.random.Generator, severity: NDArray[np.float64], slope: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Often exactly 0, above all on an upward slope; otherwise deeper in severe cases."""
    zero = _draw_flags(rng, -1.0 - 0.5 * severity + 1.6 * np.equal(slope, "Up")) == 1
    depth = np.abs(rng.normal(1.2 + 0.4 * severity + 0.6 * np.equal(slope, "Down"), 0.8))
    return np.where(zero, 0.0, np.minimum(depth, 6.0)).round(1)


def _draw_flags(rng: np.random.Generator, log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 with the probability of each log odds, else 0."""
    return (rng.random(len(log_odds)) < 1.0 / (1.0 + np.exp(-log_odds))).astype(np.int64)


def _names(flags: NDArray[np.bool_], yes: str, no: str) -> NDArray[np.object_]:
    return np.where(flags, yes, no).astype(np.object_)


def _draw_choice(
    rng: np.random.Generator, utilities: dict[str, NDArray[np.float64]]
) -> NDArray[np.object_]:
    """One name a row, with the probabilities softmax(utilities), by the Gumbel-max method."""
    scores = np.stack(list(utilities.values()), axis=1)
    winners = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
    names: NDArray[np.object_] = np.array(list(utilities))[winners].astype(np.object_)
    return names
