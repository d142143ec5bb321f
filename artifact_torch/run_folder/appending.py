"""A file of lines that only grows, on a disk that may be away."""

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.internal.disk import sync, write_bytes
from artifact_torch.run_folder.files import NewFile
from artifact_torch.run_folder.unwritten import Unwritten

_log = logging.getLogger("artifact_torch")

MAX_LINES = 10_000
"""Kept in memory while the disk is away; then the oldest are lost."""

MAX_BYTES = 1 << 28
"""As above, of the lines and their files."""

_AT_ONCE = 1 << 20  # bytes of a backlog in one write, so that no moment waits long for it
_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows, where lines would get another end
_FLAGS = os.O_RDWR | os.O_APPEND | _BINARY


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """A line with its end, and the files that it names."""

    line: bytes
    files: tuple[NewFile, ...] = ()
    is_event: bool = False
    """Never lost while it is in memory."""

    @property
    def size(self) -> int:
        return len(self.line) + sum(len(file.content) for file in self.files)


@final
class Appended:
    """Lines at the end of a file; those that cannot be written wait in memory, in their order.

    The file is opened for each write: a folder that was deleted, a disk that is full or a process
    without free descriptors is noticed there. Where a write was torn, a line end comes before the
    next one; what is before it is read as damaged. Nothing is ever cut off, so that whoever reads
    along is never beyond the end.
    """

    def __init__(self, folder: Path, name: str, *, strict: bool) -> None:
        self._folder = folder
        self._path = folder / name
        self._name = str(self._path)
        self._strict = strict
        self._in_the_way: dict[str, Unwritten] = {}
        self._kept: list[Piece] = []
        self._bytes_kept = 0
        self._unwritten = Unwritten(self._path, strict=strict)
        self._may_be_torn = True  # by an earlier process
        self._is_there = False
        self.n_lost: int = 0
        self.n_made_again: int = 0
        """How often the file was deleted since it was there."""

    @property
    def n_kept(self) -> int:
        return len(self._kept)

    def write(self, pieces: Sequence[Piece], /) -> bool:
        """Append `pieces`, after what waits; whether nothing waits any more. With `strict`, raises
        `RunFolderError`.
        """
        self._kept.extend(pieces)
        self._bytes_kept += sum(piece.size for piece in pieces)
        n_waiting = len(self._kept)
        n_at_once = 1 if self._unwritten.is_on else n_waiting  # one shows whether it works again
        try:
            while self._kept:
                self._append(self._next(n_at_once))
                n_at_once = n_waiting
        except OSError as error:
            self._lose_oldest()
            self._unwritten.began(error, "what it gets is kept in memory and written later")
            return False
        if self._unwritten.is_on:
            lost = f", {self.n_lost} are lost" if self.n_lost else ", none is lost"
            self._unwritten.ended(f"{n_waiting} lines that waited are written{lost}")
        return True

    def write_lines(self, lines: Sequence[bytes], /) -> bool:
        """As `write`, of lines without files; where all is well in three calls of the system."""
        n_whole = 0
        if not (self._kept or self._may_be_torn or self._unwritten.is_on):
            try:
                n_whole = self._append_lines(lines)
            except OSError:  # which `write` meets too
                n_whole = 0
        return n_whole == len(lines) or self.write([Piece(line) for line in lines[n_whole:]])

    def _append_lines(self, lines: Sequence[bytes]) -> int:
        """How many are written whole. Raises `OSError`."""
        block = b"".join(lines)
        file = os.open(self._name, _FLAGS)
        self._may_be_torn = True
        try:
            n_written = os.write(file, block)
        finally:
            os.close(file)
        if n_written < len(block):
            return block.count(b"\n", 0, n_written)
        self._may_be_torn = False
        return len(lines)

    def sync(self) -> None:
        """What was written is on the disk, also if the power fails."""
        with contextlib.suppress(OSError):  # it was told where it could not be written
            sync(self._path)

    def _next(self, n_most: int) -> list[Piece]:
        """The first pieces that wait, whose files are there now. Raises `OSError`."""
        size = 0
        for n, piece in enumerate(self._kept[:n_most]):
            for file in piece.files:
                self._write_file(file)
            if piece.files:  # they need not be written again where the line cannot be
                self._bytes_kept -= piece.size - len(piece.line)
                self._kept[n] = Piece(piece.line)
            size += len(piece.line)
            if size > _AT_ONCE:
                return self._kept[: n + 1]
        return self._kept[:n_most]

    def _write_file(self, file: NewFile) -> None:
        """Something else in its place is told, and keeps no line back. Raises `OSError`."""
        try:
            write_bytes(self._folder / file.name, file.content)
        except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
            top = file.name.partition("/")[0]
            told = Unwritten(self._folder / top, strict=self._strict)
            self._in_the_way.setdefault(top, told).began(error, "what belongs there is left out")

    def _append(self, pieces: Sequence[Piece]) -> None:
        """Write `pieces`, the first that wait: they wait no more as far as they were written.
        Raises `OSError`.
        """
        block = b"".join([piece.line for piece in pieces])
        file = self._opened()
        n_written = n_extra = 0
        try:
            if self._may_be_torn and _is_torn(file):
                block, n_extra = b"\n" + block, 1
            self._may_be_torn = True
            while n_written < len(
                block
            ):  # less than all is written where the disk fills: once more
                n_written += os.write(file, block[n_written:] if n_written else block)
            self._may_be_torn = False
        finally:
            os.close(file)
            n_lines = max(0, block.count(b"\n", 0, n_written) - n_extra)
            self._bytes_kept -= sum(len(piece.line) for piece in self._kept[:n_lines])
            del self._kept[:n_lines]

    def _opened(self) -> int:
        try:
            file = os.open(self._path, _FLAGS)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, _FLAGS | os.O_CREAT, 0o666)
            if self._is_there:
                self.n_made_again += 1
                told = "%s: was deleted during the run; it is made again, what it held is gone"
                _log.warning(told, self._path)
        self._is_there = True
        return file

    def _lose_oldest(self) -> None:
        """Keep within the bounds. Begins and ends are few, and stay."""
        at = 0
        while len(self._kept) > MAX_LINES or self._bytes_kept > MAX_BYTES:
            while at < len(self._kept) and self._kept[at].is_event:
                at += 1
            if at == len(self._kept):
                return
            self._bytes_kept -= self._kept.pop(at).size
            self.n_lost += 1
            if self.n_lost == 1:
                told = "%s: %d lines wait for the disk; the oldest are lost from now on"
                _log.warning(told, self._path, len(self._kept))


def _is_torn(file: int) -> bool:
    """Whether it ends within a line."""
    size = os.lseek(file, 0, os.SEEK_END)
    if size == 0:
        return False
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) != b"\n"
