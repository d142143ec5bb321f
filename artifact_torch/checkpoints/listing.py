"""The checkpoints that a folder holds, and which of them training left behind."""

import errno
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from artifact_torch.checkpoints.manifest import (
    LOGS,
    MANIFEST,
    Manifest,
    Name,
    parsed,
    read_manifest,
)
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.disk import sync, write_file

ABANDONED: Final = "abandoned"
_OF_THE_PROCESS: Final = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}  # and not of the file
_MARK: Final = re.compile(r"rewound_before_save_(\d{1,15})_to_step_(-?\d{1,15})")


@final
@dataclass(frozen=True, kw_only=True)
class Mark:
    """Training went on at `step`: what was saved before save `order`, of later steps, is a future
    that was left behind. A new run goes on at step -1.

    An empty file of that name, made before anything else: it is there or not, whatever happens.
    """

    order: int
    step: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"rewound_before_save_{self.order}_to_step_{self.step}"

    def covers(self, order: int, step: int) -> bool:
        """Whether the checkpoint was left behind."""
        return order < self.order and step > self.step


@final
@dataclass(frozen=True, kw_only=True)
class Found:
    """A folder with the name of a checkpoint."""

    path: Path
    name: Name
    manifest: Manifest | None
    problem: str
    """Why it has no manifest that counts; empty where it has one."""

    @property
    def order(self) -> int:
        """Of its save; one that does not say is asked first among those of its step."""
        return 2**63 if self.manifest is None else self.manifest.identity.order

    @property
    def age(self) -> tuple[int, int, int]:
        """Sorts: the newest is the last."""
        return self.name.step, self.order, self.name.n


def found_in(folder: Path, known: Iterable[Found] = ()) -> list[Found]:
    """All that have the name of a checkpoint, oldest first; of `known`, manifests are not read
    again. One that a run which goes on removes meanwhile is not there. Raises `OSError` where the folder
    cannot be read, or nothing can for now: that is no damage.
    """
    read = {each.path.name: each for each in known if each.manifest is not None}
    try:
        names = [(path, parsed(path.name)) for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = [read.get(path.name) or _found(path, told) for path, told in names if told is not None]
    there = [each for each in found if each.manifest is not None or each.path.exists()]
    return sorted(there, key=lambda each: each.age)


def marks_in(folder: Path) -> list[Mark]:
    """Raises `OSError`."""
    try:
        names = [_MARK.fullmatch(path.name) for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    return [Mark(order=int(name[1]), step=int(name[2])) for name in names if name]


def live(found: Iterable[Found], marks: Collection[Mark]) -> list[Found]:
    """Those that no mark covers, damaged ones included."""
    return [each for each in found if not _is_covered(each, marks)]


def next_order(found: Iterable[Found], marks: Iterable[Mark]) -> int:
    """Above all that were given."""
    orders = [each.order + 1 for each in found if each.manifest is not None]
    return max([1, *orders, *(mark.order for mark in marks)])


def leave_behind(folder: Path, step: int, known: Iterable[Found] = ()) -> list[int]:
    """Marks checkpoints of steps above `step` as left behind, then moves them, with a copy of the
    log, to `abandoned/1`, `/2`, .... Moves as well what was marked before. Returns their steps.

    Raises `OSError`: those that were marked are never chosen again, also where they could not be
    moved.
    """
    found, marks = found_in(folder, known), marks_in(folder)
    new = Mark(order=next_order(found, marks), step=step)
    later = [each for each in live(found, marks) if each.manifest and each.name.step > step]
    if later:
        write_file(folder / new.name)
        sync(folder)
        for old in marks:
            if old.step >= step:  # the new one covers what it covered
                (folder / old.name).unlink(missing_ok=True)
    dead = [each for each in found if _is_covered(each, [*marks, new])]
    if dead:
        _set_aside(folder, dead)
    return sorted(each.name.step for each in later)


def _set_aside(folder: Path, dead: Iterable[Found]) -> None:
    abandoned = folder / ABANDONED
    abandoned.mkdir(exist_ok=True)
    taken = [int(path.name) for path in abandoned.iterdir() if path.name.isdecimal()]
    target = abandoned / str(max(taken, default=0) + 1)
    target.mkdir()
    for name in LOGS:
        if (folder / name).exists():
            write_file(target / name, (folder / name).read_bytes())
    for each in dead:
        each.path.rename(target / each.path.name)
    for changed in (target, abandoned, folder):
        sync(changed)


def _is_covered(found: Found, marks: Iterable[Mark]) -> bool:
    return found.manifest is not None and any(
        mark.covers(found.order, found.name.step) for mark in marks
    )


def _found(path: Path, name: Name) -> Found:
    try:
        return Found(path=path, name=name, manifest=read_manifest(path), problem="")
    except CheckpointError as error:
        problem = str(error)
    except OSError as error:
        if error.errno in _OF_THE_PROCESS:
            raise
        problem = f"{MANIFEST} cannot be read ({error.strerror})"
    return Found(path=path, name=name, manifest=None, problem=problem)
