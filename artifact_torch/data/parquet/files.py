"""The files of a table: where they are, what their footers say, whether they have changed since."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, final

from artifact_torch.data.parquet.library import ParquetFile, opened
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_path, is_sequence

Paths: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

_SMALLER = (
    "for batch in pyarrow.parquet.ParquetFile(path).iter_batches({:_}): writer.write_batch(batch)"
)


@final
@dataclass(frozen=True, kw_only=True)
class File:
    """One file as it was when the loader was built."""

    path: Path
    n_bytes: int
    modified: int
    """Nanoseconds, as the file system says."""
    footer: bytes
    """A digest of where everything lies in it, and of the counts and bounds of its columns."""
    n_rows_of: tuple[int, ...]
    """Of each row group."""
    types: Mapping[str, str]
    """Of each column, in pyarrow's words."""
    n_nulls_of: Mapping[str, int | None]
    """In each column; None where the writer did not count."""

    def only(self, names: Sequence[str]) -> "File":
        """Without what is known of other columns: of many wide files it is much."""
        return replace(self, types={name: self.types[name] for name in names}, n_nulls_of={})

    def require_unchanged(self) -> None:
        """Raises DataError for a file that is another than when the loader was built."""
        try:
            now = self.path.stat()
        except OSError as error:
            raise DataError(
                f"ParquetLoader: {self.path} cannot be read any more: {error}"
            ) from error
        if (now.st_size, now.st_mtime_ns) != (self.n_bytes, self.modified):
            raise DataError(
                f"ParquetLoader: {self.path} has changed since the loader was built (it had "
                f"{self.n_bytes:,} bytes, now {now.st_size:,}); its rows would come twice or not "
                "at all. Write to another folder and build the loader anew"
            )


def table_files(paths: Paths) -> list[File]:
    """What `paths` names: files, or folders with `*.parquet` in them, at any depth, by name.

    Raises ConfigurationError for paths without a file, DataError for files that cannot be read.
    """
    found = [file for each in _listed(paths) for file in _files_in(each)]
    twice = sorted({str(path) for path in found if found.count(path) > 1})
    if twice:
        raise ConfigurationError(f"ParquetLoader: paths name the same file twice: {twice}")
    return [_file(path) for path in found]


def _listed(paths: object) -> list[Path]:
    given = [paths] if is_path(paths) else paths
    listed = [Path(each) for each in given if is_path(each)] if is_sequence(given) else []
    if not is_sequence(given) or not given or len(listed) < len(given):
        got = "an empty list" if given == [] else shown(paths)
        raise ConfigurationError(
            f"ParquetLoader: paths must be a file, a folder or a list of them, got {got}"
        )
    return listed


def _files_in(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        advice = (
            "list what it stands for: sorted(Path(folder).glob(...))" if "*" in path.name else ""
        )
        raise ConfigurationError(
            f"ParquetLoader: there is no file or folder {path}; {advice or 'check the path'}"
        )
    # what begins so are marks of other programs: _SUCCESS, _metadata, .crc
    found = [
        file
        for file in sorted(path.rglob("*.parquet"))
        if not any(part.startswith(("_", ".")) for part in file.relative_to(path).parts)
    ]
    if not found:
        raise ConfigurationError(f"ParquetLoader: no *.parquet file lies in {path}")
    return found


def _file(path: Path) -> File:
    try:
        status = path.stat()
        file = opened(path)
    except (OSError, ValueError) as error:  # pyarrow's ArrowInvalid is the second
        raise unreadable(path, error) from error
    try:
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        names = [field.name for field in file.schema_arrow]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DataError(
                f"ParquetLoader: {path} has two columns with one name: {', '.join(twice)}; rename one"
            )
        return File(
            path=path,
            n_bytes=status.st_size,
            modified=status.st_mtime_ns,
            footer=_footer(path, status.st_size),
            n_rows_of=tuple(group.num_rows for group in groups),
            types={field.name: str(field.type) for field in file.schema_arrow},
            n_nulls_of=_nulls(file),
        )
    finally:
        file.close()


def unreadable(path: Path, error: Exception) -> DataError:
    """For what pyarrow raises."""
    return DataError(
        f"ParquetLoader: {path} cannot be read: {error}; write it again, or take it out of paths"
    )


def _footer(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(max(n_bytes - 8 - length, 0))
        return hashlib.blake2b(file.read(length), digest_size=16).digest()


def _nulls(file: ParquetFile) -> dict[str, int | None]:
    counts: dict[str, int | None] = {}
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        for index in range(group.num_columns):
            chunk = group.column(index)
            told = chunk.statistics
            before = counts.get(chunk.path_in_schema, 0)
            known = told is not None and told.has_null_count and before is not None
            counts[chunk.path_in_schema] = (
                before + told.null_count if known and told and before is not None else None
            )
    return counts


def refuse_streams(files: Sequence[File], buffer_rows: int, streams: int) -> None:
    """Raises ConfigurationError for more streams than row groups, and for row groups that the buffer
    of a stream has no room for.
    """
    found = [
        (n_rows, number, file.path)
        for file in files
        for number, n_rows in enumerate(file.n_rows_of)
        if n_rows
    ]
    if streams > max(len(found), 1):
        most = sum(n_rows for n_rows, *_ in found) // streams
        raise ConfigurationError(
            f"ParquetLoader: streams={streams} is more than the {len(found)} row groups of the files, "
            f"and each stream needs one of its own; use streams={max(len(found), 1)} or fewer, or write "
            f"smaller ones: {_smaller(most)}"
        )
    large = [each for each in found if each[0] > buffer_rows // streams]
    if not large:
        return
    most, number, path = max(large)
    each_has = f", for each of streams={streams} {buffer_rows // streams:,}," if streams > 1 else ""
    raise ConfigurationError(
        f"ParquetLoader: buffer_rows={buffer_rows:,}{each_has} is less than row group {number} of "
        f"{path} has, {most:,} rows (so have {len(large)} row groups in all), and a row group is read "
        f"as a whole; use buffer_rows={most * streams} if that fits into memory twice, or write smaller "
        f"ones: {_smaller(buffer_rows // streams)}"
    )


def _smaller(most: int) -> str:
    """How row groups of no more than `most` rows are written."""
    return _SMALLER.format(max(min(most, 100_000), 1))


def fingerprint(files: Sequence[File]) -> str:
    """The same for the same rows in the same order, wherever the files lie."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(file.footer + file.n_bytes.to_bytes(8, "little"))
    return digest.hexdigest()
