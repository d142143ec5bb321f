"""One run as its folder has it, all at once: what a report, a table of runs and a notebook show."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isnan
from pathlib import Path
from typing import TypedDict, final

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.disk import absolute, read_json
from artifact_torch.internal.narrowing import is_list
from artifact_torch.run_folder.best import BEST
from artifact_torch.run_folder.owner import since_1970
from artifact_torch.run_folder.reading import RECORD, Line, number
from artifact_torch.run_folder.recorded_lines import (
    RecordedFailure,
    RecordedFile,
    RecordedWarning,
    failures_of,
    files_of,
    mapping,
    text,
    warnings_of,
    whole,
)
from artifact_torch.run_folder.recorded_scores import Curve, RecordedScores, read_scores
from artifact_torch.run_folder.settings import SETTINGS
from artifact_torch.run_folder.status import STATUS, Standing, read_status

_ENDED: Mapping[str, Standing] = {"finished": "finished", "failed": "failed", "killed": "stopped"}


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedPart:
    """What was given to the trainer at one place, and was checked."""

    type: str
    contract: str
    """Empty in folders of older versions."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedBest:
    """The moment of the best weights."""

    epoch: int
    step: int
    scores: Mapping[str, float]


@final
@dataclass(frozen=True, kw_only=True)
class RecordedRun:
    """What counts of a run: no future that was left behind, and the newest of what was recorded
    twice. What a folder does not have, since it is of an older version or damaged, is empty.
    """

    name: str
    """That of its folder."""
    folder: Path | None = None
    """Absolute; None for a run without one."""
    status: Standing = "died"
    reason: str = ""
    """Why it ended."""
    began: float = float("nan")
    """The first time: seconds since 1970, UTC."""
    ended: float = float("nan")
    """As above; while it runs, when it was last heard of."""
    epoch: int = 0
    """Epochs completed."""
    step: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    """Where the time went: "training", "validation", "rest"."""
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    """Hyper-parameters under dotted keys."""
    seeds: Mapping[str, object] = field(default_factory=dict[str, object])
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    revision: str = ""
    """Of the source, with " (changed)" where tracked files were; empty without git."""
    program: Sequence[str] = ()
    """The command line."""
    begun: Sequence[Mapping[str, object]] = ()
    """Each beginning: `time`, `epoch`, `step`, and under `changed` what was other from then on."""
    parts: Mapping[str, RecordedPart] = field(default_factory=dict[str, RecordedPart])
    """By place: `train_loader`."""
    summary: str = ""
    """Of the model: a table of a few lines."""
    modes: Mapping[str, str] = field(default_factory=dict[str, str])
    """"min" or "max" by score: which is better, where that is known."""
    judged_by: str = ""
    """The score by which the best moment was chosen."""
    best: RecordedBest | None = None
    scores: Mapping[str, Curve] = field(default_factory=dict[str, Curve])
    """In the order in which they appeared."""
    collections: Mapping[str, Mapping[str, Curve]] = field(
        default_factory=dict[str, Mapping[str, Curve]]
    )
    """Score collections: by name, then key."""
    pictures: Mapping[str, Sequence[RecordedFile]] = field(
        default_factory=dict[str, Sequence[RecordedFile]]
    )
    """By name, those of a collection as `name/key`; by growing step. PNG or SVG."""
    arrays: Mapping[str, Sequence[RecordedFile]] = field(
        default_factory=dict[str, Sequence[RecordedFile]]
    )
    """As the pictures; `.npy`."""
    failures: Sequence[RecordedFailure] = ()
    warnings: Sequence[RecordedWarning] = ()
    n_warnings: int = 0
    """All, also those that were counted only."""
    n_damaged: int = 0
    """Lines of the record that could not be read."""
    is_cut: bool = False
    """Its record has no end, though `status` says that the run has: lines are lost there."""


def read_run(folder: str | os.PathLike[str], /) -> RecordedRun:
    """The run in `folder`, also while it is written, or what is left of it.

    Raises `RunFolderError` where no run is, naming those in the folders below, or where it cannot
    be read.
    """
    place = absolute(folder)
    if place is None:
        raise RunFolderError(f"read_run: got {shown(folder)}, expected the path of a run folder")
    if not is_run(place):
        raise RunFolderError(_no_run(place))
    try:
        return _read(place)
    except OSError as error:
        raise RunFolderError(
            f"{place}: cannot be read ({error.strerror}); see to it that it can, or give another"
        ) from error


def is_run(folder: Path) -> bool:
    """Whether a run was begun there."""
    return any((folder / name).is_file() for name in (RECORD, STATUS, SETTINGS))


def _no_run(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder}: is no folder; give that of a run: what run_folder= was"
    below = [each.parent for name in ("*", "*/*") for each in folder.glob(f"{name}/{RECORD}")]
    if not below:
        return (
            f"{folder}: is no run folder, it has no {RECORD}; give one that a trainer with "
            "run_folder= has written"
        )
    names = ", ".join(sorted(str(each.relative_to(folder)) for each in below)[:10])
    more = f" and {len(below) - 10} more" if len(below) > 10 else ""
    return f"{folder}: is no run folder, but holds some; give one of {names}{more}"


def _read(folder: Path) -> RecordedRun:
    scores = read_scores(folder)
    curves, lines, standing = scores.curves(), scores.others, stands(folder, scores)
    collections: dict[str, dict[str, Curve]] = {}
    for (name, key), curve in curves.items():
        if key is not None:
            collections.setdefault(name, {})[key] = curve
    warned, n_warnings = warnings_of(lines)
    return RecordedRun(
        name=folder.name,
        folder=folder,
        **standing,
        **_settings(mapping(read_json(folder / SETTINGS)), lines),
        best=_best(mapping(read_json(folder / BEST / "best.json"))),
        scores={name: curve for (name, key), curve in curves.items() if key is None},
        collections=collections,
        pictures=files_of(folder, lines, "plot"),
        arrays=files_of(folder, lines, "array"),
        failures=failures_of(lines),
        warnings=warned,
        n_warnings=n_warnings,
        n_damaged=sum(each.get("event") == "damaged" for each in lines),
        is_cut=standing["status"] == "finished" and not _has_end(lines),
    )


def _has_end(lines: Sequence[Line]) -> bool:
    return bool(lines) and lines[-1].get("event") == "end"


class Stands(TypedDict):
    """How a run stands, and when and how far it went."""

    status: Standing
    reason: str
    began: float
    ended: float
    epoch: int
    step: int
    seconds: Mapping[str, float]


def stands(folder: Path, found: RecordedScores) -> Stands:
    """By status.json; where it is not there or damaged by the record alone. Raises `OSError`."""
    told, status = mapping(read_json(folder / STATUS)), read_status(folder)
    times = [number(each.get("time")) for each in found.others if "time" in each]
    last: Line = found.others[-1] if found.others else {}
    by_record = _ENDED.get(str(last.get("how")), "died") if _has_end(found.others) else "died"
    epoch, step = found.last_place
    return Stands(
        status=by_record if status is None else status.status,
        reason=text(last.get("reason")) if status is None else status.reason,
        began=min([*times, found.last_time], key=_or_after),
        ended=max([*times, found.last_time, since_1970(told.get("time"))], key=_or_before),
        epoch=epoch if status is None else status.epoch,
        step=step if status is None else status.step,
        seconds={what: number(each) for what, each in mapping(told.get("seconds")).items()},
    )


class _Settings(TypedDict):
    settings: Mapping[str, object]
    seeds: Mapping[str, object]
    device: str
    versions: Mapping[str, str]
    revision: str
    program: Sequence[str]
    begun: Sequence[Mapping[str, object]]
    parts: Mapping[str, RecordedPart]
    summary: str
    modes: Mapping[str, str]
    judged_by: str


def _settings(file: Mapping[str, object], lines: Sequence[Line]) -> _Settings:
    """By settings.json; the record has hyper-parameters too."""
    begun = [mapping(each.get("settings")) for each in lines if each.get("event") == "begin"]
    git, contracts = mapping(file.get("git")), mapping(file.get("contracts"))
    changed = " (changed)" if git.get("dirty") is True else ""
    revision = text(git.get("revision"))
    return _Settings(
        settings=mapping(file.get("settings")) or (begun[0] if begun else {}),
        seeds=mapping(file.get("seeds")),
        device=text(file.get("device")),
        versions={name: str(each) for name, each in mapping(file.get("versions")).items()},
        revision=f"{revision}{changed}" if revision else "",
        program=[str(each) for each in _listed(file.get("program"))],
        begun=[mapping(each) for each in _listed(file.get("begun"))],
        parts={
            place: RecordedPart(type=text(kind), contract=text(contracts.get(place)))
            for place, kind in mapping(file.get("parts")).items()
        },
        summary=_summary(text(file.get("model")), text(file.get("forward"))),
        modes={name: text(each) for name, each in mapping(file.get("modes")).items()},
        judged_by=text(file.get("judged_by")),
    )


def _summary(model: str, forward: str) -> str:
    """What a forward pass costs is at the end of the first line."""
    total, end, table = model.partition("\n")
    return f"{total}; {forward}{end}{table}" if forward else model


def _best(file: Mapping[str, object]) -> RecordedBest | None:
    if not file:
        return None
    scores = {name: number(each) for name, each in mapping(file.get("scores")).items()}
    return RecordedBest(epoch=whole(file.get("epoch")), step=whole(file.get("step")), scores=scores)


def _listed(value: object) -> list[object]:
    return value if is_list(value) else []


def _or_after(time: float) -> float:
    return inf if isnan(time) else time


def _or_before(time: float) -> float:
    return -inf if isnan(time) else time
