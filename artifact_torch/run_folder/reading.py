"""What the record of a run says, read while it is written or later; without torch."""

import json
import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias, TypeGuard

import numpy as np

from artifact_torch.contracts import Recorded, ResultKind
from artifact_torch.contracts.tracking import Value
from artifact_torch.internal.narrowing import is_mapping, is_state_dict

_log = logging.getLogger(__name__)

RECORD = "record.jsonl"
"""The name of the record in a run folder."""

Line: TypeAlias = Mapping[str, object]
"""One line of the record: a result has `kind`, `name` and `value`, everything else has `event`."""

_KINDS = {kind.value: kind for kind in ResultKind}
_AT_ONCE = 1 << 24  # bytes: a reader that is far behind holds no more of the file


def lines(path: Path, start: int = 0) -> tuple[list[Line], int]:
    """The whole lines of the record at `path` from byte `start` on, and where to go on reading.

    At most about 16 MiB at once: nothing new is there when the place stays the same. A last line
    that is torn is left for later. A line that is damaged comes as `{"event": "damaged", "at":
    byte}`. A file that is shorter than `start` was made anew, and is read from its beginning; one
    that is not there is empty. Raises `OSError` for one that cannot be read.
    """
    try:
        if start > path.stat().st_size:
            start = 0
    except FileNotFoundError:
        return [], 0
    raw, end = raw_lines(path, start, at_once=_AT_ONCE)
    found: list[Line] = []
    at = start
    for line in raw:
        if line.strip():
            found.append(parsed(line, at))
        at += len(line)
    return found, end


def raw_lines(path: Path, start: int, *, at_once: int) -> tuple[list[bytes], int]:
    """The whole lines from byte `start` on with their ends, at most about `at_once` bytes, and the
    byte after them. A file that is not there is empty. Raises `OSError`.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            read = file.read(at_once)
            if len(read) == at_once and b"\n" not in read:
                read += file.readline()
    except FileNotFoundError:
        return [], start
    whole = read[: read.rfind(b"\n") + 1]
    return [line + b"\n" for line in whole.split(b"\n")[:-1]], start + len(whole)


def parsed(raw: bytes, at: int) -> Line:
    """A line that begins at byte `at`; one that is damaged says so."""
    try:
        line: object = json.loads(raw)
    except (ValueError, RecursionError):
        line = None
    return line if is_state_dict(line) else {"event": "damaged", "at": at}


def recorded(line: Line, folder: Path) -> Recorded | None:
    """The result of a line, or None for another line. Arrays are loaded, plots are paths.

    One whose file is gone or damaged is None too, and is logged.
    """
    kind = _KINDS.get(str(line.get("kind")))
    name, epoch, step = line.get("name"), line.get("epoch"), line.get("step")
    if kind is None or "event" in line:
        return None
    if not (isinstance(name, str) and isinstance(epoch, int) and isinstance(step, int)):
        return None
    try:
        value = _value(kind, line.get("value"), folder)
    except (OSError, ValueError, EOFError) as error:
        _log.warning('%s "%s" of step %s cannot be read: %s', kind.value, name, step, error)
        return None
    seconds, time = number(line.get("seconds")), number(line.get("time"))
    return Recorded(
        kind=kind, name=name, value=value, epoch=epoch, step=step, seconds=seconds, time=time
    )


def history(folder: Path) -> list[Line]:
    """The results that count, in their order: not those of a future that was left behind, and the
    newest where one was recorded twice. Arrays and plots are not opened: see `recorded`.
    """
    return counting(all_lines(folder))


def counting(of: Iterable[Line]) -> list[Line]:
    """As `history` has them, of the lines of a whole record."""
    live: dict[tuple[str, str, int], Line] = {}
    for line in of:
        step = line.get("step")
        if not isinstance(step, int):
            continue
        if line.get("event") == "begin":
            live = {key: each for key, each in live.items() if key[2] <= step}
        elif "event" not in line:
            key = (str(line.get("kind")), str(line.get("name")), step)
            live.pop(key, None)
            live[key] = line
    return list(live.values())


def all_lines(folder: Path) -> Iterator[Line]:
    """Every whole line of the record, also those that no longer count."""
    start = 0
    while True:
        found, end = lines(folder / RECORD, start)
        yield from found
        if end == start:
            return
        start = end


def number(value: object) -> float:
    """A number of the record; NaN and infinities are texts there. NaN for what is none."""
    if isinstance(value, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(value, math.nan)
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:  # an integer of more than 308 digits
        return math.nan


def is_within(name: object) -> TypeGuard[str]:
    """Whether it names a file of the folder: a record that was edited by hand may name others."""
    return isinstance(name, str) and not (".." in Path(name).parts or Path(name).is_absolute())


def _value(kind: ResultKind, value: object, folder: Path) -> Value:
    match kind:
        case ResultKind.SCORE:
            return number(value)
        case ResultKind.SCORE_COLLECTION:
            if not is_mapping(value):
                raise ValueError("it has no scores")
            return {str(key): number(each) for key, each in value.items()}
        case ResultKind.ARRAY:
            return _array(_file(value, folder))
        case ResultKind.PLOT:
            return _file(value, folder)
        case ResultKind.ARRAY_COLLECTION:
            return {key: _array(path) for key, path in _files(value, folder).items()}
        case ResultKind.PLOT_COLLECTION:
            return _files(value, folder)


def _array(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
    loaded: np.ndarray[tuple[int, ...], np.dtype[np.floating]] = np.load(path, allow_pickle=False)
    return loaded


def _files(value: object, folder: Path) -> dict[str, Path]:
    files = value.get("files") if is_mapping(value) else None
    if not is_mapping(files):
        raise ValueError("it names no files")
    return {str(key): _file({"file": file}, folder) for key, file in files.items()}


def _file(value: object, folder: Path) -> Path:
    """Raises `ValueError` for one that is not of the folder."""
    name = value.get("file") if is_mapping(value) else None
    if not is_within(name):
        raise ValueError("it names no file of the folder")
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is gone")
    return path
