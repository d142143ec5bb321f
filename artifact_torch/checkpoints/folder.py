"""Checkpoints as files in a folder."""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch

from artifact_torch.checkpoints.loadable import unloadable
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import integer, refuse, shown
from artifact_torch.internal.narrowing import is_state_dict

_log = logging.getLogger(__name__)
_NAME = re.compile(r"epoch_(\d+)\.pt")


@final
class FolderCheckpointer:
    """One file per saved epoch, `epoch_00010.pt`, of which the newest `keep` stay.

    A file is written under a temporary name, flushed to the disk and renamed, so that it is either
    complete or not there. Checkpoints of epochs after the one that is saved belong to another run,
    or to a future that `restore` left behind: they are moved to `abandoned/`. Reading uses `torch.load(weights_only=True)`: no code is run.
    """

    def __init__(self, folder: Path | str, *, every: int, keep: int | None = 3) -> None:
        problems = _no_folder(folder) + integer("every (epochs)", every, least=1)
        if keep is not None:
            problems += integer("keep (files, or None for all)", keep, least=1)
        refuse([f"FolderCheckpointer: {problem}" for problem in problems])
        self._folder = Path(folder)
        self._every = every
        self._keep = keep

    def is_due(self, epoch: int, /) -> bool:
        """Every `every` epochs; the trainer adds the last one."""
        return epoch % self._every == 0

    def save(self, epoch: int, state: Mapping[str, object], /) -> None:
        """Write `state`, then remove what is beyond `keep`.

        Raises `CheckpointError`, and writes nothing, for what `load` could not read back: anything
        but tensors, numbers, texts, bytes, None, torch's dtypes, devices and sizes, and dicts,
        lists, tuples and sets of them.
        """
        if problems := unloadable(state):
            raise CheckpointError(
                f"checkpoint of epoch {epoch}: could not be loaded back, so it was not written:\n"
                + "".join(f"  - {problem}\n" for problem in problems)
                + "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of "
                "them. The results of this epoch and those before it are recorded already; change "
                "what state_dict returns."
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._path(epoch)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        self._set_aside(epoch)
        files = self._files()
        for old in sorted(files)[: -self._keep] if self._keep is not None else ():
            files[old].unlink()
        _log.debug("checkpoint of epoch %d: %s", epoch, target)

    def load(self, epoch: int | None = None, /) -> Mapping[str, object]:
        """The state after `epoch`, or the newest. Raises `CheckpointError` naming what is there."""
        files = self._files()
        chosen = max(files, default=None) if epoch is None else epoch
        if chosen is None or chosen not in files:
            wanted = "a checkpoint" if epoch is None else f"a checkpoint of epoch {epoch}"
            raise CheckpointError(
                f"{self._folder}: expected {wanted}, found epochs {sorted(files)}; check the "
                "folder, or train first; a program that is started again asks before: "
                "if checkpointer.epochs(): trainer.restore()"
            )
        return _read(files[chosen])

    def epochs(self) -> list[int]:
        """The saved epochs, oldest first."""
        return sorted(self._files())

    def _files(self) -> dict[int, Path]:
        found = ((_NAME.fullmatch(path.name), path) for path in self._folder.glob("epoch_*.pt"))
        return {int(name[1]): path for name, path in found if name}

    def _set_aside(self, epoch: int) -> None:
        """Move checkpoints of later epochs away: another run, or a future that was left behind."""
        later = {n: path for n, path in self._files().items() if n > epoch}
        for path in later.values():
            (self._folder / "abandoned").mkdir(exist_ok=True)
            path.replace(self._folder / "abandoned" / path.name)
        if later:
            _log.warning(
                "%s: had checkpoints of the later epochs %s; moved to its folder abandoned/",
                self._folder,
                sorted(later),
            )

    def _path(self, epoch: int) -> Path:
        return self._folder / f"epoch_{epoch:05d}.pt"


def _no_folder(folder: object) -> list[str]:
    if not isinstance(folder, str | Path):
        return [f"folder must be a path, got {shown(folder)}"]
    is_file = Path(folder).exists() and not Path(folder).is_dir()
    return [f"folder must be a folder, or not there yet, got the file {folder}"] if is_file else []


def _read(path: Path) -> Mapping[str, object]:
    try:
        state: object = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged file
        raise CheckpointError(
            f"{path}: cannot be read ({type(error).__name__}: {error}); it is damaged or was not "
            "written by FolderCheckpointer; load an older epoch"
        ) from error
    if not is_state_dict(state):
        raise CheckpointError(f"{path}: got {type(state).__name__}, expected the state of a run")
    return state
