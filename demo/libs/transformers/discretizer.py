"""Continuous columns to integer bin codes, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

_N_QUANTILES = 33  # a bin's distribution is kept as this many empirical quantiles
_MAX_DECIMALS = 6  # a column written with more decimals than this is not rounded


@final
@dataclass(frozen=True, kw_only=True)
class _BinnedColumn:
    name: str
    lower_edges: NDArray[np.float64]  # [bins]: the smallest training value of each bin
    quantiles: NDArray[np.float64]  # [bins, _N_QUANTILES]: evenly spaced empirical quantiles
    decimals: int | None
    dtype: np.dtype[np.generic]

    def draw(self, bins: NDArray[np.int64], levels: NDArray[np.float64]) -> NDArray[np.generic]:
        """The quantiles of `bins` at `levels`, in [0, 1), interpolated linearly; all `[rows]`."""
        grid = levels * (_N_QUANTILES - 1)
        left = grid.astype(np.int64)
        grid -= left
        place = bins * _N_QUANTILES + left
        low, high = self.quantiles.take(place), self.quantiles.take(place + 1)
        values = np.minimum(low + grid * (high - low), high)  # which rounding can overstep
        if self.decimals is not None:
            values = np.round(values, self.decimals)
        return values.astype(self.dtype)


@final
class Discretizer:
    """Bin codes for continuous columns, and values drawn from inside a bin.

    Each column is cut into bins that hold about the same number of training rows; a value that
    alone fills a bin (a point mass, such as a zero that stands for "not measured") gets a bin of
    its own. Decoding draws from the empirical quantiles of the training values of the bin, so
    that a column's distribution inside its bins survives the round trip, and rounds to the
    decimals of the training column.
    """

    def __init__(self, columns: Sequence[_BinnedColumn]) -> None:
        self._columns = tuple(columns)

    @classmethod
    def fit(cls, table: pd.DataFrame, features: Sequence[str], *, n_bins: int) -> Self:
        """A discretizer for the columns `features`, with about `n_bins` bins each.

        A column has fewer bins than that where its values repeat. Raises ValueError when n_bins
        is below 1 or a column has a value that is not finite.
        """
        if n_bins < 1:
            raise ValueError(f"n_bins must be at least 1, got {n_bins}")
        return cls([_fit_column(table, feature, n_bins) for feature in features])

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns, in the order of their codes."""
        return tuple(column.name for column in self._columns)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of bins of each column."""
        return tuple(len(column.lower_edges) for column in self._columns)

    def encode(self, table: pd.DataFrame) -> Tensor:
        """The bin of each value, `[rows, features]` int64.

        A value between two bins belongs to the lower one, one outside all bins to the nearest.
        Raises ValueError for a value that is not finite.
        """
        codes = torch.zeros(len(table), len(self._columns), dtype=torch.int64)
        for position, column in enumerate(self._columns):
            values = _finite_values(table, column.name)
            bins = np.searchsorted(column.lower_edges[1:], values, side="right")
            codes[:, position] = torch.as_tensor(bins)
        return codes

    def decode(self, codes: Tensor) -> dict[str, NDArray[np.generic]]:
        """A value drawn from inside the bin of each code `[rows, features]`.

        The draws use torch's global generator. Columns of the training columns' dtypes.
        """
        levels = torch.rand(codes.shape[::-1], dtype=torch.float64).numpy()
        return {
            column.name: column.draw(codes[:, position].numpy(), levels[position])
            for position, column in enumerate(self._columns)
        }


def _fit_column(table: pd.DataFrame, name: str, n_bins: int) -> _BinnedColumn:
    values = np.sort(_finite_values(table, name))
    edges = _lower_edges(values, n_bins)
    members = np.split(values, np.searchsorted(values, edges[1:], side="left"))
    levels = np.linspace(0.0, 1.0, _N_QUANTILES)
    return _BinnedColumn(
        name=name,
        lower_edges=edges,
        quantiles=np.stack([np.quantile(member, levels) for member in members]),
        decimals=_decimals(values),
        dtype=np.asarray(table[name].to_numpy()).dtype,
    )


def _lower_edges(values: NDArray[np.float64], n_bins: int) -> NDArray[np.float64]:
    """The smallest value of each bin of the sorted `values`.

    From left to right, a bin is full as soon as it holds its share of the rows; a point mass, a
    value that is a share by itself, ends the bin before it too.
    """
    distinct, counts = np.unique(values, return_counts=True)
    share = len(values) / n_bins
    edges: list[float] = []
    held = share
    for value, count in zip(distinct.tolist(), counts.tolist(), strict=True):
        if held >= share or count >= share:
            edges.append(value)
            held = 0.0
        held += count
    return np.array(edges, dtype=np.float64)


def _decimals(values: NDArray[np.float64]) -> int | None:
    """The fewest decimals that write every value exactly; None above `_MAX_DECIMALS`."""
    for decimals in range(_MAX_DECIMALS + 1):
        if np.array_equal(np.round(values, decimals), values):
            return decimals
    return None


def _finite_values(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    values = np.asarray(table[name].to_numpy(), dtype=np.float64)
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        raise ValueError(
            f"column {name!r} must have finite numbers only, got {bad} missing or infinite "
            f"of {len(values)} values; fill them or drop their rows"
        )
    return values
