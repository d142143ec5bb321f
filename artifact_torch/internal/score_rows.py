"""The scores of a run in a file that any tool reads: a row a moment."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TextIO, final

from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.disk import write_bytes

PLACE = ("epoch", "step", "seconds")
"""The first columns: no score may be called so."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """The scores of one moment, by column."""

    epoch: int
    step: int
    seconds: float
    scores: Mapping[str, float]

    def cells(self) -> dict[str, object]:
        """As they are written: exact, but for milliseconds."""
        place = {"epoch": self.epoch, "step": self.step, "seconds": round(self.seconds, 3)}
        return {**place, **self.scores}


@final
class ScoreRows:
    """Rows of epoch, step, seconds and each score under its name; a score that was not due is empty.

    Steps only grow in the file: a row takes the place of those of later steps (a run that was
    resumed), one of the newest step joins its row. A process that is killed loses at most its last
    row. The file is opened for each call: 0.1 ms; a new column costs a copy of the file. Raises
    `ConfigurationError` for a file that holds something else.
    """

    def __init__(self, path: str | os.PathLike[str], /, *, owner: str = "ScoreRows") -> None:
        self._path = Path(path)
        self._columns: list[str] = []
        self._last_step: float = float("inf")  # what is there is read before the first row
        lines = self._lines()
        if lines and not lines[0].startswith(",".join(PLACE)):
            what = f"{self._path} holds something else than scores by {', '.join(PLACE)}"
            advice = "and would be overwritten; give another path"
            raise ConfigurationError(f"{owner}: {what}, {advice}")

    def add(self, *, epoch: int, step: int, seconds: float, scores: Mapping[str, float]) -> None:
        """Durable as far as the system is: a killed process does not lose it."""
        self.extend([ScoreRow(epoch=epoch, step=step, seconds=seconds, scores=scores)])

    def extend(self, rows: Sequence[ScoreRow], /) -> None:
        """Add `rows` in their order."""
        if not rows:
            return
        steps = [self._last_step, *(row.step for row in rows)]
        follows = all(step > before for before, step in pairwise(steps))
        columns = {*self._columns}
        follows = follows and all(row.scores.keys() <= columns for row in rows)
        self._last_step = float("inf")  # a row that fails here may be torn: it is read again
        if follows:
            with self._path.open("a", encoding="utf-8", newline="") as file:
                writer = self._writer(file)
                if file.tell() == 0:  # deleted meanwhile
                    writer.writeheader()
                writer.writerows(row.cells() for row in rows)
        else:
            self._write([*self._cells(), *(row.cells() for row in rows)])
        self._last_step = rows[-1].step

    def replace(self, rows: Iterable[ScoreRow], /) -> None:
        """`rows` and nothing else."""
        self._last_step = float("inf")
        self._write([row.cells() for row in rows])

    def clear(self) -> None:
        """A new run begins the file anew."""
        self._path.unlink(missing_ok=True)
        self._last_step = float("inf")

    def _cells(self) -> list[Mapping[str, object]]:
        """Those of the file that are whole."""
        rows = csv.DictReader(self._lines())
        return [{**each} for each in rows if (each["step"] or "").isdecimal()]

    def _write(self, rows: Sequence[Mapping[str, object]]) -> None:
        """The file with a wider header or fewer rows, in the place of the old one at once."""
        kept = _in_order(rows)
        columns = [*PLACE, *(name for each in kept for name in each)]
        self._columns = list(dict.fromkeys(columns))
        text = StringIO()
        writer = self._writer(text)
        writer.writeheader()
        writer.writerows(kept)
        write_bytes(self._path, text.getvalue().encode())

    def _writer(self, file: TextIO) -> "csv.DictWriter[str]":
        return csv.DictWriter(file, self._columns, restval="", lineterminator="\n")

    def _lines(self) -> list[str]:
        """Those of the file that are whole: one that was torn has no end."""
        if not self._path.exists():
            return []
        with self._path.open(encoding="utf-8", errors="replace", newline="") as file:
            return [line for line in file if line.endswith("\n")]


def _in_order(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """A row joins the newest of its step, or takes the place of those of its step and later."""
    kept: list[dict[str, object]] = []
    for row in rows:
        step = int(str(row["step"]))
        newest = int(str(kept[-1]["step"])) if kept else -1
        while newest > step and kept and int(str(kept[-1]["step"])) >= step:
            kept.pop()
        cells = {name: value for name, value in row.items() if name and value not in ("", None)}
        if newest == step:
            kept[-1].update(cells)
        else:
            kept.append(cells)
    return kept
