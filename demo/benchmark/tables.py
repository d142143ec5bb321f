"""The tables that are measured: what installed packages bundle, and a file of one's own."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, final

import pandas as pd

from artifact_torch.table_comparison import TableSpec, table_spec
from artifact_torch.tables import infer_spec
from demo.data.heart import CAT_FEATURES, simulated_heart_disease
from demo.data.reading import Reading, TableError, read_table


@final
@dataclass(frozen=True, kw_only=True)
class MeasuredTable:
    """A table, the kinds of its columns, and the column that is predicted from the others."""

    name: str
    table: pd.DataFrame
    target: str
    cat_features: Sequence[str]
    source: str

    @property
    def cts_features(self) -> list[str]:
        """All columns that are no categories."""
        return [name for name in map(str, self.table.columns) if name not in self.cat_features]

    @property
    def spec(self) -> TableSpec:
        return table_spec(
            self.table, cts_features=self.cts_features, cat_features=self.cat_features
        )


def bundled(name: str) -> MeasuredTable:
    """One of `BUNDLED`. Raises `TableError` where its package is not installed."""
    package, make = BUNDLED[name]
    if find_spec(package) is None:
        raise TableError(f"the table {name} is in the package {package}: pip install {package}")
    table, target, categories = make()
    return MeasuredTable(
        name=name,
        table=table.reset_index(drop=True),
        target=target,
        cat_features=categories,
        source=package,
    )


def given(path: Path, target: str | None = None) -> MeasuredTable:
    """A CSV file; the kinds of its columns are inferred. Rows with missing values are left out, and
    so are dates and what names a row, which the other packages cannot take as they are. The last
    column that is left is the target by default. Raises `TableError` where there are not 20 rows, or
    no target.
    """
    table = read_table(Reading(path=path)).table.dropna().reset_index(drop=True)
    numeric, categories = (
        {str(each.name) for each in infer_spec(table) if each.kind in kinds}
        for kinds in (("numeric",), ("category", "ordinal", "boolean"))
    )
    table = table[[name for name in table.columns if name in numeric | categories]]
    wanted = target or str([*table.columns, ""][len(table.columns) - 1])
    if len(table) < 20 or wanted not in table.columns:
        raise TableError(
            f"{path} must have at least 20 whole rows and the column {wanted!r}, got {len(table)} "
            f"rows and {', '.join(map(repr, table.columns))}; name the target with --target"
        )
    return MeasuredTable(
        name=path.stem,
        table=table,
        target=wanted,
        cat_features=[name for name in map(str, table.columns) if name in categories],
        source="a file",
    )


_Made = tuple[pd.DataFrame, str, Sequence[str]]


def _of_sklearn(loader: str, categories: Sequence[str]) -> Callable[[], _Made]:
    def make() -> _Made:
        # Any: scikit-learn has no types
        load: Any = getattr(import_module("sklearn.datasets"), loader)
        raw = {"scaled": False} if "scaled" in inspect.signature(load).parameters else {}
        frame: pd.DataFrame = load(as_frame=True, **raw).frame
        return frame, "target", categories

    return make


def _csv_of(package: str, *path: str) -> pd.DataFrame:
    """A file of a package that need not be importable: its data are all that is wanted."""
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    return pd.read_csv(Path(next(iter(places or [""]))).joinpath(*path))


def _weather() -> _Made:
    """Without the date, which no two rows share."""
    return _csv_of("vega_datasets", "_data", "seattle-weather.csv").drop(columns="date"), *(
        "weather",
        ["weather"],
    )


def _diamonds() -> _Made:
    """5,000 of 53,940 rows."""
    whole = _csv_of("plotnine", "data", "diamonds.csv")
    return whole.sample(5000, random_state=0), "price", ["cut", "color", "clarity"]


def _mpg() -> _Made:
    categories = ["manufacturer", "trans", "drv", "fl", "class", "cyl", "year"]
    return _csv_of("plotnine", "data", "mpg.csv").drop(columns="model"), "hwy", categories


def _fair() -> _Made:
    whole = _csv_of("statsmodels", "datasets", "fair", "fair.csv")
    return whole, "affairs", [str(name) for name in whole.columns if name != "affairs"]


def _heart() -> _Made:
    return simulated_heart_disease(), "HeartDisease", CAT_FEATURES


BUNDLED: Final[Mapping[str, tuple[str, Callable[[], _Made]]]] = MappingProxyType(
    {
        "simulated_heart": ("demo", _heart),
        "diabetes": ("sklearn", _of_sklearn("load_diabetes", ["sex"])),
        "iris": ("sklearn", _of_sklearn("load_iris", ["target"])),
        "wine": ("sklearn", _of_sklearn("load_wine", ["target"])),
        "breast_cancer": ("sklearn", _of_sklearn("load_breast_cancer", ["target"])),
        "weather": ("vega_datasets", _weather),
        "diamonds": ("plotnine", _diamonds),
        "mpg": ("plotnine", _mpg),
        "fair": ("statsmodels", _fair),
    }
)
"""By name: the package that has it, and how it is read. None of our defaults was chosen by them.

scikit-learn's linnerud has 20 rows, of which 6 would be held out: no measure says anything there.
"""
