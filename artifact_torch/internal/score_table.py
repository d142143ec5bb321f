"""Scores in a CSV file that any tool reads."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TextIO, final

PLACE = ("epoch", "step", "seconds")
"""The first columns of every such file."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """The scores of one step."""

    epoch: int
    step: int
    seconds: float
    scores: Mapping[str, float]
    """By column."""

    def cells(self) -> dict[str, object]:
        """As they are written: exact, but for milliseconds."""
        place = (self.epoch, self.step, round(self.seconds, 3))
        return {**dict(zip(PLACE, place, strict=True)), **self.scores}


def column_of(name: str, key: str | None = None) -> str:
    """Where a score stands, and with `key` one of a collection: `name/key`; a score that is called
    like one of the first columns is `score/epoch`.
    """
    if key is not None:
        return f"{name}/{key}"
    return f"score/{name}" if name in PLACE else name


def is_score_table(path: Path) -> bool:
    """Whether `path` may be written to: a file of these, or none yet. Raises `OSError`."""
    lines = _whole_lines(path)
    return not lines or lines[0].startswith(",".join(PLACE))


@final
class ScoreTable:
    """A row a step: epoch, step, seconds, and each score in its column. A score that was not due is
    empty.

    A process that is killed loses at most the row it was writing, and the file is continued. Rows
    take the place of those of later steps: a run that was resumed leaves nothing twice. More of one
    step joins its row. Its methods raise `OSError`; the next one repairs what such a call left.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: list[str] = []
        self._last_step: float = float("inf")  # what is there is read before the first row

    def add(self, rows: Sequence[ScoreRow], /) -> None:
        """Append `rows`, in the order of their steps."""
        if not rows:
            return
        steps = [self._last_step, *(row.step for row in rows)]
        follows = all(step > before for before, step in pairwise(steps))
        follows = follows and all(row.scores.keys() <= {*self._columns} for row in rows)
        self._last_step = float("inf")  # a row that fails here may be torn: it is read again
        if follows and self._path.exists():  # not deleted meanwhile
            with self._path.open("a", encoding="utf-8", newline="") as file:
                self._writer(file).writerows(row.cells() for row in rows)
        else:
            first = min(row.step for row in rows)
            self._write(_joined([*self._rows(upto=first), *(row.cells() for row in rows)]))
        self._last_step = max(row.step for row in rows)

    def replace(self, rows: Iterable[ScoreRow], /) -> None:
        """`rows` and nothing else."""
        self._last_step = float("inf")
        cells = _joined(row.cells() for row in rows)
        self._write(cells)
        self._last_step = max((int(str(each["step"])) for each in cells), default=-1)

    def _rows(self, *, upto: int) -> list[dict[str, object]]:
        """Those of the file at this step and before."""
        rows = csv.DictReader(_whole_lines(self._path))
        whole = [each for each in rows if (each.get("step") or "").isdecimal()]
        return [{**each} for each in whole if int(each["step"]) <= upto]

    def _write(self, rows: Sequence[Mapping[str, object]]) -> None:
        """In the place of the old file at once."""
        columns = [*PLACE, *(name for row in rows for name in row if row[name] not in ("", None))]
        self._columns = list(dict.fromkeys(columns))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.new")
        with new.open("w", encoding="utf-8", newline="") as file:
            writer = self._writer(file)
            writer.writeheader()
            writer.writerows(rows)
        new.replace(self._path)

    def _writer(self, file: TextIO) -> "csv.DictWriter[str]":
        return csv.DictWriter(
            file, self._columns, restval="", lineterminator="\n", extrasaction="ignore"
        )


def _joined(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """One row a step; what comes later counts."""
    joined: dict[int, dict[str, object]] = {}
    for row in rows:
        filled = {name: value for name, value in row.items() if value not in ("", None)}
        joined.setdefault(int(str(row["step"])), {}).update(filled)
    return [joined[step] for step in sorted(joined)]


def _whole_lines(path: Path) -> list[str]:
    """Those of the file that are whole: one that was torn has no end."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [line for line in file if line.endswith("\n")]
