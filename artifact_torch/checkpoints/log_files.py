"""Rows that are appended and never rewritten, kept twice, each with a digest of all up to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, final

from artifact_torch.checkpoints.encoding import decoded_row, encoded_row
from artifact_torch.checkpoints.manifest import LOGS, digest, dumped, parsed_json
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.disk import append_file, truncate_file, write_file, write_whole

_LINE: Final = re.compile(rb'\{"n":(\d{1,15}),"digest":"([0-9a-f]{64})","row":(.*)\}')


@final
class LogFiles:
    """The log of the states in a folder. What a save costs depends on the rows since the last.

    `take` by the training, then `write` beside it; never both at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: Sequence[object] = ()
        self._n_taken = 0
        self._pending = list[bytes]()
        self._digest = ""
        self._sizes: tuple[int, int] | None = None

    def forget(self) -> None:
        """Rows are compared with the files at the next `write`, from the first on."""
        self._rows, self._n_taken, self._pending, self._sizes = (), 0, [], None

    def take(self, rows: Sequence[object]) -> None:
        """Keep what is new in `rows`. Raises `CheckpointError` for a row with tensors."""
        if len(rows) < self._n_taken:
            self.forget()
        new = [_text(rows[n]) for n in range(self._n_taken, len(rows))]
        self._pending += new
        self._rows, self._n_taken = rows, len(rows)

    def write(self) -> tuple[int, str]:
        """All that was taken is on the disk, twice: the number of rows, and the digest of all.
        Raises `OSError`.
        """
        if self._sizes is None or self._sizes != self._found_sizes():
            self._compare()
        if not self._pending:
            return self._n_taken, self._digest
        first = self._n_taken - len(self._pending)
        lines, last = _lines(first, self._digest, self._pending)
        before, self._sizes = self._sizes, None
        for path in self._paths():
            append_file(path, lines)
        if before is not None:
            self._sizes = (before[0] + len(lines), before[1] + len(lines))
        self._digest, self._pending = last, []
        return self._n_taken, self._digest

    def _compare(self) -> None:
        """What is in the files and not in the log is cut off: rows after the last save, or a
        future that was left behind. What was lost is written again.
        """
        n_written = self._n_taken - len(self._pending)
        texts = [_text(self._rows[n]) for n in range(n_written)] + self._pending
        kept = list[bytes]()
        for (there, _), text in zip(_intact(self._folder), texts, strict=False):
            if there != text:
                break
            kept.append(text)
        lines, self._digest = _lines(0, "", kept)
        self._pending = texts[len(kept) :]
        for path in self._paths():
            _make(path, lines)
        self._sizes = self._found_sizes()

    def _paths(self) -> Iterator[Path]:
        yield from (self._folder / name for name in LOGS)

    def _found_sizes(self) -> tuple[int, int] | None:
        try:
            first, second = (path.stat().st_size for path in self._paths())
        except OSError:
            return None
        return first, second


def read_rows(folder: Path, n_rows: int, expected: str) -> list[object]:
    """The first `n_rows`, whose digest is `expected`. Raises `CheckpointError`, and `OSError`
    where the files are there and cannot be read.
    """
    found = [*islice(_intact(folder), n_rows)]
    texts, last = [text for text, _ in found], found[-1][1] if found else ""
    if len(texts) < n_rows:
        raise CheckpointError(
            f"needs {n_rows} rows of {LOGS[0]}, of which {len(texts)} are whole there or in {LOGS[1]}"
        )
    if last != expected:
        raise CheckpointError(f"belongs to another log than {LOGS[0]}")
    return [decoded_row(parsed_json(LOGS[0], b'{"row":' + text + b"}")["row"]) for text in texts]


def _text(row: object) -> bytes:
    return dumped(encoded_row(row)).encode()


def _lines(first: int, before: str, texts: Sequence[bytes]) -> tuple[bytes, str]:
    """As they stand in the file, and the digest of the last."""
    lines, last = list[bytes](), before
    for n, text in enumerate(texts, first + 1):
        last = digest(last.encode(), text)
        lines.append(b'{"n":%d,"digest":"%s","row":%s}\n' % (n, last.encode(), text))
    return b"".join(lines), last


def _intact(folder: Path) -> Iterator[tuple[bytes, str]]:
    """The rows, each with its digest, up to the first that is whole in neither file."""
    files = [_parsed(folder / name) for name in LOGS]
    n, last = 1, ""
    while True:
        for file in files:
            text = file.get(n)
            if text is not None and digest(last.encode(), text[1]) == text[0]:
                break
        else:
            return
        last = text[0]
        yield text[1], last
        n += 1


def _parsed(path: Path) -> Mapping[int, tuple[str, bytes]]:
    """Digest and text of each line that looks like one."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    found = (_LINE.fullmatch(line) for line in content.split(b"\n"))
    return {int(line[1]): (line[2].decode(), line[3]) for line in found if line}


def _make(path: Path, lines: bytes) -> None:
    """The file has these lines alone; it is only written where they are not its first."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = None
    if content is not None and content.startswith(lines):
        if len(content) > len(lines):
            truncate_file(path, len(lines))
        return
    write_whole(path, lambda new: write_file(new, lines))
