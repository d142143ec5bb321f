"""What the lines of a record say beside scores: files, failures, warnings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, final

from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.reading import Line, counting, is_within, number


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedFile:
    """A picture or an array of one moment."""

    epoch: int
    """Epochs completed."""
    step: int
    seconds: float
    """In `train()` since the run began."""
    path: Path
    """It may be gone."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedFailure:
    """A result that could not be computed or kept."""

    kind: str
    name: str
    reason: str
    epoch: int
    step: int
    seconds: float


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedWarning:
    """What was warned of during the run."""

    text: str
    epoch: int
    step: int
    seconds: float


class Place(TypedDict):
    """Where in the run."""

    epoch: int
    step: int
    seconds: float


def files_of(folder: Path, lines: Sequence[Line], kind: str) -> dict[str, list[RecordedFile]]:
    """Those of `kind` ("plot", "array") that count, by name; of its collections by `name/key`."""
    found: dict[str, list[RecordedFile]] = {}
    for line in counting(lines):
        name, value = text(line.get("name")), mapping(line.get("value"))
        files: Mapping[str, object] = {}
        if line.get("kind") == kind:
            files = {name: value.get("file")}
        elif line.get("kind") == f"{kind}_collection":
            files = {f"{name}/{key}": each for key, each in mapping(value.get("files")).items()}
        for of, file in files.items():
            if is_within(file):
                path = folder / file
                found.setdefault(of, []).append(RecordedFile(**_place(line), path=path))
    return {name: sorted(files, key=lambda each: each.step) for name, files in found.items()}


def failures_of(lines: Iterable[Line]) -> list[RecordedFailure]:
    """Those that are no part of a future that was left behind."""
    found: list[RecordedFailure] = []
    for line in lines:
        if line.get("event") == "begin":
            found = [each for each in found if each.step <= whole(line.get("step"))]
        elif line.get("event") == "failure":
            kind, name, why = (text(line.get(key)) for key in ("kind", "name", "reason"))
            found.append(RecordedFailure(kind=kind, name=name, reason=why, **_place(line)))
    return found


def warnings_of(lines: Iterable[Line]) -> tuple[list[RecordedWarning], int]:
    """Those of the whole record; how many there were, with those that were counted only."""
    events = [each for each in lines if each.get("event") == "warning"]
    told = [each for each in events if isinstance(each.get("text"), str)]
    found = [RecordedWarning(text=text(each.get("text")), **_place(each)) for each in told]
    return found, len(found) + sum(whole(each.get("n_more")) for each in events)


def mapping(value: object) -> Mapping[str, object]:
    """Empty where it is something else."""
    return {str(key): each for key, each in value.items()} if is_mapping(value) else {}


def text(value: object) -> str:
    """Empty where it is something else."""
    return value if isinstance(value, str) else ""


def whole(value: object) -> int:
    """0 where it is something else."""
    return value if isinstance(value, int) else 0


def _place(line: Line) -> Place:
    seconds = number(line.get("seconds"))
    return Place(epoch=whole(line.get("epoch")), step=whole(line.get("step")), seconds=seconds)
