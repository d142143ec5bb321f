"""Columns of numbers and of times as plain numbers, and back to the dtype that they had."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal, Self, TypeAlias, TypeGuard, final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from artifact_torch.tables.cells import Cells, Dtype, of_dtype
from artifact_torch.tables.grid import Numbers
from artifact_torch.tables.stacking import Column

_DAY = 86_400  # seconds
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@final
@dataclass(frozen=True, kw_only=True)
class NumberForm:
    """Of integers and floats: NumPy's, pandas' own that have missing values, Arrow's, objects."""

    dtype: Dtype
    of: np.dtype[np.generic]
    """NumPy's own for the numbers: of the same width and sign."""

    @classmethod
    def fit(cls, column: pd.Series, cells: Cells) -> Self:
        """Raises OverflowError for objects that are integers beyond 64 bits."""
        dtype = column.dtype
        if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
            return cls(dtype=dtype, of=dtype)
        if dtype == np.dtype(object):
            return cls(dtype=dtype, of=_of_objects(column, cells))
        return cls(dtype=dtype, of=np.dtype(f"{dtype.kind}{_width(dtype)}"))

    def numbers(self, column: pd.Series, missing: NDArray[np.bool_]) -> Numbers:
        """Of the cells that are there. Floats are float64, integers as exact as they are."""
        present = column[~missing] if missing.any() else column
        kind = present.dtype.kind if present.dtype != np.dtype(object) else self.of.kind
        if kind == "f":
            return present.to_numpy(dtype=np.float64)
        if kind == "u":
            return present.to_numpy(dtype=np.uint64)
        try:
            return present.to_numpy(dtype=np.int64)
        except OverflowError:  # objects that are larger: far outside what was fitted
            return present.to_numpy(dtype=np.float64)

    @property
    def raw(self) -> np.dtype[np.generic]:
        """Of the arrays that `column` takes."""
        return self.of

    def column(self, values: NDArray[np.generic], missing: NDArray[np.bool_] | None) -> Column:
        """`values` with the dtype of the column that was fitted."""
        if isinstance(self.dtype, np.dtype):
            if self.dtype.kind == "O":
                return values.astype(object)
            if missing is not None:
                values[missing] = np.nan
            return values
        mask = np.zeros(len(values), np.bool_) if missing is None else missing
        masked = _masked(values, mask)
        return masked if masked.dtype == self.dtype else of_dtype(masked, self.dtype)


@final
@dataclass(frozen=True, kw_only=True)
class TimeForm:
    """Of dates and times: whole numbers of the largest unit, up to days, that writes them all."""

    dtype: Dtype
    unit: Literal["s", "ms", "us", "ns", "D"]
    """The resolution: s, ms, us or ns; D for objects that are dates."""
    zone: tzinfo | None
    step: int
    """In the resolution."""
    is_local: bool
    """Whether the numbers are of the zone's own time: of days that begin at its midnight."""
    least: int
    most: int
    """In the resolution: a midnight that a zone skips or has twice leads out of them."""

    @classmethod
    def fit(cls, column: pd.Series, cells: Cells, missing: NDArray[np.bool_]) -> Self:
        """Of a column in which there is at least one time."""
        present = column[~missing]
        if cells == "date":
            return cls(
                dtype=column.dtype, unit="D", zone=None, step=1, is_local=False, least=0, most=0
            )
        index = pd.DatetimeIndex(present)
        utc, zone, unit = _ticks(index), index.tz, index.unit
        is_local = zone is not None and bool((_beginnings(index, zone) == index).all())
        return cls(
            dtype=column.dtype,
            unit=unit,
            zone=zone,
            step=_day(unit) if is_local else _step(utc, unit),
            is_local=is_local,
            least=int(utc.min()),
            most=int(utc.max()),
        )

    def numbers(self, column: pd.Series, missing: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Of the cells that are there."""
        present = column[~missing] if missing.any() else column
        if self.unit == "D":
            return np.array(present.tolist(), dtype="datetime64[D]").view(np.int64)
        index = _index(present)
        if index.tz is None and self.zone is not None:
            index = _localized(index, self.zone)
        if index.tz is not None and (self.is_local or self.zone is None):
            index = index.tz_convert(self.zone).tz_localize(None)
        return _ticks_in(index, self.unit) // self.step

    @property
    def raw(self) -> np.dtype[np.generic]:
        """Of the arrays that `column` takes."""
        return np.dtype(np.int64)

    def column(self, values: NDArray[np.generic], missing: NDArray[np.bool_] | None) -> Column:
        """`values` with the dtype of the column that was fitted."""
        ticks = np.asarray(values, dtype=np.int64) * self.step
        if missing is not None:
            ticks[missing] = np.iinfo(np.int64).min  # NaT
        times = ticks.view(f"M8[{self.unit}]")
        if self.unit == "D":
            return times.astype(object)
        if self.zone is None:
            return times
        return self._zoned(pd.DatetimeIndex(times)).array

    def _zoned(self, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
        if not self.is_local:
            return index.tz_localize("UTC").tz_convert(self.zone)
        found = _localized(index, self.zone)
        ends = pd.DatetimeIndex(np.array([self.least, self.most]).view(f"M8[{self.unit}]"))
        least, most = ends.tz_localize("UTC").tz_convert(self.zone)
        return found.where((found >= least) | found.isna(), least).where(
            (found <= most) | found.isna(), most
        )


Form: TypeAlias = NumberForm | TimeForm


def exact_up_to(dtype: np.dtype[np.generic]) -> int:
    """Up to where floats of `dtype` have every whole number."""
    return 1 << {2: 11, 4: 24, 8: 53}[dtype.itemsize]


def n_not_finite(column: pd.Series) -> int:
    """How many of a column of floats; a missing value is none of them."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return int(np.count_nonzero(np.isinf(column.to_numpy())))
    values = column[column.notna()].to_numpy(dtype=np.float64)
    return int(np.count_nonzero(~np.isfinite(values)))


def _masked(values: NDArray[np.generic], mask: NDArray[np.bool_]) -> ExtensionArray:
    if _is_whole(values):
        return pd.arrays.IntegerArray(values, mask)
    return pd.arrays.FloatingArray(values, mask) if _is_float(values) else pd.array(values)


def _is_whole(values: NDArray[np.generic]) -> TypeGuard[NDArray[np.integer]]:
    return values.dtype.kind in "iu"


def _is_float(values: NDArray[np.generic]) -> TypeGuard[NDArray[np.floating]]:
    return values.dtype.kind == "f"


def _ticks(index: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(index.astype("int64"), dtype=np.int64)


def _ticks_in(index: pd.DatetimeIndex, unit: Literal["s", "ms", "us", "ns"]) -> NDArray[np.int64]:
    """In another unit; a time that it has not is its first or its last."""
    finer = _PER_SECOND[unit] // _PER_SECOND[index.unit]
    if finer < 2:
        return _ticks(index.as_unit(unit))
    most = (2**63 - 1) // finer
    return np.clip(_ticks(index), -most, most) * finer


def _index(column: pd.Series) -> pd.DatetimeIndex:
    """Of times, or of objects that are dates, whose years nanoseconds do not reach."""
    if column.dtype != np.dtype(object):
        return pd.DatetimeIndex(column)
    return pd.DatetimeIndex(np.array(column.tolist(), dtype="datetime64[D]").astype("M8[s]"))


def _localized(index: pd.DatetimeIndex, zone: tzinfo | None) -> pd.DatetimeIndex:
    """In a zone: the first of a time that is there twice, the next after one that is skipped."""
    first = np.ones(len(index), np.bool_)
    return index.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")


def _beginnings(index: pd.DatetimeIndex, zone: tzinfo) -> pd.DatetimeIndex:
    """The first moment of each day: midnight, where the zone has not skipped it."""
    return _localized(index.tz_localize(None).normalize(), zone)


def _day(unit: str) -> int:
    return _DAY * _PER_SECOND[unit]


def _step(ticks: NDArray[np.int64], unit: str) -> int:
    """The largest of day, hour, minute, second, ... of which all `ticks` are multiples."""
    per_second = _PER_SECOND[unit]
    steps = [length * per_second for length in (_DAY, 3600, 60, 1)]
    while steps[-1] > 1:
        steps.append(steps[-1] // 1000)
    return next(step for step in steps if not (ticks % step).any())


def _of_objects(column: pd.Series, cells: Cells) -> np.dtype[np.generic]:
    if cells == "float":
        return np.dtype(np.float64)
    present = column[column.notna()].tolist()
    largest = max(present)
    np.array([min(present)], dtype=np.int64 if largest < 2**63 else np.uint64)
    np.array([largest], dtype=np.uint64 if largest >= 0 else np.int64)
    return np.dtype(np.int64 if largest < 2**63 else np.uint64)


def _width(dtype: Dtype) -> int:
    found: object = getattr(dtype, "itemsize", 8)
    return found if isinstance(found, int) else 8
