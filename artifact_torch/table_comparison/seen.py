"""A table as artifact-core can compare it: numbers, and known categories as text.

artifact-core leaves out what is missing and what its spec does not know, so that a model that
makes nothing looks like one that makes all of it right. Here a missing value is a category of its
own, and what the spec does not know is one; what is missing among numbers is counted beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, final

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_timedelta64_dtype

from artifact_torch.table_comparison.contracts import Kept, TableSpec
from artifact_torch.table_comparison.spec import with_categories

MISSING = "(missing)"
UNKNOWN = "(unknown)"

LARGEST = 1e150
"""A larger number has no finite square: it has no variance and no correlation."""

_DAY = 86_400.0
_EPOCH = pd.Timestamp(0).as_unit("s")  # of nanoseconds, none could be taken from a year 9999


@final
@dataclass(frozen=True, kw_only=True)
class Seen:
    """The table; it is the given one where nothing of it had to be changed.

    `missing` and `unknown` have the share of rows of each column that has any; an infinite number
    is a missing one.
    """

    table: pd.DataFrame
    missing: Mapping[str, float]
    unknown: Mapping[str, float]
    strange: Mapping[str, Sequence[str]]
    """The categories that the spec does not know, as text."""


@final
@dataclass(frozen=True, kw_only=True)
class Gaps:
    """What a comparison of two tables has to know about what either has not."""

    words: Mapping[str, frozenset[str]]
    """The categories that stand for no value: not to be associated with other columns."""
    apart: Mapping[str, float]
    """The share of rows, above 0, in which one table has a value and the other has none."""


def seen(table: pd.DataFrame, spec: TableSpec) -> Seen:
    """The spec's columns of `table`, for which `table_problems` finds nothing."""
    missing: dict[str, float] = {}
    unknown: dict[str, float] = {}
    strange: dict[str, list[str]] = {}
    changed: dict[str, pd.Series] = {}
    for name in spec.cts_features:
        column = table[name]
        numbers = numbers_of(column)
        if n_missing := int(numbers.isna().sum()):
            missing[name] = n_missing / len(table)
        if numbers is not column:
            changed[name] = numbers
    for name in spec.cat_features:
        found = _categories(table[name], name, spec)
        if found.texts is not None:
            changed[name] = found.texts
        if found.n_missing:
            missing[name] = found.n_missing / len(table)
        if found.n_unknown:
            unknown[name], strange[name] = found.n_unknown / len(table), found.strange
    made = table.assign(**changed) if changed else table
    return Seen(table=made, missing=missing, unknown=unknown, strange=strange)


def kept_seen(kept: Kept, table: pd.DataFrame, spec: TableSpec) -> Seen:
    """As `seen`, once for each table."""
    key = ("seen", id(table))
    if key in kept.made and isinstance(made := kept.made[key][1], Seen):
        return made
    found = seen(table, spec)
    kept.made[key] = ((table,), found)
    return found


def spec_of(spec: TableSpec, *tables: Seen) -> TableSpec:
    """`spec` with the categories that stand for no value, where one of `tables` has them."""
    more: dict[str, list[str]] = {}
    for name in spec.cat_features:
        known = spec.cat_unique_map[name]
        if any(name in one.missing for one in tables):
            more.setdefault(name, []).append(word(MISSING, known))
        if any(name in one.unknown for one in tables):
            more.setdefault(name, []).append(word(UNKNOWN, known))
    return with_categories(spec, more) if more else spec


def gaps(spec: TableSpec, real: Seen, generated: Seen) -> Gaps:
    """What either has not."""
    words = {
        name: frozenset(word(each, spec.cat_unique_map[name]) for each in (MISSING, UNKNOWN))
        for name in spec.cat_features
    }
    apart: dict[str, float] = {}
    for name in spec.features:
        of = [
            one.get(name, 0.0)
            for one in (real.missing, generated.missing, real.unknown, generated.unknown)
        ]
        values = abs(of[0] + of[2] - of[1] - of[3])
        if share := (abs(of[0] - of[1]) + abs(of[2] - of[3]) + values) / 2:
            apart[name] = min(share, 1.0)
    return Gaps(words=words, apart=apart)


def word(meant: str, known: Sequence[str]) -> str:
    """`meant`, in as many brackets as it takes to be none of the known categories."""
    while meant in known:
        meant = f"({meant})"
    return meant


def numbers_of(column: pd.Series) -> pd.Series:
    """A continuous column as numbers: truth values as 0 and 1, times as days since 1970 (UTC),
    spans as days, NaN where there is none or it is not finite. Itself where it is that already.
    """
    dtype = column.dtype
    if is_datetime64_any_dtype(dtype):
        has_zone = isinstance(dtype, pd.DatetimeTZDtype)
        times = column.dt.tz_convert(None) if has_zone else column  # the first is of UTC
        return _days(times - _EPOCH)
    if is_timedelta64_dtype(dtype):
        return _days(column)
    if not is_bool_dtype(dtype) and dtype.kind in "iu" and not column.hasnans:
        return column
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    is_usable = np.abs(values) < LARGEST  # neither NaN nor infinite
    if isinstance(dtype, np.dtype) and dtype.kind == "f" and (is_usable | np.isnan(values)).all():
        return column
    return pd.Series(np.where(is_usable, values, np.nan), index=column.index, name=column.name)


def _days(spans: Any) -> pd.Series:
    """Any: pandas' own stubs do not know a series of spans."""
    return pd.Series(spans.dt.total_seconds() / _DAY)


@final
@dataclass(frozen=True, kw_only=True)
class _Found:
    texts: "pd.Series | None"
    n_missing: int
    n_unknown: int
    strange: list[str]


def _categories(column: pd.Series, name: str, spec: TableSpec) -> _Found:
    """Distinct values first: turning each of them into text is what costs."""
    known = spec.cat_unique_map[name]
    codes, uniques = pd.factorize(column)
    texts, shown = texts_of(uniques, known)
    is_known = np.array([one is not None for one in shown], dtype=bool)
    counts = np.bincount(codes + 1, minlength=len(texts) + 1)
    n_missing, n_unknown = int(counts[0]), int(counts[1:][~is_known].sum())
    strange = [text for text, one in zip(texts, shown, strict=True) if one is None]
    if not n_missing and shown == texts:
        return _Found(texts=None, n_missing=0, n_unknown=0, strange=[])
    unknown, missing = word(UNKNOWN, known), word(MISSING, known)
    words = np.array([*(one or unknown for one in shown), missing], dtype=object)
    made = pd.Series(words[codes], index=column.index, name=column.name, dtype=object)
    return _Found(texts=made, n_missing=n_missing, n_unknown=n_unknown, strange=strange)


def texts_of(values: Any, known: Sequence[str]) -> tuple[list[str], list[str | None]]:
    """Each of the distinct `values` as text, and the known category that it is; None if there is
    none. Any: an index or an array of any dtype.

    pandas makes 1.0 of 1 where a value is missing in the column, and writes a time without its
    hours where no time of the column has any: the same value is the same category.
    """
    column, of = pd.Series(values), frozenset(known)
    texts: list[str] = column.astype(str).tolist()
    shown = [
        text if text in of else next((one for one in _other_texts(value) if one in of), None)
        for text, value in zip(texts, column, strict=True)
    ]
    return texts, shown


def _other_texts(value: object) -> list[str]:
    if isinstance(value, pd.Timestamp):
        return [str(value), f"{value:%Y-%m-%d}"] if value == value.normalize() else [str(value)]
    if isinstance(value, bool) or not isinstance(value, Real):
        return []
    if isinstance(value, Integral):
        return [str(float(value))] if abs(int(value)) < 2**53 else []
    number = float(value)
    return [str(int(number))] if number.is_integer() else []
