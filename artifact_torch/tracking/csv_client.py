"""The scores of a run in a file that any tool reads."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO, final

from artifact_torch.contracts import Failure, Moment, Result
from artifact_torch.errors import ConfigurationError
from artifact_torch.tracking.values import scalars

_PLACE = ("epoch", "step", "seconds")


@final
class CsvClient:
    """A row a moment: epoch, step, seconds, and each score under its name (`name/key` of a
    collection). A score that was not due is empty; arrays, plots and settings are not kept.

    A process that is killed loses at most its last row, and the file is continued. A row takes the
    place of those of its step and later: a run that was resumed leaves nothing twice, a new run
    begins its file anew. Raises `ConfigurationError` for a file that holds something else.
    """

    def __init__(self, path: str | os.PathLike[str], /) -> None:
        self._path = Path(path)
        self._columns: list[str] = []
        self._last_step: float = float("inf")  # what is there is read before the first row
        if self._lines() and not self._lines()[0].startswith(",".join(_PLACE)):
            what = f"{self._path} holds something else than scores by {', '.join(_PLACE)}"
            advice = "and would be overwritten; give another path"
            raise ConfigurationError(f"CsvClient: {what}, {advice}")

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        scores = scalars(results, reserved=_PLACE)
        if not scores:
            return
        place = (moment.epoch, moment.step, round(moment.seconds, 3))
        row: dict[str, object] = {**dict(zip(_PLACE, place, strict=True)), **scores}
        follows = moment.step > self._last_step and row.keys() <= {*self._columns}
        self._last_step = float("inf")  # a row that fails here may be torn: it is read again
        if follows:
            with self._path.open("a", encoding="utf-8", newline="") as file:
                self._writer(file).writerow(row)
        else:
            self._rewrite(row, moment)
        self._last_step = moment.step

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def flush(self) -> None: ...

    def _rewrite(self, row: Mapping[str, object], moment: Moment) -> None:
        """The file with a wider header or fewer rows, in the place of the old one at once."""
        rows = list(csv.DictReader(self._lines()))
        before = [each for each in rows if int(each["step"]) < moment.step]
        if moment.ends_run:  # what the last moment left out joins its row
            at_step = [each for each in rows if int(each["step"]) == moment.step]
            row = {name: value for each in [*at_step, row] for name, value in each.items()}
        kept: list[Mapping[str, object]] = [*before, row]
        columns = [*_PLACE, *(name for each in kept for name in each if each[name] != "")]
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
