"""Checkpoints as files in a folder."""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch

from artifact_torch.cadence import require_cadence
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.narrowing import is_state_dict

_log = logging.getLogger(__name__)
_NAME = re.compile(r"epoch_(\d+)\.pt")


@final
class FolderCheckpointer:
    """One file per saved epoch, `epoch_00010.pt`, of which the newest `keep` stay.

    A file is written under a temporary name, flushed to the disk and renamed, so that it is either
    complete or not there. Reading uses `torch.load(weights_only=True)`: no code is run.
    """

    def __init__(self, folder: Path | str, *, every: int, keep: int | None = 3) -> None:
        self._folder = Path(folder)
        self._every = require_cadence(every, "FolderCheckpointer: every (epochs)")
        if keep is not None and keep < 1:
            raise ConfigurationError(
                f"FolderCheckpointer: keep must be at least 1 file, or None for all, got {keep}"
            )
        self._keep = keep

    def is_due(self, epoch: int, /) -> bool:
        """Every `every` epochs; the trainer adds the last one."""
        return epoch % self._every == 0

    def save(self, epoch: int, state: Mapping[str, object], /) -> None:
        """Write `state`, then remove what is beyond `keep`."""
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
        if self._keep is not None:
            for old in self.epochs()[: -self._keep]:
                self._path(old).unlink()
        _log.debug("checkpoint of epoch %d: %s", epoch, target)

    def load(self, epoch: int | None = None, /) -> Mapping[str, object]:
        """The state after `epoch`, or the newest. Raises `CheckpointError` naming what is there."""
        there = self.epochs()
        chosen = (there[-1] if there else None) if epoch is None else epoch
        if chosen is None or chosen not in there:
            wanted = "a checkpoint" if epoch is None else f"a checkpoint of epoch {epoch}"
            raise CheckpointError(
                f"{self._folder}: expected {wanted}, found epochs {there}; check the folder, or "
                "train first"
            )
        return _read(self._path(chosen))

    def epochs(self) -> list[int]:
        """The saved epochs, oldest first."""
        names = (_NAME.fullmatch(p.name) for p in self._folder.glob("epoch_*.pt"))
        return sorted(int(name[1]) for name in names if name)

    def _path(self, epoch: int) -> Path:
        return self._folder / f"epoch_{epoch:05d}.pt"


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
