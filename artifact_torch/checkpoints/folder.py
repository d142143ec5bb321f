"""Checkpoints as files in a folder."""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

import torch

from artifact_torch.checkpoints.loadable import unloadable
from artifact_torch.contracts import Every, Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import integer, refuse, shown
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.internal.narrowing import is_path, is_state_dict

_log = logging.getLogger(__name__)
_NAME = re.compile(r"(?:epoch_(\d+)_)?step_(\d+)\.pt")


@final
class FolderCheckpointer:
    """One file per saved moment, of which the newest `keep` stay.

    `epoch_00010_step_00000150.pt` at the end of an epoch, `step_00000120.pt` within one. A file is
    written under a temporary name, flushed to the disk and renamed, so that it is either complete
    or not there. Checkpoints of steps after the one that is saved belong to another run, or to a
    future that `restore` left behind: they are moved to `abandoned/`. Reading uses
    `torch.load(weights_only=True)`: no code is run.

    A relative folder is the one that it names now, whatever the working directory becomes; `~` is
    the home folder. Raises `ConfigurationError` for a folder that is none or cannot be made.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        every: Every | list[Every] | tuple[Every, ...] = 1,
        keep: int | None = 3,
        strict: bool = False,
    ) -> None:
        given = tuple(every) if isinstance(every, list | tuple) else (every,)
        problems = _folder_problems(folder)
        problems += [problem for each in given for problem in cadence_problems("every", each)]
        if not given:
            problems.append(
                "every must have at least one cadence, got an empty list; write every=1"
            )
        if keep is not None:
            problems += integer("keep (files, or None for all)", keep, least=1)
        refuse([f"FolderCheckpointer: {problem}" for problem in problems])
        self._folder = _path_of(folder) or Path()
        self._keep = keep
        self._begins_anew = False
        self.cadences: Sequence[Every] = given
        """When it is due; the trainer adds the end of the run."""

    def is_due(self, moment: Moment, /) -> bool:
        """Whether any of its cadences is reached."""
        return any(moment.reaches(each) for each in self.cadences)

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None:
        """Write `state`, then remove what is beyond `keep`.

        Raises `CheckpointError`, and writes nothing, for what `load` could not read back: anything
        but tensors, numbers, texts, bytes, None, torch's dtypes, devices and sizes, and dicts,
        lists, tuples and sets of them.
        """
        _refuse_unloadable(state)
        if self._begins_anew:
            self._set_aside(-1)
            self._begins_anew = False
        self._folder.mkdir(parents=True, exist_ok=True)
        ended = f"epoch_{moment.epoch:05d}_" if moment.ends_epoch else ""
        target = self._folder / f"{ended}step_{moment.step:08d}.pt"
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        for step, path in sorted(self._files().items()):  # of one step, two names
            if step == moment.step and path != target:
                path.unlink()
        self._set_aside(moment.step)
        files = self._files()
        for old in sorted(files)[: -self._keep] if self._keep is not None else ():
            files[old].unlink()
        _log.debug("checkpoint of %s: %s", moment, target)

    def begin(self, step: int, state: Mapping[str, object], /) -> None:
        """Raise `CheckpointError` for what `load` could not read back. Warns of checkpoints of
        another run, which the first save sets aside.
        """
        if step == 0 and self.steps():
            _log.warning(
                "%s: holds checkpoints of steps %s, and this run begins anew; restore() before train() "
                "goes on from them, the first save moves them to abandoned/",
                self._folder,
                self.steps(),
            )
            self._begins_anew = True
        _refuse_unloadable(state)

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        """The state at the end of `epoch`, or after `step`, or the newest. Raises `CheckpointError`
        naming what is there.
        """
        files = self._files()
        fitting = {
            at: path
            for at, path in files.items()
            if (step is None or at == step) and (epoch is None or _epoch_of(path) == epoch)
        }
        if not fitting:
            asked = {"epoch": epoch, "step": step}
            told = " and ".join(f"{what} {n}" for what, n in asked.items() if n is not None)
            there = ", ".join(files[at].name for at in sorted(files)) or "none"
            raise CheckpointError(
                f"{self._folder}: expected a checkpoint{told and f' of {told}'}, found {there}; "
                "check the folder, or train first; a program that is started again asks before: "
                "if checkpointer.steps(): trainer.restore()"
            )
        return _read(fitting[max(fitting)])

    def steps(self) -> list[int]:
        """The saved steps, oldest first."""
        return sorted(self._files())

    def _files(self) -> dict[int, Path]:
        found = ((_NAME.fullmatch(path.name), path) for path in self._folder.glob("*step_*.pt"))
        return {int(name[2]): path for name, path in found if name}

    def _set_aside(self, step: int) -> None:
        """Move checkpoints of later steps away: another run, or a future that was left behind."""
        later = {n: path for n, path in self._files().items() if n > step}
        for path in later.values():
            (self._folder / "abandoned").mkdir(exist_ok=True)
            path.replace(_free(self._folder / "abandoned" / path.name))
        if later and not self._begins_anew:  # which was told at its start
            _log.warning(
                "%s: had checkpoints of the later steps %s, from which restore() before train() would "
                "have gone on; moved to its folder abandoned/",
                self._folder,
                sorted(later),
            )


def _refuse_unloadable(state: Mapping[str, object]) -> None:
    if problems := unloadable(state):
        raise CheckpointError(
            "checkpoint: could not be loaded back, so it is not written:\n"
            + "".join(f"  - {problem}\n" for problem in problems)
            + "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of "
            "them; change what state_dict returns. What was recorded so far is kept."
        )


def _free(path: Path) -> Path:
    """The path, or where there is something already, one with a number."""
    taken, n = path, 1
    while taken.exists():
        taken, n = path.with_suffix(f".{n}.pt"), n + 1
    return taken


def _epoch_of(path: Path) -> int | None:
    name = _NAME.fullmatch(path.name)
    return int(name[1]) if name and name[1] else None


def _path_of(folder: object) -> Path | None:
    given = os.fspath(folder) if is_path(folder) else ""
    return Path(given).expanduser().absolute() if given else None


def _folder_problems(folder: object) -> list[str]:
    """What is wrong with a folder, which is there now if nothing is."""
    path = _path_of(folder)
    if path is None:
        return [f"folder must be a path, got {shown(folder)}"]
    if path.exists() and not path.is_dir():
        return [f"folder must be a folder, or not there yet, got the file {folder}"]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [f"folder {path} cannot be made ({error}); give one that can be written to"]
    return []


def _read(path: Path) -> Mapping[str, object]:
    try:
        state: object = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged file
        raise CheckpointError(
            f"{path}: cannot be read ({type(error).__name__}: {error}); it is damaged or was not "
            "written by FolderCheckpointer; load an older one"
        ) from error
    if not is_state_dict(state):
        raise CheckpointError(f"{path}: got {type(state).__name__}, expected the state of a run")
    return state
