"""The ledger of a run: for each update 16 bytes of its batch, loss, gradients and parameters.

Two ledgers show at which update two runs part, and in what. Reading one loads no torch.
"""

import logging
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from artifact_torch.internal.disk import sync
from artifact_torch.run_folder.unwritten import Unwritten

_log = logging.getLogger("artifact_torch")

LEDGER: Final = "ledger.bin"
"""The name of the file in a run folder."""

What: TypeAlias = Literal["data", "loss", "gradient", "parameters"]
WHATS: Final[Sequence[What]] = ("data", "loss", "gradient", "parameters")
"""In the order in which an update makes them: what differs first made the rest differ."""

_RECORD: Final = struct.Struct("<Ic3xQ64s")  # checksum of what follows, kind, step, content
_LAYOUT: Final = np.dtype(
    [
        ("crc", "<u4"),
        ("kind", "S1"),
        ("pad", "V3"),
        ("step", "<u8"),
        *((what, "<u8", (2,)) for what in WHATS),
    ]
)
_BEGIN, _START, _UPDATE = b"B", b"S", b"U"
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # Windows
_MOST_KEPT: Final = 1 << 24  # bytes in memory while the disk is away
_AT_ONCE: Final = 1 << 26  # bytes of a reader


@final
class LedgerFile:
    """Appends to the ledger in `folder`; what cannot be written is told once and written later.

    Nothing is ever cut off. A record is 80 bytes with a checksum, so that one that was torn is
    known; the next beginning fills it up.
    """

    def __init__(self, folder: Path, *, strict: bool = False) -> None:
        self._path = folder / LEDGER
        self._unwritten = Unwritten(self._path, strict=strict)
        self._begun = b""
        self._waiting = bytearray()
        self.n_lost: int = 0
        """Records that never will be written: the disk was away for too long."""

    def begin(self, step: int, digest: str) -> None:
        """Training goes on from `step`, 0 for the start: later ones that were written no longer count.
        `digest` is how the digests are made: only equal ones can be compared.
        """
        self._begun = _packed(_BEGIN, step, digest.encode())
        n_there = _size(self._path) + len(self._waiting)
        self._waiting += b"\0" * (-n_there % _RECORD.size) + self._begun
        self.flush()

    def start(self, step: int, parameters: bytes) -> None:
        """The parameters from which it goes on."""
        self._waiting += _packed(_START, step, b"\0" * 48 + parameters)

    def add(self, step: int, digests: bytes) -> None:
        """Of one update: 64 bytes in the order of `WHATS`. It waits for `flush`."""
        self._waiting += _packed(_UPDATE, step, digests)

    def flush(self) -> None:
        """Write what waits: after this it survives the end of the process in any way."""
        waiting = self._waiting
        if not waiting:
            return
        try:
            file = self._opened()
            try:
                while waiting:  # less than all is written where the disk fills: once more
                    del waiting[: os.write(file, waiting)]
            finally:
                os.close(file)
        except OSError as error:
            if (n_over := (len(waiting) - _MOST_KEPT) // _RECORD.size) > 0:
                at = len(waiting) % _RECORD.size  # of a record that is written in part
                del waiting[at : at + n_over * _RECORD.size]
                self.n_lost += n_over
            self._unwritten.began(error, "what it gets is kept in memory and written later")
            return
        lost = (
            f"{self.n_lost} of its records are lost" if self.n_lost else "nothing is missing in it"
        )
        self._unwritten.ended(lost)

    def sync(self) -> None:
        """What was written is on the disk, also if the power fails. Raises `OSError`."""
        sync(self._path)

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | _BINARY
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            del self._waiting[: len(self._waiting) % _RECORD.size]  # its beginning is gone
            if not self._waiting.startswith(self._begun):  # it was deleted during the run
                self._waiting[:0] = self._begun
            return os.open(self._path, flags | os.O_CREAT, 0o666)


@final
@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What counts of a ledger, by step."""

    digest: str
    """How its digests are made; several, with commas, where that changed during the run."""
    updates: NDArray[np.void]
    """Fields `step` and those of `WHATS`, of two 64-bit numbers each; ascending by step."""
    starts: NDArray[np.void]
    """The same of the beginnings, of which only `parameters` are there."""
    n_damaged: int
    """Records that were torn or damaged, and are left out."""


def read_ledger(folder: Path, /) -> Ledger | None:
    """None where the run in `folder` kept none. Raises `OSError` for a file that cannot be read.

    Of a future that was left behind nothing counts, and where a step was made twice the newer one.
    """
    try:
        return _read(folder / LEDGER)
    except FileNotFoundError:
        return None


def other(what: What) -> str:
    """In words: `another loss`."""
    return f"other {what}" if what in ("data", "parameters") else f"another {what}"


def _read(path: Path) -> Ledger:
    n_damaged, digests = 0, dict[str, None]()
    updates, starts = _empty(), _empty()
    for read, is_whole in _blocks(path):
        n_damaged += int((~is_whole).sum())
        rows = read[is_whole]
        begins = [*np.flatnonzero(rows["kind"] == _BEGIN).tolist()]
        for at, until in zip([0, *begins], [*begins, len(rows)], strict=True):
            part = rows[at:until]
            if len(part) and part["kind"][0] == _BEGIN:
                step = part["step"][0]
                updates = updates[updates["step"] <= step]
                starts = starts[starts["step"] < step]
                if not len(updates):
                    digests.clear()
                digests[part[:1].tobytes()[16:].rstrip(b"\0").decode(errors="replace")] = None
            updates = np.concatenate([updates, part[part["kind"] == _UPDATE]])
            starts = np.concatenate([starts, part[part["kind"] == _START]])
    _, newest = np.unique(updates["step"][::-1], return_index=True)
    updates = updates[len(updates) - 1 - newest]
    return Ledger(digest=", ".join(digests), updates=updates, starts=starts, n_damaged=n_damaged)


def _blocks(path: Path) -> Iterator[tuple[NDArray[np.void], NDArray[np.bool_]]]:
    """Records, and which of them are whole. A last one that is being written is left out."""
    with path.open("rb") as file:
        while len(raw := file.read(_AT_ONCE // _RECORD.size * _RECORD.size)) >= _RECORD.size:
            raw = raw[: len(raw) // _RECORD.size * _RECORD.size]
            rows = np.frombuffer(raw, dtype=_LAYOUT)
            sums = [
                crc32(raw[at + 4 : at + _RECORD.size]) for at in range(0, len(raw), _RECORD.size)
            ]
            yield rows, rows["crc"] == np.array(sums, dtype=np.uint32)


def _packed(kind: bytes, step: int, content: bytes) -> bytes:
    record = _RECORD.pack(0, kind, step, content)
    return crc32(record[4:]).to_bytes(4, "little") + record[4:]


def _empty() -> NDArray[np.void]:
    return np.zeros(0, dtype=_LAYOUT)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
