"""The scores of a run as a table, beside its record."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.score_table import ScoreRow, ScoreTable, column_of
from artifact_torch.run_folder.outage import Outage
from artifact_torch.run_folder.reading import Line, number, scores_of

SCORES = "scores.csv"
"""The name of the file in a run folder."""

_SECONDS = 1.0
"""Between two writes: a record of each step would write the table for longer than itself."""


@final
class Scores:
    """Writes scores.csv from time to time. It is made of the record anew whenever the run is begun,
    so that what a kill or a full disk kept out of it is in it then.
    """

    def __init__(self, folder: Path, *, strict: bool) -> None:
        self._table = ScoreTable(folder / SCORES)
        self._outage = Outage(folder / SCORES, strict=strict)
        self._rows: list[ScoreRow] = []
        self._written = time.monotonic()

    def begin(self, before: Sequence[Line] | None, /) -> None:
        """`before` is what counts of the record; None leaves the table as it is."""
        self._rows = []
        if before is None:
            return
        try:
            self._table.replace(_rows(before))
        except OSError as error:
            self._failed(error)

    def add(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """The row of a moment, if it has any score."""
        scores: dict[str, float] = {}
        for each in results:
            match each:
                case Result(ResultKind.SCORE, name, value):
                    scores[column_of(name)] = number(value)
                case Result(ResultKind.SCORE_COLLECTION, name, value) if is_mapping(value):
                    scores.update({column_of(name, str(k)): number(v) for k, v in value.items()})
                case _:
                    pass
        if scores:
            self._rows.append(
                ScoreRow(
                    epoch=moment.epoch, step=moment.step, seconds=moment.seconds, scores=scores
                )
            )
        if time.monotonic() - self._written > _SECONDS:
            self.flush()

    def flush(self) -> None:
        """All rows are in the file. With `strict`, raises `RunFolderError` where they cannot be."""
        self._written = time.monotonic()
        try:
            self._table.add(self._rows)
        except OSError as error:
            self._failed(error)
            return
        self._rows = []
        self._outage.ended()

    def _failed(self, error: OSError) -> None:
        self._outage.began(error, "its rows are written later")


def _rows(lines: Iterable[Line]) -> Iterable[ScoreRow]:
    for line in lines:
        scores = {column_of(name, key): value for name, key, value in scores_of(line)}
        epoch, step = line.get("epoch"), line.get("step")
        if scores and isinstance(epoch, int) and isinstance(step, int):
            seconds = number(line.get("seconds"))
            yield ScoreRow(epoch=epoch, step=step, seconds=seconds, scores=scores)
