"""Row groups into memory: through the user's function, a few thousand rows at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeGuard, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artifact_torch.contracts.io import InT
from artifact_torch.data.parquet.columns import ParquetColumns
from artifact_torch.data.parquet.files import File, unreadable
from artifact_torch.data.parquet.library import (
    Array,
    DictionaryArray,
    RecordBatch,
    Value,
    array_of,
    opened,
    positions_in,
)
from artifact_torch.data.parquet.rehearsal import Rehearsed, tensors_of
from artifact_torch.data.parquet.types import is_text, numpy_dtype, own_dtype
from artifact_torch.errors import DataError

_CHUNK_BYTES = 4 << 20
"""Rows that go through the function at once: so few that they stay in the processor's cache, so many
that what a call costs does not count."""
_BUFFER_BYTES = 1 << 16
"""Of each column in the file. Without one pyarrow reads all of a row group before its first row."""
_UNKNOWN, _NULL = -1, -2
_N_SHOWN = 5


@final
@dataclass(frozen=True, kw_only=True)
class Reader(Generic[InT]):
    """Reads row groups of `files`, which are numbered through, into tensors."""

    files: Sequence[File]
    to_batch: Callable[[ParquetColumns], InT]
    rehearsed: Rehearsed[InT]

    def empty(self, n_rows: int) -> dict[str, Tensor]:
        """Room for so many rows."""
        return {
            name: torch.empty((n_rows, *like.shape[1:]), dtype=like.dtype)
            for name, like in self.rehearsed.tensors.items()
        }

    def read(self, groups: Sequence[int], into: Mapping[str, Tensor], stopped: Event) -> None:
        """The row groups, one after the other, into the first rows; as far as `stopped` lets it.

        Raises DataError for a file that has changed or cannot be read, for nulls and unknown values
        that were not provided for, and for a function that does not do what it did before.
        """
        bytes_of = {name: _bytes(tensor) for name, tensor in into.items()}
        at = 0
        for file, own_groups in self._by_file(groups):
            for columns, n_rows in self._chunks(file, own_groups):
                if stopped.is_set():
                    return
                for name, made in self._made(columns, n_rows, file).items():
                    np.copyto(bytes_of[name][at : at + n_rows], _bytes(made))
                at += n_rows

    def _by_file(self, groups: Sequence[int]) -> Iterator[tuple[File, list[int]]]:
        """Each row group with its number in its file; neighbours in one file are opened once."""
        first, wanted = 0, sorted(groups)
        for file in self.files:
            end = first + len(file.n_rows_of)
            own = [group - first for group in wanted if first <= group < end]
            if own:
                yield file, own
            first = end

    def _chunks(self, file: File, groups: Sequence[int]) -> Iterator[tuple[ParquetColumns, int]]:
        file.require_unchanged()
        names = self.rehearsed.names
        texts = [name for name in names if is_text(file.types[name])]
        try:
            reading = opened(file.path, by_dictionary=texts, buffer_bytes=_BUFFER_BYTES)
            try:
                for batch in reading.iter_batches(
                    batch_size=self._chunk_rows(),
                    row_groups=groups,
                    columns=names,
                    use_threads=False,  # beside the training, which has the other cores
                ):
                    source = _Read(batch, file, self.rehearsed)
                    yield ParquetColumns(source), source.n_rows
            finally:
                reading.close()
        except DataError:
            raise
        except (OSError, ValueError) as error:
            raise unreadable(file.path, error) from error

    def _chunk_rows(self) -> int:
        row = sum(like[0].numel() * like.element_size() for like in self.rehearsed.tensors.values())
        return max(_CHUNK_BYTES // max(row, 1), 64)

    def _made(self, columns: ParquetColumns, n_rows: int, file: File) -> dict[str, Tensor]:
        try:
            batch = self.to_batch(columns)
        except Exception as error:
            error.add_note(f"ParquetLoader: to_batch, for {n_rows} rows of {file.path}")
            raise
        problems: list[str] = []
        made = tensors_of(batch, n_rows, problems)
        before = {name: _kind(tensor) for name, tensor in self.rehearsed.tensors.items()}
        now = {name: _kind(tensor) for name, tensor in made.items()}
        if not problems and now != before:
            problems.append(f"to_batch gave {now}, and {before} when the loader was built")
        if problems:
            raise DataError("ParquetLoader: " + "\n".join(problems))
        return made


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype} {['rows', *tensor.shape[1:]]}"


def _bytes(tensor: Tensor) -> NDArray[np.generic]:
    """The same memory, row by row: numpy copies in one thread, and lets others run meanwhile."""
    plain: NDArray[np.generic] = (
        tensor.contiguous().view(tensor.shape[0], -1).view(torch.uint8).numpy()
    )
    return plain


@final
class _Read:
    """The columns of rows that were read."""

    def __init__(self, batch: RecordBatch, file: File, rehearsed: Rehearsed[InT]) -> None:
        self._batch = batch
        self._file = file
        self._asked = frozenset(rehearsed.names)
        self.names = rehearsed.all_names
        self.n_rows = batch.num_rows

    def numbers(
        self, names: Sequence[str], dtype: torch.dtype | None, fill: float | bool | None, /
    ) -> Tensor:
        arrays = [self._array(name) for name in names]
        result = dtype or own_dtype(str(arrays[0].type)) or torch.float32
        values = np.empty((self.n_rows, len(names)), dtype=numpy_dtype(result))
        for number, (name, array) in enumerate(zip(names, arrays, strict=True)):
            if not array.null_count:
                values[:, number] = array.to_numpy(zero_copy_only=False)
                continue
            if fill is None:
                raise self._error(f"{array.null_count:,} nulls in {name}", "fill=")
            at = _nulls(array)
            zero = False if str(array.type) == "bool" else 0
            values[:, number] = array.fill_null(zero).to_numpy(zero_copy_only=False)
            values[at, number] = fill
        return torch.as_tensor(values).to(result)

    def codes(
        self, name: str, vocabulary: Sequence[Value], unknown: int | None, null: int | None, /
    ) -> Tensor:
        array = self._array(name)
        codes = _positions(array, vocabulary)
        for mark, code in ((_NULL, null), (_UNKNOWN, unknown)):
            at = codes == mark
            if not at.any():
                continue
            if code is not None:
                codes[at] = code
            elif mark == _NULL:
                raise self._error(f"{at.sum():,} nulls in {name}", "null=")
            else:
                raise self._error(
                    f"{at.sum():,} values of {name} that are not in its vocabulary, such as "
                    f"{_unknown(array, at)}",
                    "unknown=",
                )
        return torch.as_tensor(codes)

    def _array(self, name: str) -> Array:
        if name not in self._asked:
            raise DataError(
                f"ParquetLoader: to_batch asked for {name!r}, which it did not when the loader was "
                "built; ask for the same columns each time"
            )
        return self._batch.column(name)

    def _error(self, what: str, remedy: str) -> DataError:
        return DataError(
            f"ParquetLoader: {what}, in {self.n_rows:,} rows of {self._file.path}; say what stands "
            f"for them with {remedy}, or leave these rows out of the files"
        )


def _nulls(array: Array) -> NDArray[np.bool_]:
    return array.is_null().to_numpy(zero_copy_only=False).astype(np.bool_)


def _positions(array: Array, vocabulary: Sequence[Value]) -> NDArray[np.int64]:
    """Of each value in `vocabulary`, `_UNKNOWN` or `_NULL`."""
    if not _has_dictionary(array):
        found = positions_in(array, array_of(vocabulary, array.type))
        found[_nulls(array)] = _NULL
        return found
    entries = array.dictionary
    found = np.append(positions_in(entries, array_of(vocabulary, entries.type)), _NULL)
    numbers = array.indices.fill_null(len(found) - 1).to_numpy(zero_copy_only=False)
    return found[numbers.astype(np.int64)]


def _has_dictionary(array: Array) -> TypeGuard[DictionaryArray]:
    return hasattr(array, "dictionary")


def _unknown(array: Array, at: NDArray[np.bool_]) -> str:
    values = array.to_pylist()
    positions: list[int] = np.flatnonzero(at)[:1000].tolist()
    distinct = dict.fromkeys(repr(values[position]) for position in positions)
    return ", ".join([*distinct][:_N_SHOWN])
