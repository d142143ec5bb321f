"""Tables of many kinds as CSV files: what installed packages bundle, and simulated ones."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

N_ROWS = 240


def _of_sklearn(name: str) -> Callable[[], pd.DataFrame]:
    """With the names of its classes, where it has any."""

    def make() -> pd.DataFrame:
        # Any: scikit-learn has no types
        bunch: Any = getattr(import_module("sklearn.datasets"), f"load_{name}")(as_frame=True)
        frame: pd.DataFrame = bunch.frame
        if name in {"iris", "wine", "breast_cancer"}:
            frame = frame.assign(target=[str(bunch.target_names[at]) for at in frame["target"]])
        return _some(frame)

    return make


def _of_vega(name: str) -> Callable[[], pd.DataFrame]:
    """A file of vega_datasets, which the extra `dev` has."""

    def make() -> pd.DataFrame:
        file = _folder("vega_datasets") / "_data" / name
        if file.suffix == ".json":
            return _some(pd.read_json(file, dtype=False, convert_dates=False))
        return _some(_cells(file))

    return make


def _of_extra(package: str, *path: str) -> Callable[[], pd.DataFrame]:
    """A file of a package of the extra `quality`; skips the test where that is absent."""

    def make() -> pd.DataFrame:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
        return _some(_cells(_folder(package).joinpath(*path)))

    return make


def _folder(package: str) -> Path:
    """Of a package that need not be importable: its files are all that is wanted."""
    found = find_spec(package)
    assert found is not None
    assert found.submodule_search_locations
    return Path(next(iter(found.submodule_search_locations)))


def _cells(file: Path) -> pd.DataFrame:
    """As they are written."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def _some(table: pd.DataFrame) -> pd.DataFrame:
    n_rows = min(len(table), N_ROWS)
    return table.sample(n_rows, random_state=0).sort_index()


BUNDLED: Mapping[str, Callable[[], pd.DataFrame]] = {
    **{
        name: _of_sklearn(name)
        for name in ("iris", "wine", "breast_cancer", "diabetes", "linnerud", "digits")
    },
    "airports": _of_vega("airports.csv"),
    "cars": _of_vega("cars.json"),
    "employment": _of_vega("us-employment.csv"),
    "riots": _of_vega("la-riots.csv"),
    "stocks": _of_vega("stocks.csv"),
    "weather": _of_vega("seattle-weather.csv"),
    "housing": _of_extra("plotnine", "data", "txhousing.csv"),
    "mammals": _of_extra("plotnine", "data", "msleep.csv"),
    "mpg": _of_extra("plotnine", "data", "mpg.csv"),
    "fair": _of_extra("statsmodels", "datasets", "fair", "fair.csv"),
    "fertility": _of_extra("statsmodels", "datasets", "fertility", "fertility.csv"),
}


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _gaps() -> pd.DataFrame:
    rng = _rng()
    table = pd.DataFrame(
        {
            "number": rng.normal(size=N_ROWS).round(3).astype(str),
            "word": rng.choice(["u", "v", "NA"], N_ROWS),
            "count": rng.integers(0, 50, N_ROWS).astype(str),
            "flag": rng.choice(["True", "False"], N_ROWS),
            "day": _times(rng).strftime("%Y-%m-%d"),
            "mail": [f"m{at}@example.com" for at in range(N_ROWS)],
            "empty": "",
        }
    )
    for name, share in zip(table.columns, (0.3, 0.2, 0.1, 0.25, 0.4, 0.15), strict=False):
        table.loc[rng.random(N_ROWS) < share, name] = "NA" if name == "count" else ""
    return table


def _codes() -> pd.DataFrame:
    rng = _rng()
    return pd.DataFrame(
        {
            "zip": [f"{code:05}" for code in rng.integers(0, 30, N_ROWS) * 37 + 100],
            "account": 2**53 + rng.integers(0, 2**40, N_ROWS),
            "amount": 2**60 + rng.integers(0, 99, N_ROWS) * 3,
            "beyond": [str(2**64 + int(at)) for at in rng.permutation(N_ROWS)],
            "mail": [f"user{at}@example.com" for at in range(N_ROWS)],
            "code": rng.choice([10, 20, 30], N_ROWS),
            "row_id": range(1, N_ROWS + 1),
        }
    )


def _times(rng: np.random.Generator) -> pd.DatetimeIndex:
    minutes = rng.integers(0, 1_000_000, N_ROWS)
    return pd.DatetimeIndex(pd.Timestamp("2020-01-01") + pd.to_timedelta(minutes, unit="min"))


def _dates() -> pd.DataFrame:
    times = _times(_rng())
    forms = {
        "day": "%Y-%m-%d",
        "utc": "%Y-%m-%dT%H:%M:%SZ",
        "zone": "%Y-%m-%d %H:%M:%S+02:00",
        "day_first": "%d/%m/%Y",
        "year_first": "%Y/%m/%d %H:%M",
        "named": "%b %d %Y",
        "digits": "%Y%m%d",
        "fraction": "%Y-%m-%d %H:%M:%S.25",
    }
    return pd.DataFrame({name: times.strftime(form) for name, form in forms.items()})


def _numbers() -> pd.DataFrame:
    rng = _rng()
    money = 1000 * np.exp(rng.normal(size=N_ROWS))
    return pd.DataFrame(
        {
            "thousands": [f"{value:,.2f}" for value in money],
            "whole": [f"{value:,}" for value in rng.integers(0, 10**6, N_ROWS)],
            "skewed": np.where(rng.random(N_ROWS) < 0.7, 0, money).round(2),
            "heavy": np.exp(10 + 4 * rng.normal(size=N_ROWS)),
            "code": rng.choice([1, 2, 3, 99], N_ROWS),
            "constant": 7,
            "yes": rng.choice(["yes", "no"], N_ROWS),
            "capitals": rng.choice(["TRUE", "FALSE"], N_ROWS),
            "whole_floats": rng.integers(0, 99, N_ROWS).astype(float),
        }
    )


def _units() -> pd.DataFrame:
    rng = _rng()
    money = (1000 * np.exp(rng.normal(size=N_ROWS))).round()
    return pd.DataFrame(
        {
            "share": [f"{value:.1f}%" for value in 100 * rng.random(N_ROWS)],
            "price": [f"${value:,.0f}" for value in money],
            "change": [f"{value:+.2f} €".lstrip("+") for value in rng.normal(size=N_ROWS)],
        }
    )


def _names() -> pd.DataFrame:
    rng = _rng()
    return pd.DataFrame(
        {
            "$x_1^{2}$": rng.normal(size=N_ROWS).round(2),
            "a $b": rng.choice(["$5", "_", "^{", "😀", r"\frac"], N_ROWS),
            "😀": rng.integers(0, 9, N_ROWS),
            "two\nlines": rng.choice(["e\nf", "a,b", 'c"d'], N_ROWS),
            "x/y:z*?": rng.choice(["p" * 60, "q" * 60], N_ROWS),
        }
    )


def _many() -> pd.DataFrame:
    """20,000 categories in 24,000 rows."""
    rng = _rng()
    towns = np.append(np.arange(20_000), rng.integers(0, 20_000, 4_000))
    return pd.DataFrame(
        {
            "town": [f"town {at}" for at in towns],
            "size": rng.integers(0, 99, len(towns)),
        }
    )


SIMULATED: Mapping[str, Callable[[], pd.DataFrame]] = {
    "gaps": _gaps,
    "codes": _codes,
    "dates": _dates,
    "numbers": _numbers,
    "units": _units,
    "names": _names,
    "many": _many,
    "one_row": lambda: pd.DataFrame({"a": [1.5], "b": ["x"], "c": [3]}),
}


def german() -> str:
    """Semicolons and decimal commas, as its spreadsheets write."""
    rng = _rng()
    rows = zip(rng.normal(170, 10, N_ROWS), rng.choice(["Weiß", "Müller"], N_ROWS), strict=True)
    lines = [f"{height:.1f};{name};1.{at % 900 + 100},50" for at, (height, name) in enumerate(rows)]
    return "größe;name;geld\n" + "\n".join(line.replace(".", ",", 1) for line in lines) + "\n"
