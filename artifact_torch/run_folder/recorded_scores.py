"""The scores of a record as columns, at the speed of splitting its bytes; all else as lines."""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.reading import RECORD, Line, number, parsed

_AT_ONCE = 1 << 24  # bytes
_HEAD, _VALUE, _PLACE = b'{"kind":"score","name":', b',"value"', b',"epoch":'
_MOST = 1 << 62  # what has more digits is damaged

Key: TypeAlias = tuple[str, str | None]
"""The name of a score and None, or of a collection and one of its keys."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A score over the run: all `[points]`, by growing step, each step once."""

    epochs: NDArray[np.int64]
    """Epochs completed."""
    steps: NDArray[np.int64]
    seconds: NDArray[np.float64]
    """In `train()` since the run began."""
    values: NDArray[np.float64]
    """NaN and infinities as they were recorded."""


@final
class _Table:
    """Moments that have the same scores: of each its place, and a row of values."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys
        self.places = array("q")
        self.values = array("d")


@final
class RecordedScores:
    """What `read_scores` found."""

    def __init__(self) -> None:
        self.others: list[Line] = []
        """All lines but those of scores and score collections: damaged ones too, in their order."""
        self.last_time: float = float("nan")
        """Of the newest result: seconds since 1970."""
        self.last_place: tuple[int, int] = 0, 0
        """Its epoch and step, or that from which the run went on since."""
        self._epochs, self._steps, self._seconds = array("q"), array("q"), array("d")
        self._tables: dict[tuple[bytes, ...] | tuple[Key, ...], _Table] = {}
        self._read_to = 0
        self._begun: list[tuple[int, int]] = []
        """So many places were there when the run went on from that step."""

    def read_more(self, path: Path) -> bool:
        """Those whole lines of the record at `path` that are new; whether there were any. Raises
        `OSError`.
        """
        begun_at = self._read_to
        try:
            with path.open("rb") as file:
                file.seek(begun_at)
                rest = b""
                while read := file.read(_AT_ONCE):
                    rest += read
                    end = rest.rfind(b"\n") + 1
                    self._add_block(rest[:end], self._read_to)
                    rest, self._read_to = rest[end:], self._read_to + end
        except FileNotFoundError:
            return False
        return self._read_to > begun_at

    @property
    def n_results(self) -> int:
        """Moments of them, with those that no longer count."""
        return len(self._steps)

    def _add_block(self, block: bytes, start: int) -> None:
        """Whole lines, of which the first begins at byte `start` of the file."""
        at, n_ahead = 0, 0
        while at < len(block):
            end = block.index(b"\n", at) + 1
            cut = block.rfind(_PLACE, at, end)
            if cut < 0 or not block.startswith(_HEAD, at):
                self._add_line(block[at:end], start + at)
            else:
                # all lines of a moment end in the same bytes, its time among them
                tail = block[cut:end]
                last = block.rfind(tail, end, end + n_ahead)
                end = end if last < 0 else last + len(tail)
                n_ahead = 2 * (end - at)
                self._add_moment(block[at:end], tail, start + at)
            at = end

    def _add_moment(self, chunk: bytes, tail: bytes, at: int) -> None:
        """Lines of which the first and the last have this end."""
        end = tail.removesuffix(b"\n")
        # a line with another end keeps it, and so has a head that is none
        pieces = [line.removesuffix(end) for line in chunk.split(b"\n")[:-1]]
        parts = [piece.rpartition(b":") for piece in pieces]
        place = _place(parsed(b"{" + end[1:], at))
        try:
            table = self._table(tuple([head for head, _, _ in parts]))
            values = _floats([value for _, _, value in parts])
        except ValueError:  # other results among them, or damaged ones
            place, table, values = None, _Table([]), []
        if place is None:
            for line in chunk.split(b"\n")[:-1]:
                self._add_line(line, at)
                at += len(line) + 1
            return
        table.places.append(self._enter(*place))
        table.values.extend(values)

    def _add_line(self, raw: bytes, at: int) -> None:
        if not raw.strip():
            return
        line = parsed(raw, at)
        scores, place = _scores(line), _place(line)
        if scores is not None and place is not None:
            keys = (*scores,)
            table = self._tables.setdefault(keys, _Table(keys))
            table.places.append(self._enter(*place))
            table.values.extend(scores.values())
            return
        self.others.append(line)
        step = line.get("step")
        if line.get("event") == "begin" and isinstance(step, int):
            self._begun.append((len(self._steps), step))
            epoch = line.get("epoch")
            self.last_place = epoch if isinstance(epoch, int) else 0, step

    def _enter(self, epoch: int, step: int, seconds: float, time: float) -> int:
        self._epochs.append(epoch)
        self._steps.append(step)
        self._seconds.append(seconds)
        self.last_time, self.last_place = time, (epoch, step)
        return len(self._steps) - 1

    def _table(self, heads: tuple[bytes, ...]) -> _Table:
        """Raises `ValueError` where one of them is none."""
        table = self._tables.get(heads)
        if table is None:
            keys = [(_name(head), None) for head in heads]
            table = self._tables[heads] = _Table(keys)
        return table

    def curves(self) -> Mapping[Key, Curve]:
        """What counts of each score, in the order of their first appearance in the record."""
        epochs, steps = np.array(self._epochs, np.int64), np.array(self._steps, np.int64)
        seconds = np.array(self._seconds, np.float64)
        counts = np.ones(len(steps), np.bool_)
        for n_before, step in self._begun:
            counts[:n_before] &= steps[:n_before] <= step
        found: dict[Key, Curve] = {}
        for key, places, values in self._columns():
            order = np.lexsort((places, steps[places]))
            order = order[counts[places[order]]]
            at = steps[places[order]]
            if len(at):
                order = order[np.append(at[1:] != at[:-1], True)]  # the newest of each step
                rows = places[order]
                found[key] = Curve(
                    epochs=epochs[rows],
                    steps=steps[rows],
                    seconds=seconds[rows],
                    values=values[order],
                )
        return found

    def _columns(self) -> Iterator[tuple[Key, NDArray[np.int64], NDArray[np.float64]]]:
        parts: dict[Key, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
        for table in self._tables.values():
            places = np.array(table.places, np.int64)
            values = np.array(table.values, np.float64).reshape(len(places), len(table.keys))
            for n, key in enumerate(table.keys):
                parts.setdefault(key, []).append((places, values[:, n]))
        for key, found in parts.items():
            yield (
                key,
                np.concatenate([each for each, _ in found]),
                np.concatenate([each for _, each in found]),
            )


def read_scores(folder: Path) -> RecordedScores:
    """The whole lines of the record in `folder`, none where there is no record. Two million scores
    take about a second. Raises `OSError`.
    """
    found = RecordedScores()
    found.read_more(folder / RECORD)
    return found


def _scores(line: Line) -> dict[Key, float] | None:
    """None for another line."""
    kind, name, value = line.get("kind"), line.get("name"), line.get("value")
    if "event" in line or not isinstance(name, str):
        return None
    if kind == "score":
        return {(name, None): number(value)}
    if kind == "score_collection" and is_mapping(value):
        return {(name, str(key)): number(each) for key, each in value.items()}
    return None


def _place(line: Line) -> tuple[int, int, float, float] | None:
    """Epoch, step, seconds and time; None for a line of another place."""
    epoch, step = line.get("epoch"), line.get("step")
    if not (isinstance(epoch, int) and isinstance(step, int)):
        return None
    if not (abs(epoch) < _MOST and abs(step) < _MOST):
        return None
    return epoch, step, number(line.get("seconds")), number(line.get("time"))


def _name(head: bytes) -> str:
    """Raises `ValueError`."""
    name: object = json.loads(head[len(_HEAD) : -len(_VALUE)])
    if not (head.endswith(_VALUE) and isinstance(name, str)):
        raise ValueError
    return name


def _floats(texts: Sequence[bytes]) -> list[float]:
    """Raises `ValueError`."""
    try:
        return [*map(float, texts)]
    except ValueError:  # one that is not finite is a text
        return [number(json.loads(each)) for each in texts]
