"""What is used of pyarrow, which declares no types: its objects as protocols, its functions typed.

No stub package: one for `pyarrow` in our wheel would overwrite the one that others publish.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from artifact_torch.internal.extras import from_extra

Value: TypeAlias = str | int | float | bool | None


class Field(Protocol):
    """A column in a schema."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> object:
        """Its `str` is the type's name: `float`, `int64`, `dictionary<values=string, ...>`."""
        ...


class Array(Protocol):
    """The values of one column in one batch."""

    @property
    def type(self) -> object: ...

    @property
    def null_count(self) -> int: ...

    def fill_null(self, value: Value, /) -> "Array": ...

    def is_null(self) -> "Array": ...

    def to_numpy(self, *, zero_copy_only: bool) -> NDArray[np.generic]: ...

    def to_pylist(self) -> list[Value]: ...


class DictionaryArray(Array, Protocol):
    """Values as numbers of the entries of a dictionary."""

    @property
    def dictionary(self) -> Array: ...

    @property
    def indices(self) -> Array: ...


class RecordBatch(Protocol):
    """Some rows."""

    @property
    def num_rows(self) -> int: ...

    def column(self, name: str, /) -> Array: ...


class Statistics(Protocol):
    """What the writer counted in one column of one row group."""

    @property
    def has_null_count(self) -> bool: ...

    @property
    def null_count(self) -> int: ...


class ColumnChunk(Protocol):
    """One column of one row group."""

    @property
    def path_in_schema(self) -> str: ...

    @property
    def statistics(self) -> Statistics | None: ...


class RowGroup(Protocol):
    """The least that is read of a file."""

    @property
    def num_rows(self) -> int: ...

    @property
    def num_columns(self) -> int: ...

    def column(self, index: int, /) -> ColumnChunk: ...


class FileMetaData(Protocol):
    """A file's footer."""

    @property
    def num_row_groups(self) -> int: ...

    def row_group(self, index: int, /) -> RowGroup: ...


class ParquetFile(Protocol):
    """A file that is open."""

    @property
    def metadata(self) -> FileMetaData: ...

    @property
    def schema_arrow(self) -> Sequence[Field]: ...

    def iter_batches(
        self,
        *,
        batch_size: int,
        row_groups: Sequence[int],
        columns: Sequence[str],
        use_threads: bool,
    ) -> Iterator[RecordBatch]: ...

    def close(self) -> None: ...


def opened(path: Path, *, by_dictionary: Sequence[str] = (), buffer_bytes: int = 0) -> ParquetFile:
    """The file, with the text columns `by_dictionary` to be read as numbers of distinct texts.

    `buffer_bytes` of each column are read at a time, instead of a whole row group of it. Raises
    MissingExtraError without the extra, and what pyarrow raises for a file that it cannot read.
    """
    with from_extra("parquet", "ParquetLoader"):
        parquet: Any = import_module("pyarrow.parquet")  # Any: it has no types
    file: ParquetFile = parquet.ParquetFile(
        path, read_dictionary=list(by_dictionary), buffer_size=buffer_bytes
    )
    return file


def array_of(values: Sequence[Value], kind: object = None) -> Array:
    """`values` as an array of the type `kind`. Raises ValueError or TypeError where they do not fit."""
    pyarrow: Any = import_module("pyarrow")  # Any: as above
    array: Array = pyarrow.array(values, type=kind)
    return array


def positions_in(values: Array, among: Array) -> NDArray[np.int64]:
    """Where each of `values` stands in `among`; -1 for one that does not, and for a null."""
    compute: Any = import_module("pyarrow.compute")  # Any: as above
    found: Array = compute.index_in(values, value_set=among)
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
