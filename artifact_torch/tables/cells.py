"""What the cells of a column are, whatever the dtype they are stored in; its missing values."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard, final, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.types import infer_dtype

from artifact_torch.internal.arguments import is_array

Cells: TypeAlias = Literal[
    "integer", "float", "boolean", "text", "datetime", "date", "categorical", "empty"
]

CELLS: tuple[Cells, ...] = get_args(Cells)
Dtype: TypeAlias = np.dtype[np.generic] | ExtensionDtype

_OF_NUMPY: dict[str, Cells] = {
    "i": "integer",
    "u": "integer",
    "f": "float",
    "b": "boolean",
    "M": "datetime",
}
_OF_PANDAS: tuple[tuple[type, Cells], ...] = (
    (pd.CategoricalDtype, "categorical"),
    (pd.StringDtype, "text"),
    (pd.DatetimeTZDtype, "datetime"),
)
_OF_OBJECTS: dict[str, Cells] = {
    "string": "text",
    "integer": "integer",
    "floating": "float",
    "boolean": "boolean",
    "date": "date",
    "empty": "empty",
}
_REMEDIES = {
    "order of bytes": "give it the machine's: .astype(column.dtype.newbyteorder('='))",
    "c": "take its real and imaginary part as two columns",
    "m": "take it as a number: .dt.total_seconds()",
    "period": "take its beginning: .dt.to_timestamp()",
    "interval": "take both ends as numbers, or make it a category: .astype('category')",
    "Sparse": "store it densely: .sparse.to_dense()",
    "timestamp": "make it pandas' own: .astype('datetime64[ns]'), with a zone 'datetime64[ns, ZONE]'",
    "date": "make it pandas' own: .astype('datetime64[s]')",
    "duration": "take it as a number: .dt.total_seconds()",
    "dictionary": "make it pandas' own: .astype(object).astype('category')",
    "halffloat": "store it wider: .astype('float32')",
    "null": "it has no values: .astype(object)",
    "time": "make texts of it: .astype(str)",
    "binary": "make texts of it: .astype(object).str.decode('utf-8')",
    "bytes": "make texts of it: .str.decode('utf-8')",
    "decimal": "make numbers of it: .astype(float)",
    "datetime": "give it one dtype: pd.to_datetime(...)",
    "datetime64": "give it one dtype: pd.to_datetime(...)",
}


@final
@dataclass(frozen=True, kw_only=True)
class Unfit:
    """A column that is not taken: why, and what to do."""

    why: str


def cells_of(column: pd.Series) -> Cells | Unfit:
    """What the cells of `column` are."""
    dtype = column.dtype
    for own, cells in _OF_PANDAS:
        if isinstance(dtype, own):
            return cells
    if dtype == np.dtype(object):
        return _of_objects(column)
    if isinstance(dtype, np.dtype):
        if not dtype.isnative:
            return _unfit(f"has dtype {dtype}", "order of bytes")
        fits = dtype.kind in _OF_NUMPY and dtype.itemsize <= 8
        return _OF_NUMPY[dtype.kind] if fits else _unfit(f"has dtype {dtype}", dtype.kind)
    words = str(dtype)
    arrow_text = words in {"string[pyarrow]", "large_string[pyarrow]"}
    if arrow_text or (dtype.kind in "iufb" and not words.startswith(("Sparse", "halffloat"))):
        return "text" if arrow_text else _OF_NUMPY[dtype.kind]
    named = re.match("[A-Za-z]*", words)  # decimal128(3, 2)[pyarrow], dictionary<values=...
    return _unfit(f"has dtype {dtype}", named[0] if named else "")


def missing_places(column: pd.Series, missing: NDArray[np.bool_]) -> list[int]:
    """Where the first of each kind of missing value is (None, NaN, pd.NA, NaT), in this order.

    Only a column of objects tells them apart; any other has one kind.
    """
    if not missing.any():
        return []
    if column.dtype != np.dtype(object):
        return [int(missing.argmax())]
    where: list[int] = np.flatnonzero(missing).tolist()
    values = _objects(column, missing)
    return sorted(dict(zip(map(type, reversed(values)), reversed(where), strict=True)).values())


def missing_kinds(column: pd.Series, missing: NDArray[np.bool_]) -> tuple[object, ...]:
    """One of each kind of missing value, in the order of their first appearance."""
    values: list[object] = [column.iloc[place] for place in missing_places(column, missing)]
    return tuple(values)


def is_objects(values: object) -> TypeGuard[NDArray[np.object_]]:
    """Whether `values` is an array of objects, each of which can be any missing value."""
    return is_array(values) and values.dtype == np.dtype(object)


def put(values: NDArray[np.object_], where: NDArray[np.bool_], value: object) -> None:
    """The same object in all those places."""
    values[where] = np.array([value], dtype=object)


def of_dtype(values: NDArray[np.generic] | ExtensionArray, dtype: Dtype) -> ExtensionArray:
    """`values` as one of pandas' own dtypes."""
    made: ExtensionArray = pd.Series(values, copy=False).astype(dtype).array
    return made


def missing_codes(
    column: pd.Series, missing: NDArray[np.bool_], kinds: tuple[object, ...]
) -> NDArray[np.int64]:
    """Which of `kinds` each missing value is, `[missing]`; the first, where it is none of them."""
    if len(kinds) < 2 or column.dtype != np.dtype(object):
        return np.zeros(int(missing.sum()), np.int64)
    place = {type(value): code for code, value in enumerate(kinds)}
    return np.array([place.get(type(value), 0) for value in _objects(column, missing)], np.int64)


def is_missing(column: pd.Series) -> NDArray[np.bool_]:
    """Of each cell."""
    return np.asarray(column.isna(), dtype=np.bool_)


def _objects(column: pd.Series, where: NDArray[np.bool_]) -> list[object]:
    found: list[object] = column.to_numpy()[where].tolist()
    return found


def _of_objects(column: pd.Series) -> Cells | Unfit:
    found = infer_dtype(column, skipna=True)
    if found not in _OF_OBJECTS or found == "date":
        present = column[column.notna()]  # floats and None are "mixed", NaT and None "datetime"
        found = infer_dtype(present, skipna=False)
        types = Counter(map(type, present.tolist()))
        if found.startswith("mixed") or (found == "date" and len(types) > 1):
            return _mixed(types)
    if found in _OF_OBJECTS:
        return _OF_OBJECTS[found]
    return _unfit(f"holds {found} values as objects", found)


def _mixed(types: Counter[type[object]]) -> Unfit:
    told = ", ".join(f"{each.__name__} ({count:,})" for each, count in types.most_common())
    nested = any(issubclass(each, list | dict | set | tuple | np.ndarray) for each in types)
    advice = (
        "give each item a column of its own, or make texts of them: .map(str)"
        if nested
        else "give it one type: .astype(str), or pd.to_numeric(..., errors='coerce')"
    )
    return Unfit(why=f"holds objects of {told}; {advice}")


def _unfit(what: str, key: str) -> Unfit:
    return Unfit(
        why=f"{what}, which is not taken; {_REMEDIES.get(key, 'convert it')}, or leave it out"
    )
