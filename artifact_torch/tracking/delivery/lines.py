"""The lines of a record with their places: what is delivered is known by a place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.run_folder.reading import Line

_AT_ONCE = 1 << 22  # bytes: whoever is far behind holds no more of the record


@final
@dataclass(frozen=True)
class Placed:
    """A line that is whole, and the byte after it."""

    line: Line
    end: int

    @property
    def step(self) -> int | None:
        step = self.line.get("step")
        return step if isinstance(step, int) else None

    @property
    def event(self) -> str:
        """Empty for a result; so is an event whose name is none."""
        event = self.line.get("event")
        return event if isinstance(event, str) else ""

    @property
    def key(self) -> str:
        """Kind and name of a result: a name is unique within its kind."""
        return f"{self.line.get('kind')}:{self.line.get('name')}"


def raw_lines(path: Path, start: int) -> tuple[list[bytes], int]:
    """The whole lines from byte `start` on, at most about 4 MiB, and the byte after them.

    Raises `OSError` for a record that cannot be read; one that is not there is empty.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            read = file.read(_AT_ONCE)
            if len(read) == _AT_ONCE and b"\n" not in read:
                read += file.readline()
    except FileNotFoundError:
        return [], start
    whole = read[: read.rfind(b"\n") + 1]
    return whole.splitlines(keepends=True), start + len(whole)


def placed_lines(path: Path, start: int) -> list[Placed]:
    """As `raw_lines`. A line that is damaged says nothing and is passed over."""
    found, at = list[Placed](), start
    for raw in raw_lines(path, start)[0]:
        at += len(raw)
        found.append(Placed(parsed(raw), at))
    return found


def parsed(raw: bytes) -> Line:
    """Empty for a line that is damaged."""
    try:
        line: object = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return line if is_state_dict(line) else {}


def size_of(path: Path) -> int:
    """In bytes; 0 for a file that is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
