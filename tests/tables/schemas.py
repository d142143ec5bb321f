"""Random tables of every kind of column, and what a generated table may not be beside them."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import pandas_dtype

from artifact_torch.tables import ColumnSpecs, infer_spec

_MISSING: tuple[object, ...] = (None, float("nan"), pd.NA, pd.NaT)
_WORDS = ["", "a", "B", "00123", "é", "None", "NA", "x y", "$_^{", "日本"]


def random_table(rng: np.random.Generator, n_rows: int, n_columns: int) -> pd.DataFrame:
    """Names of any character, an index of its own, dtypes that differ."""
    makers: list[int] = rng.choice(len(MAKERS), n_columns).tolist()
    columns = [MAKERS[maker](rng, n_rows) for maker in makers]
    table = pd.concat([column.reset_index(drop=True) for column in columns], axis=1)
    table.columns = pd.Index([_name(rng, place) for place in range(n_columns)], dtype=object)
    table.index = pd.Index(rng.integers(0, 5, n_rows))
    return table


def kinds_of(table: pd.DataFrame) -> ColumnSpecs:
    """As inferred; what names rows is made new where it can be, else taken as it is."""
    specs = infer_spec(table)
    return specs.with_kinds({each.name: "fresh" for each in specs if each.kind == "identifier"})


def violations(made: pd.DataFrame, table: pd.DataFrame, specs: ColumnSpecs) -> Iterator[str]:
    """What of `made` `table` has not: dtypes, ranges, categories, missing values, whole numbers."""
    if list(made.columns) != list(table.columns):
        yield f"columns {list(made.columns)}"
    if not isinstance(made.index, pd.RangeIndex):
        yield f"index {made.index}"
    for name in table.columns:
        fresh = specs[name].kind == "fresh"
        for what in _column_violations(made[name], table[name], is_fresh=fresh):
            yield f"column {name!r}, {specs[name].kind}, {table[name].dtype}: {what}"


def of_dtype(series: pd.Series, dtype: str) -> pd.Series:
    """pandas' own stubs know dtypes written in full alone."""
    return series.astype(pandas_dtype(dtype))


def missing_kinds(column: pd.Series) -> list[str]:
    """The type of each missing value, the empty text for one that is there."""
    missing = column.isna().to_list()
    return [
        type(value).__name__ if gone else ""
        for value, gone in zip(column.to_list(), missing, strict=True)
    ]


def _column_violations(made: pd.Series, real: pd.Series, *, is_fresh: bool) -> Iterator[str]:
    if made.dtype != real.dtype:
        yield f"dtype {made.dtype}"
        return
    if not {*missing_kinds(made)} <= {*missing_kinds(real), ""}:
        yield f"missing values {set(missing_kinds(made))}"
    drawn, known = made[made.notna()], real[real.notna()]
    if drawn.empty:
        return
    if not {*map(type, drawn.to_list())} <= {*map(type, known.to_list())}:
        yield "values of other types"
    if is_fresh:
        if not drawn.is_unique or {*drawn.to_list()} & {*known.to_list()}:
            yield "values that are known or repeated"
    elif _is_of_categories(known):
        if not {*drawn.to_list()} <= {*known.to_list()}:
            yield "categories"
    elif not min(known) <= min(drawn) <= max(drawn) <= max(known):
        yield f"range {min(drawn)} to {max(drawn)}, not {min(known)} to {max(known)}"
    yield from _steps(drawn, known)


def _is_of_categories(known: pd.Series) -> bool:
    is_categorical = isinstance(known.dtype, pd.CategoricalDtype)
    return is_categorical or isinstance(known.iloc[0], str | bool | np.bool_)


def _steps(drawn: pd.Series, known: pd.Series) -> Iterator[str]:
    """Whole numbers stay whole, and dates without a time stay so."""
    if known.dtype.kind == "f":
        for decimals in (0, 2):
            if (known.astype(float).round(decimals).astype(known.dtype) == known).all():
                if not (drawn.astype(float).round(decimals).astype(known.dtype) == drawn).all():
                    yield f"more than {decimals} decimals"
                return
    if known.dtype.kind == "M" and _are_dates(known) and not _are_dates(drawn):
        yield "times in dates"


def _are_dates(times: pd.Series) -> bool:
    """Whether each is the first moment of its day, which a zone can have skipped the midnight of."""
    midnight = times.dt.tz_localize(None).dt.normalize()
    twice = np.ones(len(times), np.bool_)
    zoned = midnight.dt.tz_localize(times.dt.tz, ambiguous=twice, nonexistent="shift_forward")
    return bool((zoned == times).all())


def _name(rng: np.random.Generator, place: int) -> Hashable:
    word = _WORDS[int(rng.integers(len(_WORDS)))]
    return place if rng.random() < 0.2 else f"{word}{place}"


def _gone(rng: np.random.Generator, n: int) -> NDArray[np.bool_]:
    share = float(rng.choice([0.0, 0.05, 0.5, 1.0], p=[0.4, 0.3, 0.25, 0.05]))
    return np.asarray(rng.random(n) < share, dtype=np.bool_)


def _whole(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    top = int(rng.choice([1, 3, 40, 10_000, 2**53 + 5, 2**62]))
    return rng.integers(-top if rng.random() < 0.5 else 0, top, n, endpoint=True)


def _real(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    kind = rng.integers(6)
    values = [
        rng.normal(size=n),
        rng.lognormal(8, 2, n).round(2),
        np.where(rng.random(n) < 0.4, 0.0, rng.exponential(size=n)),
        rng.integers(-5, 5, n).astype(np.float64),
        rng.normal(size=n) * 10.0 ** rng.integers(-300, 300),
        np.full(n, rng.normal()),
    ]
    return np.asarray(values[int(kind)], dtype=np.float64)


def _numpy_integers(rng: np.random.Generator, n: int) -> pd.Series:
    dtype = rng.choice(["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
    return pd.Series(_whole(rng, n).astype(str(dtype)))


def _masked_integers(rng: np.random.Generator, n: int) -> pd.Series:
    dtype = str(rng.choice(["Int8", "Int64", "UInt8", "UInt64", "int64[pyarrow]", "int8[pyarrow]"]))
    values = of_dtype(pd.Series(_whole(rng, n).astype(dtype.partition("[")[0].lower())), dtype)
    return values.mask(_gone(rng, n))


def _floats(rng: np.random.Generator, n: int) -> pd.Series:
    dtype = str(rng.choice(["float32", "float64", "Float32", "Float64", "double[pyarrow]"]))
    values = _real(rng, n)
    if "32" in dtype:
        values = np.clip(values, -1e30, 1e30)
    series = of_dtype(pd.Series(values), "float32" if "32" in dtype else "float64")
    return (
        of_dtype(series.mask(_gone(rng, n)), dtype)
        if dtype[0] == "f"
        else _masked(rng, series, dtype)
    )


def _masked(rng: np.random.Generator, series: pd.Series, dtype: str) -> pd.Series:
    return of_dtype(series, dtype).mask(_gone(rng, len(series)))


def _booleans(rng: np.random.Generator, n: int) -> pd.Series:
    series = pd.Series(rng.random(n) < 0.3)
    dtype = str(rng.choice(["bool", "boolean", "bool[pyarrow]"]))
    return series if dtype == "bool" else _masked(rng, series, dtype)


def _texts(rng: np.random.Generator, n: int) -> pd.Series:
    dtype = str(rng.choice(["string", "string[pyarrow]", "category"]))
    words = pd.Series(rng.choice(_WORDS[: int(rng.integers(1, 10))], n))
    return _masked(rng, words, dtype)


def _categories(rng: np.random.Generator, n: int) -> pd.Series:
    codes = rng.integers(-1, 3, n)
    categories = (
        pd.Index([1, 2, 3, 9]) if rng.random() < 0.5 else pd.Index(["lo", "mid", "hi", "x"])
    )
    return pd.Series(
        pd.Categorical.from_codes(
            codes.tolist(), categories=categories, ordered=bool(rng.random() < 0.5)
        )
    )


def _objects(rng: np.random.Generator, n: int) -> pd.Series:
    kind = int(rng.integers(4))
    day = dt.date(2020, 2, 28)
    values: list[object] = [
        (
            _WORDS[int(each) % len(_WORDS)],
            bool(each % 2),
            int(each),
            day + dt.timedelta(days=int(each)),
        )[kind]
        for each in rng.integers(0, 100, n)
    ]
    gone = _gone(rng, n)
    few = rng.integers(1, 5)
    for place in np.flatnonzero(gone):
        values[place] = _MISSING[int(rng.integers(few))]
    return pd.Series(values, dtype=object)


def _times(rng: np.random.Generator, n: int) -> pd.Series:
    unit = str(rng.choice(["s", "ms", "us", "ns"]))
    step = int(rng.choice([86_400, 3600, 1]))
    seconds = rng.integers(0, 10**9, n) // step * step
    index = pd.DatetimeIndex(seconds.astype("M8[s]").astype(f"M8[{unit}]"))
    if step == 1 and unit == "ns":
        index += pd.to_timedelta(rng.integers(0, 10**9, n), unit="ns")
    if rng.random() < 0.6:
        zone = str(rng.choice(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata"]))
        twice = np.ones(n, np.bool_)
        index = index.tz_localize(zone, ambiguous=twice, nonexistent="shift_forward")
    return pd.Series(index).mask(_gone(rng, n))


def _identifiers(rng: np.random.Generator, n: int) -> pd.Series:
    kind = int(rng.integers(4))
    if kind == 0:
        return pd.Series(np.arange(1, n + 1))
    bits = rng.choice(2**40, n, replace=False) if n < 1000 else rng.integers(0, 2**62, n)
    texts = pd.Series([f"{each:016x}-{'A' * (each % 3 if kind == 2 else 1)}" for each in bits])
    return texts.mask(_gone(rng, n)) if kind < 3 else _masked(rng, texts, "string")


MAKERS: tuple[Callable[[np.random.Generator, int], pd.Series], ...] = (
    _numpy_integers,
    _masked_integers,
    _floats,
    _booleans,
    _texts,
    _categories,
    _objects,
    _times,
    _identifiers,
)
