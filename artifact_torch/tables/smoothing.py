"""How often each number of a column is expected, the ones that no row has among them."""

import math
from typing import final

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]

_MASS, _MANY = 0.1, 60  # of all rows, or rows: a value that has so many stands for itself
_ALONE, _FEWEST_ALONE, _TIMES_EXPECTED = 0.025, 5, 5.0  # or so many, and more than are around it
_GAP = 0.2  # of what lies between two masses: so wide without a row parts it
_FEWEST_ROWS, _FEWEST_VALUES = 15, 4  # between two masses: fewer say nothing of what is between
_ROWS_OF_HEAPS = 100
_WIDTHS = (0.1, 0.2, 0.4, 0.6)  # of the kernel, times that of a normal column
_SHARES = (0.0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75)  # of the smooth part: the rows keep a quarter
_LEAST_WIDTH = 0.3
_UNSEEN = 1e-12


def smoothed(counts: _Floats) -> _Floats:
    """The shares of all places of a grid, `[places]`, from how many rows each has; all are finite, and
    the first and the last place have some.

    Some rows tell little of a single value: one has two rows and the next has none by chance. The
    shares are those of the rows mixed with those of a Gaussian kernel; how wide it is, how much it
    counts, and whether it keeps the last digits that are preferred (a pulse is read to tens), is what
    foretells each row best from the others (leave-one-out likelihood, Habbema et al. 1974). Point
    masses, values with a row in ten or with 60 rows, or a row in forty and five times what the others
    foretell, all of five rows at least, keep what they have. Nothing is moved across them, or across a
    wide gap.
    """
    n_rows = float(counts.sum())
    shares = counts.copy()
    masses = np.flatnonzero(_stands_alone(counts))
    for left, right in zip([-1, *masses], [*masses, len(counts)], strict=True):
        for seen in _parted(left + 1 + np.flatnonzero(counts[left + 1 : right])):
            begin, end = int(seen[0]), int(seen[-1]) + 1
            shares[begin:end] = _smoothed(counts[begin:end], np.arange(begin, end) % 10)
    return shares / n_rows


def _parted(places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Those that lie together, of sorted places; without parts of too few."""
    if len(places) < _FEWEST_VALUES:
        return []
    wide = np.diff(places) > max(_GAP * float(places[-1] - places[0]), 1.0)
    parts = np.split(places, np.flatnonzero(wide) + 1)
    return [part for part in parts if len(part) >= _FEWEST_VALUES]


def _stands_alone(counts: _Floats) -> NDArray[np.bool_]:
    """Which places are point masses."""
    n_rows = float(counts.sum())
    heaps = _preferences(counts, np.arange(len(counts)) % 10)
    kernel = _Kernel(len(counts), _width(counts, _WIDTHS[-1]))
    whole = kernel(heaps)
    of_others = heaps * (kernel(counts / whole) - counts / whole)
    least = np.where(counts > _TIMES_EXPECTED * of_others, _ALONE * n_rows, _MASS * n_rows)
    return counts >= least.clip(_FEWEST_ALONE, _MANY)


def _smoothed(counts: _Floats, digits: NDArray[np.int64]) -> _Floats:
    """What is expected of each place, `[places]`, in rows; their sum stays what it is."""
    n_rows = float(counts.sum())
    if n_rows < _FEWEST_ROWS:
        return counts
    seen = counts > 0
    others = (counts[seen] - 1.0) / (n_rows - 1.0)
    chosen, highest = counts, -np.inf
    preferred = [np.ones(len(counts)), _preferences(counts, digits)]
    for width in _WIDTHS:
        kernel = _Kernel(len(counts), _width(counts, width))
        for heaps in preferred:
            whole = kernel(heaps)
            smooth = heaps * kernel(counts / whole)
            of_others = ((smooth - heaps / whole)[seen] / (n_rows - 1.0)).clip(0.0)
            for share in _SHARES:
                expected = (1.0 - share) * others + share * of_others
                likelihood = float(counts[seen] @ np.log(np.maximum(expected, _UNSEEN)))
                if likelihood > highest:
                    chosen, highest = (1.0 - share) * counts + share * smooth, likelihood
    return chosen * (n_rows / float(chosen.sum()))


@final
class _Kernel:
    """The sum of what lies around each place, less of what is further; 1 of the place itself."""

    def __init__(self, n_places: int, width: float) -> None:
        self._n_places = n_places
        self._size = 1 << (2 * n_places - 1).bit_length()
        places = np.arange(self._size)
        places = np.minimum(places, self._size - places)
        self._waves = np.fft.rfft(np.exp(-0.5 * np.square(places / width)))

    def __call__(self, values: _Floats) -> _Floats:
        waves = np.fft.rfft(values, self._size) * self._waves
        around: _Floats = np.fft.irfft(waves, self._size)[: self._n_places]
        return np.maximum(around, 0.0)


def _preferences(counts: _Floats, digits: NDArray[np.int64]) -> _Floats:
    """How much more often than by chance each place's digit is met; 1 of few rows."""
    if counts.sum() < _ROWS_OF_HEAPS:
        return np.ones(len(counts))
    by_chance = np.bincount(digits, minlength=10) / len(digits)
    met = np.bincount(digits, weights=counts, minlength=10) + 5.0 * by_chance
    factors: _Floats = (met / met.sum())[digits] / by_chance[digits]
    return factors


def _width(counts: _Floats, times: float) -> float:
    """Of a kernel, in places: `times` the standard deviation, or that of the middle half where it is
    less, for so many rows.
    """
    n_rows = float(counts.sum())
    places = np.arange(len(counts))
    mean = (counts @ places) / n_rows
    deviation = float(np.sqrt(counts @ np.square(places - mean) / n_rows))
    low, high = np.searchsorted(counts.cumsum(), [0.25 * n_rows, 0.75 * n_rows])
    middle = float(high - low) / 1.35
    spread = min(deviation, middle) if middle else deviation
    return max(times * spread * math.pow(n_rows, -0.2), _LEAST_WIDTH)
