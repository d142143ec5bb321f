"""Numbers to bins of about equal shares, and numbers drawn for a bin."""

from dataclasses import dataclass
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.tables.grid import EXACT, Grid, Numbers

_N_QUANTILES = 33  # a bin's distribution is kept as this many empirical quantiles
_N_EXPECTED = 256  # of the distribution that is expected, which has more values
_REPEATED = 2  # rows for each distinct value
_MAX_DECIMALS = 6  # a column written with more decimals than this is not rounded


@final
@dataclass(frozen=True, kw_only=True)
class Bins:
    """Bins that hold about the same number of training values; a value that alone fills a bin (a
    point mass, such as a zero that stands for "not measured") has a bin of its own, and where there
    are no more values than bins, each has.

    Drawing takes the quantiles of the bin's share of the column. Numbers on a grid (whole ones, some
    decimals) have those of the column as it is expected to be (`smoothed`): values that no row has are
    among them, and a bin may give, at its ends, a value of a bin near it.
    Other numbers have those of the bin's rows: where they repeat, nothing is drawn between them, and
    what is drawn lies between the least and the largest of the bin. Nothing lies outside the column.
    """

    lower_edges: Numbers
    """`[bins]`: the smallest training value of each bin."""
    quantiles: Numbers
    """`[bins * quantiles]`: evenly spaced, as many of each bin, bin after bin."""
    between: bool
    """Whether values between two quantiles are drawn."""
    decimals: int | None

    @classmethod
    def fit(cls, values: Numbers, *, n_bins: int, dtype: np.dtype[np.generic]) -> Self:
        """Of finite `values` that are stored as `dtype`; there is at least one."""
        ordered: Numbers = np.sort(values)
        if ordered.dtype.kind in "iu" and -EXACT <= int(ordered[0]) <= int(ordered[-1]) <= EXACT:
            ordered = ordered.astype(np.float64)  # which is faster to draw
        distinct, counts = np.unique(ordered, return_counts=True)
        edges = _lower_edges(distinct, counts, n_bins)
        decimals = _decimals(ordered, dtype)
        starts = np.searchsorted(ordered, edges, side="left")
        grid = Grid.of(distinct, decimals) if len(edges) < len(distinct) else None
        repeats = _REPEATED * len(distinct) <= len(ordered)
        if grid is not None:
            ends = np.append(starts, len(ordered)) / len(ordered)
            quantiles = grid.expected(counts, _levels(ends))
        else:
            of_rows = _steps if repeats else _quantiles
            quantiles = np.concatenate([of_rows(rows) for rows in np.split(ordered, starts[1:])])
        return cls(
            lower_edges=edges,
            quantiles=quantiles,
            between=grid is None and not repeats,
            decimals=decimals,
        )

    def __len__(self) -> int:
        return len(self.lower_edges)

    def of(self, values: Numbers) -> NDArray[np.int64]:
        """The bin of each value: between two bins the lower one, outside all bins the nearest."""
        edges = self.lower_edges[1:]
        if edges.dtype != values.dtype:
            edges, values = edges.astype(np.float64), values.astype(np.float64)
        return np.searchsorted(edges, values, side="right")

    def draw(self, bins: NDArray[np.int64], levels: NDArray[np.float64]) -> Numbers:
        """The quantiles of `bins` at `levels`, in [0, 1); all `[rows]`."""
        if not self.between:
            n_quantiles = len(self.quantiles) // len(self)
            return self.quantiles.take(bins * n_quantiles + (levels * n_quantiles).astype(np.int64))
        grid = levels * (_N_QUANTILES - 1)
        left = grid.astype(np.int64)
        grid -= left
        place = bins * _N_QUANTILES + left
        if self.quantiles.dtype.kind != "f":
            return _between(self.quantiles.take(place), self.quantiles.take(place + 1), grid)
        quantiles = np.asarray(self.quantiles, dtype=np.float64)
        low, high = quantiles.take(place), quantiles.take(place + 1)
        values = np.minimum(low + grid * (high - low), high)  # which rounding can overstep
        if self.decimals is not None:
            np.round(values, self.decimals, out=values)
        return values


def _between(low: Numbers, high: Numbers, share: NDArray[np.float64]) -> Numbers:
    """Integers that a float64 does not have, in steps of whole numbers from `low` to `high`."""
    start = low.view(np.uint64)  # modulo 2**64: no difference of two overflows
    span = high.view(np.uint64) - start
    steps = np.minimum((share * span.astype(np.float64)).astype(np.uint64), span)
    found: Numbers = (start + steps).view(low.dtype)
    return found


def _quantiles(member: Numbers) -> Numbers:
    """Evenly spaced; of integers some of them, of floats between them too."""
    levels = np.linspace(0.0, 1.0, _N_QUANTILES)
    if member.dtype.kind == "f":
        between: Numbers = np.quantile(member, levels)
        return between
    places = np.round(levels * (len(member) - 1)).astype(np.int64)
    return member[places]


def _steps(member: Numbers) -> Numbers:
    """Evenly spaced, each in the middle of its share."""
    places = (np.arange(_N_QUANTILES) * 2 + 1) * len(member) // (2 * _N_QUANTILES)
    return member[places]


def _levels(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evenly from the middle of the first share of each bin to that of its last; bin after bin."""
    middles = (np.arange(_N_EXPECTED) + 0.5) / _N_EXPECTED
    levels: NDArray[np.float64] = ends[:-1, None] + np.diff(ends)[:, None] * middles
    return levels.ravel()


def _lower_edges(distinct: Numbers, counts: NDArray[np.int64], n_bins: int) -> Numbers:
    """The smallest value of each bin, of the sorted values and how often each is there.

    From left to right, a bin is full as soon as it holds its share of the rows; a point mass, a
    value that is a share by itself, ends the bin before it too.
    """
    if len(distinct) <= n_bins:
        return distinct
    share = int(counts.sum()) / n_bins
    begins: list[int] = []
    held = share
    for place, count in enumerate(counts.tolist()):
        if held >= share or count >= share:
            begins.append(place)
            held = 0.0
        held += count
    return distinct[begins]


def _decimals(values: Numbers, dtype: np.dtype[np.generic]) -> int | None:
    """The fewest decimals that write every value as `dtype` has it; None above `_MAX_DECIMALS`."""
    kept = values.astype(dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # of values near the largest float
        for decimals in range(_MAX_DECIMALS + 1):
            if np.array_equal(np.round(values, decimals).astype(dtype), kept):
                return decimals
    return None
