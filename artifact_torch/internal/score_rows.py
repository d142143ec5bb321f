"""The scores of a run in a file that any tool reads: a row a moment."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO, final

from artifact_torch.errors import ConfigurationError

PLACE = ("epoch", "step", "seconds")
"""The first columns: no score may be called so."""


@final
class ScoreRows:
    """Rows of epoch, step, seconds and each score under its name; a score that was not due is empty.

    Steps only grow in the file: a row takes the place of those of later steps (a run that was
    resumed), one of the newest step joins its row. A process that is killed loses at most its last
    row. The file is opened for each row: 0.1 ms; a new column costs a copy of the file. Raises
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
        row: dict[str, object] = {"epoch": epoch, "step": step, "seconds": round(seconds, 3)}
        row.update(scores)
        follows = step > self._last_step and row.keys() <= {*self._columns}
        self._last_step = float("inf")  # a row that fails here may be torn: it is read again
        if follows:
            with self._path.open("a", encoding="utf-8", newline="") as file:
                self._writer(file).writerow(row)
        else:
            self._rewrite(row, step)
        self._last_step = step

    def clear(self) -> None:
        """A new run begins the file anew."""
        self._path.unlink(missing_ok=True)
        self._last_step = float("inf")

    def _rewrite(self, row: Mapping[str, object], step: int) -> None:
        """The file with a wider header or fewer rows, in the place of the old one at once."""
        rows = [each for each in csv.DictReader(self._lines()) if (each["step"] or "").isdigit()]
        before: list[Mapping[str, object]] = [each for each in rows if int(each["step"]) < step]
        if rows and int(rows[-1]["step"]) == step:
            row = {**rows[-1], **row}
        kept = [*before, row]
        columns = [*PLACE, *(name for each in kept for name in each if each[name] != "")]
        self._columns = list(dict.fromkeys(columns))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.new")
        with new.open("w", encoding="utf-8", newline="") as file:
            writer = self._writer(file)
            writer.writeheader()
            writer.writerows(kept)
        new.replace(self._path)

    def _writer(self, file: TextIO) -> "csv.DictWriter[str]":
        return csv.DictWriter(file, self._columns, restval="", lineterminator="\n")

    def _lines(self) -> list[str]:
        """Those of the file that are whole: one that was torn has no end."""
        if not self._path.exists():
            return []
        with self._path.open(encoding="utf-8", errors="replace", newline="") as file:
            return [line for line in file if line.endswith("\n")]
