"""The scores of a run in a file that any tool reads."""

import csv
import os
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeAlias, final

from artifact_torch.contracts import Failure, Moment, Result
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.tracking.scalars import scalars

_PLACE = ("epoch", "step", "seconds")

_Row: TypeAlias = Mapping[str, object]


@final
class CsvClient:
    """A row a moment: epoch, step, seconds, and each score under its name (`name/key` of a
    collection). A score that was not due is empty; arrays, plots and settings are not kept.

    A row is written at once: a process that is killed loses at most its last one, and the file is
    continued. A row takes the place of those of its step and of later ones: a run that was resumed
    leaves nothing twice, and a new run into an old file begins it anew. Raises
    `ConfigurationError` for a file that holds something else.
    """

    def __init__(self, path: str | os.PathLike[str], /) -> None:
        self._path = Path(path)
        self._columns: list[str] = []
        self._last_step: float = float("inf")  # what is there is read before the first row
        if self._path.exists():
            with self._path.open(encoding="utf-8", errors="replace") as file:
                header = file.readline().rstrip()
            if header and header.split(",")[: len(_PLACE)] != [*_PLACE]:
                raise ConfigurationError(
                    f"CsvClient: {self._path} is no file of scores (it begins {shown(header)}), and "
                    "would be overwritten; give another path"
                )

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
                file.write(_text([row], self._columns))
        else:
            self._rewrite(row, moment)
        self._last_step = moment.step

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def flush(self) -> None: ...

    def _rewrite(self, row: _Row, moment: Moment) -> None:
        """The file with a wider header or fewer rows, in the place of the old one at once."""
        rows = self._rows()
        kept: list[_Row] = [each for each in rows if int(each["step"]) < moment.step]
        if moment.ends_run:  # what the last moment left out joins its row
            at_step = [each for each in rows if int(each["step"]) == moment.step]
            row = {name: value for each in [*at_step, row] for name, value in each.items()}
        kept.append(row)
        columns = [*_PLACE, *(name for each in kept for name in each if each[name] != "")]
        self._columns = list(dict.fromkeys(columns))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.new")
        header: _Row = {name: name for name in self._columns}
        new.write_text(_text([header, *kept], self._columns), encoding="utf-8", newline="")
        new.replace(self._path)

    def _rows(self) -> list[dict[str, str]]:
        """Those of the file that are whole."""
        if not self._path.exists():
            return []
        with self._path.open(encoding="utf-8", newline="") as file:
            whole = [line for line in file if line.endswith("\n")]  # one that was torn has no end
        return [row for row in csv.DictReader(whole) if row.get("step", "").isdecimal()]


def _text(rows: Sequence[_Row], columns: Sequence[str]) -> str:
    text = StringIO(newline="")
    csv.DictWriter(text, columns, restval="", lineterminator="\n").writerows(rows)
    return text.getvalue()
