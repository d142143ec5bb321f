"""The lines of a record with their places: what is delivered is known by a place."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.run_folder.reading import Line, parsed, raw_lines

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


def new_lines(path: Path, start: int) -> list[tuple[bytes, int]]:
    """The whole lines from byte `start` on, at most about 4 MiB, each with the byte after it.

    Raises `OSError` for a record that cannot be read; one that is not there is empty.
    """
    found, at = list[tuple[bytes, int]](), start
    for raw in raw_lines(path, start, at_once=_AT_ONCE)[0]:
        at += len(raw)
        found.append((raw, at))
    return found


def placed_lines(path: Path, start: int) -> list[Placed]:
    """As `new_lines`. A line that is damaged is an event."""
    return [placed(raw, end) for raw, end in new_lines(path, start)]


def placed(raw: bytes, end: int) -> Placed:
    """A line that ends before byte `end`."""
    return Placed(parsed(raw, end - len(raw)), end)


def size_of(path: Path) -> int:
    """In bytes; 0 for a file that is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
