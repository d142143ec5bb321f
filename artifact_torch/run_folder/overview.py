"""The runs in a folder, each by its small files: a look at two hundred takes a moment."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import final

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.disk import read_json
from artifact_torch.internal.narrowing import is_list
from artifact_torch.run_folder.best import BEST
from artifact_torch.run_folder.owner import since_1970
from artifact_torch.run_folder.reading import RECORD, number
from artifact_torch.run_folder.recorded_lines import mapping, text
from artifact_torch.run_folder.recorded_run import stands
from artifact_torch.run_folder.recorded_scores import RecordedScores, read_scores
from artifact_torch.run_folder.settings import SETTINGS
from artifact_torch.run_folder.status import STATUS, Standing, read_status

_DEPTH = 3  # folders of experiments, of sweeps in them


@final
@dataclass(frozen=True, kw_only=True)
class RunOverview:
    """How a run stands and what it was set to, without its record where the small files say it."""

    name: str
    """Its path within the folder that was looked into."""
    folder: Path
    status: Standing
    reason: str
    epoch: int
    step: int
    seconds: float
    """In `train()`, of all processes; NaN where it is not told."""
    began: float
    """Seconds since 1970; NaN where it is not told."""
    judged_by: str
    """The score by which its best moment is chosen; empty where none was."""
    best: float
    """That score at the best moment; NaN where there was none."""
    modes: Mapping[str, str]
    settings: Mapping[str, object]


def overview(folder: Path, name: str) -> RunOverview:
    """Of the run in `folder`. Damaged files are as if they were not there; how it ended is in its
    record too. Raises `OSError`.
    """
    how, set_to = stands(folder, _recorded(folder)), mapping(read_json(folder / SETTINGS))
    best = mapping(mapping(read_json(folder / BEST / "best.json")).get("scores"))
    seconds = how["seconds"].values()
    times = set_to.get("begun")
    begun = [mapping(each).get("time") for each in times] if is_list(times) else []
    judged_by = text(set_to.get("judged_by")) or (next(iter(best)) if len(best) == 1 else "")
    return RunOverview(
        name=name,
        folder=folder,
        status=how["status"],
        reason=how["reason"],
        epoch=how["epoch"],
        step=how["step"],
        seconds=sum(seconds) if seconds else nan,
        began=since_1970(begun[0]) if begun else nan,
        judged_by=judged_by,
        best=number(best.get(judged_by)),
        modes={score: text(each) for score, each in mapping(set_to.get("modes")).items()},
        settings=mapping(set_to.get("settings")),
    )


def _recorded(folder: Path) -> RecordedScores:
    """Read only where the status does not say how the run stands."""
    if read_status(folder) is not None:
        return RecordedScores()
    try:
        return read_scores(folder)
    except OSError:
        return RecordedScores()


def runs_in(folder: Path) -> list[RunOverview]:
    """Those in `folder`, three folders deep, or the one that it is; oldest first.

    Raises `RunFolderError` where it is no folder. One that cannot be read is left out.
    """
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: is no folder; give one that holds runs, or a run")
    found: list[RunOverview] = []
    for place in _run_folders(folder, _DEPTH):
        name = place.relative_to(folder).as_posix() if place != folder else folder.name
        try:
            found.append(overview(place, name))
        except OSError:
            continue
    return sorted(found, key=lambda each: (each.began != each.began, each.began, each.name))


def _run_folders(folder: Path, depth: int) -> Iterator[Path]:
    """A run holds no others."""
    try:
        with os.scandir(folder) as entries:
            there = {entry.name: entry.is_dir() for entry in entries}
    except OSError:
        return
    if any(there.get(name) is False for name in (RECORD, STATUS, SETTINGS)):
        yield folder
    elif depth > 0:
        for name in sorted(there):
            if there[name] and not name.startswith("."):
                yield from _run_folders(folder / name, depth - 1)
