"""What makes tables: the ceiling, the floor, our models and those of other packages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final, Protocol, final, get_args

import numpy as np
import pandas as pd

from artifact_torch import seed_everything
from artifact_torch.table_comparison import TableSpec
from demo.config.config import ModelName, load_config
from demo.tabular_model import TabularModel

# Any, in this file: ctgan, copulas and rdt have no types

OURS: Final[tuple[ModelName, ...]] = get_args(ModelName)


class Contender(Protocol):
    """Learns a table and makes rows of it."""

    def fit(self, table: pd.DataFrame, /) -> object: ...

    def generate(self, n_records: int, /) -> pd.DataFrame:
        """With the columns of the table, in real units."""
        ...


@final
class Bootstrap:
    """The ceiling: rows of training, drawn with replacement. No model is nearer; as it copies, its
    membership score is bad.
    """

    def __init__(self, _: TableSpec, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._table = pd.DataFrame()

    def fit(self, table: pd.DataFrame, /) -> None:
        self._table = table

    def generate(self, n_records: int, /) -> pd.DataFrame:
        drawn = self._table.sample(n_records, replace=True, random_state=self._rng)
        return drawn.reset_index(drop=True)


@final
class Independent:
    """The floor: each column drawn by itself, so that no column knows of another."""

    def __init__(self, _: TableSpec, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._table = pd.DataFrame()

    def fit(self, table: pd.DataFrame, /) -> None:
        self._table = table

    def generate(self, n_records: int, /) -> pd.DataFrame:
        columns = {
            name: self._table[name].to_numpy()[self._rng.integers(len(self._table), size=n_records)]
            for name in self._table.columns
        }
        return pd.DataFrame(columns).astype(self._table.dtypes.to_dict())


@final
class OfCtgan:
    """TVAE or CTGAN with the defaults of the package `ctgan`: 300 epochs of batches of 500."""

    def __init__(self, kind: str, spec: TableSpec, seed: int) -> None:
        seed_everything(seed)
        self._model: Any = getattr(import_module("ctgan"), kind)(enable_gpu=False)
        self._spec = spec

    def fit(self, table: pd.DataFrame, /) -> None:
        self._model.fit(table, [*self._spec.cat_features])

    def generate(self, n_records: int, /) -> pd.DataFrame:
        made: pd.DataFrame = self._model.sample(n_records)
        return made


@final
class GaussianCopula:
    """As SDV's `GaussianCopulaSynthesizer`: beta marginals, a category as an interval of [0, 1], numbers
    rounded and bounded as in the table.
    """

    def __init__(self, spec: TableSpec, seed: int) -> None:
        np.random.seed(seed)  # noqa: NPY002  (copulas draws from the global generator)
        transformers: Any = import_module("rdt.transformers")
        marginals: Any = import_module("copulas.univariate")
        model: Any = import_module("copulas.multivariate").GaussianMultivariate
        self._columns: dict[str, Any] = {
            name: transformers.FloatFormatter(
                learn_rounding_scheme=True, enforce_min_max_values=True
            )
            if name in spec.cts_features
            else transformers.UniformEncoder()
            for name in spec.features
        }
        self._model: Any = model(distribution=marginals.BetaUnivariate)

    def fit(self, table: pd.DataFrame, /) -> None:
        numbers = [
            column.fit_transform(table[[name]], name) for name, column in self._columns.items()
        ]
        self._model.fit(pd.concat(numbers, axis=1))

    def generate(self, n_records: int, /) -> pd.DataFrame:
        numbers: pd.DataFrame = self._model.sample(n_records)
        made = [column.reverse_transform(numbers[[name]]) for name, column in self._columns.items()]
        table: pd.DataFrame = pd.concat(made, axis=1)
        return table


@final
class Ours:
    """A model of the demo with its defaults, without the comparisons and pictures of a run."""

    def __init__(self, kind: ModelName, spec: TableSpec, seed: int) -> None:
        config = load_config()
        seeded = replace(config, training=replace(config.training, seed=seed))
        self._model = TabularModel.build(spec, seeded, model=kind)

    def fit(self, table: pd.DataFrame, /) -> None:
        self._model.fit(table, progress=False, compares=False)

    def generate(self, n_records: int, /) -> pd.DataFrame:
        return self._model.generate(n_records)


def _ours(kind: ModelName) -> Callable[[TableSpec, int], Contender]:
    return lambda spec, seed: Ours(kind, spec, seed)


def _of_ctgan(kind: str) -> Callable[[TableSpec, int], Contender]:
    return lambda spec, seed: OfCtgan(kind, spec, seed)


CONTENDERS: Final[Mapping[str, tuple[str, Callable[[TableSpec, int], Contender]]]] = (
    MappingProxyType(
        {
            "ceiling": ("", Bootstrap),
            "floor": ("", Independent),
            **{kind: ("", _ours(kind)) for kind in OURS},
            "TVAE": ("ctgan", _of_ctgan("TVAE")),
            "CTGAN": ("ctgan", _of_ctgan("CTGAN")),
            "copula": ("copulas", GaussianCopula),
        }
    )
)
"""By name: the package that it needs, and how it is made of the columns and a seed."""


def missing(name: str) -> str:
    """The package that a contender lacks; empty where it can be made."""
    package, _ = CONTENDERS[name]
    return package if package and find_spec(package) is None else ""


def in_order(names: Iterable[str]) -> list[str]:
    """As in `CONTENDERS`."""
    return sorted(names, key=[*CONTENDERS].index)
