"""Numbers that lie evenly spaced, as whole ones and those of some decimals do."""

import math
from dataclasses import dataclass
from typing import Self, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.tables.smoothing import smoothed

Numbers: TypeAlias = NDArray[np.float64 | np.int64 | np.uint64]

EXACT = 2**52  # a float64 has every integer up to here, and their halves
_MOST_PLACES = 20_000


@final
@dataclass(frozen=True, kw_only=True)
class Grid:
    """From the least to the largest of a column's numbers, the coarsest that all of them lie on."""

    values: Numbers
    """`[places]`"""
    places: NDArray[np.int64]
    """Of the column's distinct numbers."""

    @classmethod
    def of(cls, distinct: Numbers, decimals: int | None) -> Self | None:
        """That of sorted numbers, floats of so many decimals; None for floats that are not rounded, and
        for more than 20,000 places.
        """
        scale = 10.0 ** (decimals or 0)
        is_float = distinct.dtype.kind == "f"
        if len(distinct) > _MOST_PLACES:
            return None
        if is_float and (decimals is None or float(np.abs(distinct).max()) * scale > EXACT):
            return None
        numbers = distinct * scale if is_float else distinct
        whole: list[int] = [round(number) for number in numbers.tolist()]
        step = math.gcd(*(number - whole[0] for number in whole)) or 1
        n_places = (whole[-1] - whole[0]) // step + 1
        if n_places > _MOST_PLACES:
            return None
        values = np.empty(n_places, distinct.dtype)
        if is_float:
            evenly = whole[0] + step * np.arange(n_places, dtype=np.float64)
            values[:] = np.round(evenly / scale, decimals or 0)
        else:
            values[:] = [whole[0] + step * place for place in range(n_places)]
        places = np.array([(number - whole[0]) // step for number in whole], dtype=np.int64)
        values[places] = distinct
        return cls(values=values, places=places)

    def expected(self, counts: NDArray[np.int64], levels: NDArray[np.float64]) -> Numbers:
        """The quantiles at `levels`, in [0, 1), of the column as it is expected to be, the first and the
        last of which are its ends; `counts` are the rows of each of its distinct numbers.
        """
        rows = np.zeros(len(self.values))
        rows[self.places] = counts
        shares = np.cumsum(smoothed(rows), dtype=np.float64)
        quantiles = self.values.take(np.searchsorted(shares, levels, side="right"), mode="clip")
        quantiles[0], quantiles[-1] = self.values[0], self.values[-1]
        return quantiles
