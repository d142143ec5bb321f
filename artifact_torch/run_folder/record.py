"""The record of a run: a line for each result, appended to a file that only grows."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import final

from artifact_torch.contracts import Ending, Failure, Moment, Result, ResultKind
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.appending import Appended, Piece
from artifact_torch.run_folder.configuration import PlotFormat
from artifact_torch.run_folder.files import FileResults, NewFile
from artifact_torch.run_folder.plain import number_text, plain
from artifact_torch.run_folder.reading import RECORD, Line, all_lines, counting

_log = logging.getLogger("artifact_torch")
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode

FORMAT = 1
"""Of the lines. Readers take what they know and leave the rest."""


@final
class Record:
    """Appends to record.jsonl in `folder`; the lines of one moment with one write.

    Not in the way of the training: what cannot be written (a full disk, a limit, a folder that was
    deleted) is told once, kept in memory, and written with the next moment that can be.
    `strict=True` raises `RunFolderError` instead. One process writes: see `held`.
    """

    def __init__(
        self, folder: Path, *, plots: PlotFormat = "png", dpi: int = 100, strict: bool = False
    ) -> None:
        self._folder = folder
        self._files = FileResults(plots, dpi)
        self._out = Appended(folder, RECORD, strict=strict)
        self._failed: set[tuple[str, str]] = set()
        """Results that cannot be made files, which is told once each."""
        self._heads: dict[str, str] = {}
        """Of the lines of scores, by name."""

    @property
    def n_kept(self) -> int:
        """Lines that are not on the disk yet."""
        return self._out.n_kept

    @property
    def n_lost(self) -> int:
        """Lines that never will be: the disk was away for too long."""
        return self._out.n_lost

    @property
    def n_made_again(self) -> int:
        """How often the record was deleted while it was written."""
        return self._out.n_made_again

    def begin(self, moment: Moment, settings: Mapping[str, object], /) -> Sequence[Line] | None:
        """Training goes on from `moment`: what was recorded of later steps no longer counts.

        Returns the results that do, None where the record cannot be read.
        """
        place = {"epoch": moment.epoch, "step": moment.step, "seconds": moment.seconds}
        line = {"event": "begin", "format": FORMAT, **place, "settings": plain(settings)}
        self._write([self._event(line)])
        try:
            there = [*all_lines(self._folder)]
        except OSError as error:
            _log.warning("%s: cannot be read (%s)", self._folder / RECORD, error)
            return None
        n_damaged = sum(each.get("event") == "damaged" for each in there)
        if n_damaged:
            told = "%s: %d of its lines are damaged, and are left out"
            _log.warning(told, self._folder / RECORD, n_damaged)
        before = [each for each in counting(there) if not _is_after(each, moment)]
        self._files.know(before)
        return before

    def add(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """All of one moment. An array or plot is a file before its line is there."""
        place = _place(moment, time.time())
        lines = [line for each in results if (line := self._score_line(each, place))]
        if len(lines) == len(results):
            self._out.write_lines(lines)
        else:
            self._write([self._piece(each, moment, place) for each in results])

    def warn(self, warned: Sequence[Mapping[str, object]], /) -> None:
        """What was warned of, each with its place."""
        self._write([self._event({"event": "warning", **each}) for each in warned])

    def end(self, how: Ending, reason: str, /) -> None:
        """The run ended, and the record is on the disk."""
        self._write([self._event({"event": "end", "how": how, "reason": reason})])
        if self.n_kept:
            told = "%s: the last %d lines could not be written, and are gone when the process ends"
            _log.warning(told, self._folder / RECORD, self.n_kept)
        self.sync()

    def sync(self) -> None:
        """What was written is on the disk, also if the power fails."""
        self._out.sync()

    def flush(self) -> bool:
        """Try again to write what is kept in memory; whether nothing is any more."""
        return self._out.write([])

    def _write(self, pieces: list[Piece]) -> None:
        if pieces:
            self._out.write(pieces)

    def _piece(self, each: Result | Failure, moment: Moment, place: str) -> Piece:
        score = self._score_line(each, place)
        if score:
            return Piece(score)
        line: dict[str, object] = {"kind": each.kind.value, "name": each.name}
        files: Sequence[NewFile] = ()
        if isinstance(each, Failure):
            line = {"event": "failure", **line, "reason": each.reason}
        else:
            try:
                line["value"], files = self._value(each, moment)
            except Exception as error:  # noqa: BLE001  what a user's plot raises is theirs
                reason = f"could not be recorded: {type(error).__name__}: {error}"
                if (each.kind.value, each.name) not in self._failed:
                    self._failed.add((each.kind.value, each.name))
                    _log.error('%s "%s" of %s %s', each.kind.value, each.name, moment, reason)
                line = {"event": "failure", **line, "reason": reason}
        return Piece(f"{_encode(line)[:-1]},{place}".encode(), tuple(files))

    def _score_line(self, each: Result | Failure, place: str) -> bytes | None:
        """That of a score which is a Python float, without the work that others take."""
        value = each.value if type(each) is Result else None
        if type(value) is not float or each.kind is not ResultKind.SCORE:
            return None
        head = self._heads.get(each.name)
        if head is None:
            head = f'{{"kind":"score","name":{_encode(each.name)},"value":'
            self._heads[each.name] = head
        number = repr(value) if isfinite(value) else f'"{value}"'
        return f"{head}{number},{place}".encode()

    def _value(self, each: Result, moment: Moment) -> tuple[object, Sequence[NewFile]]:
        match each.kind, each.value:
            case ResultKind.SCORE, value:
                return number_text(value), ()
            case ResultKind.SCORE_COLLECTION, value if is_mapping(value):
                return {str(key): number_text(score) for key, score in value.items()}, ()
            case ResultKind.SCORE_COLLECTION, value:
                raise TypeError(f"got {shown(value)}, expected a mapping of scores")
            case _:
                return self._files.of(each, moment)

    def _event(self, line: Mapping[str, object]) -> Piece:
        return Piece(_encode({**line, "time": time.time()}).encode() + b"\n", is_event=True)


def _place(moment: Moment, now: float) -> str:
    """The end of each line of a moment."""
    ends_epoch = "true" if moment.ends_epoch else "false"
    return (
        f'"epoch":{moment.epoch},"step":{moment.step},"ends_epoch":{ends_epoch},'
        f'"seconds":{moment.seconds!r},"time":{now!r}}}\n'
    )


def _is_after(line: Line, moment: Moment) -> bool:
    step = line.get("step")
    return isinstance(step, int) and step > moment.step
