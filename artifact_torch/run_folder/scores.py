"""The scores of a run as a table, beside its record."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.score_rows import PLACE, ScoreRow, ScoreRows
from artifact_torch.run_folder.reading import Line, number
from artifact_torch.run_folder.unwritten import Unwritten

SCORES = "scores.csv"
"""The name of the file in a run folder."""

_SCORES = (ResultKind.SCORE, ResultKind.SCORE_COLLECTION)


@final
class Scores:
    """Writes scores.csv when it is flushed: a write at each step would take longer than the record. It is made of the record anew whenever the run is begun,
    so that what a kill or a full disk kept out of it is in it then.
    """

    def __init__(self, folder: Path, *, strict: bool) -> None:
        self._path = folder / SCORES
        self._table: ScoreRows | None = None
        self._unwritten = Unwritten(self._path, strict=strict)
        self._rows: list[ScoreRow] = []
        self._new = deque[tuple[Moment, dict[str, float]]]()
        """Those that come after, which become rows when they are flushed, by another thread."""
        self._replaces = False
        """Whether the rows are all that there are."""

    def begin(self, before: Sequence[Line] | None, /) -> None:
        """`before` is what counts of the record; None goes on with the table as it is."""
        self._replaces = before is not None
        if before is not None:
            self._rows = [*_rows(before)]
            self._new.clear()
        self.flush()

    def add(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """The row of a moment, if it has any score."""
        scores: dict[str, float] = {}
        for each in results:
            if isinstance(each, Result) and each.kind in _SCORES:
                if type(each.value) is float and each.name not in PLACE:
                    scores[each.name] = each.value
                else:
                    scores.update(_columns(each.name, each.value))
        if scores:
            self._new.append((moment, scores))

    def flush(self) -> None:
        """All rows are in the file. With `strict`, raises `RunFolderError` where they cannot be."""
        while self._new:
            moment, scores = self._new.popleft()
            self._rows.append(_row(moment, scores))
        try:
            if self._table is None:
                self._table = ScoreRows(self._path)
            if self._replaces:
                self._table.replace(self._rows)
            else:
                self._table.extend(self._rows)
        except OSError as error:
            self._unwritten.began(error, "its rows are written later")
            return
        except ConfigurationError as error:  # somebody else's file
            self._unwritten.began(OSError(str(error)), "the record has what would be in it")
            return
        self._rows, self._replaces = [], False
        self._unwritten.ended()


def _row(moment: Moment, scores: Mapping[str, float]) -> ScoreRow:
    place = {"epoch": moment.epoch, "step": moment.step}
    return ScoreRow(**place, seconds=moment.seconds, scores=scores)


def _columns(name: str, value: object) -> Iterator[tuple[str, float]]:
    """Each score by its column: that of a collection is `name/key`."""
    if is_mapping(value):
        yield from ((f"{name}/{key}", number(each)) for key, each in value.items())
    else:
        yield f"score/{name}" if name in PLACE else name, number(value)


def _rows(lines: Iterable[Line]) -> Iterator[ScoreRow]:
    kinds = {kind.value for kind in _SCORES}
    for line in lines:
        epoch, step, seconds = line.get("epoch"), line.get("step"), number(line.get("seconds"))
        if line.get("kind") in kinds and isinstance(epoch, int) and isinstance(step, int):
            scores = dict(_columns(str(line.get("name")), line.get("value")))
            yield ScoreRow(epoch=epoch, step=step, seconds=seconds, scores=scores)
