"""The folder that was given for checkpoints."""

import os
from pathlib import Path

from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_path


def path_of(folder: object) -> Path | None:
    """As it is named now, whatever the working directory becomes; None for what is no path."""
    given = os.fspath(folder) if is_path(folder) else ""
    return Path(given).expanduser().absolute() if given else None


def folder_problems(folder: object) -> list[str]:
    """What is wrong with a folder, which is there now if nothing is."""
    path = path_of(folder)
    if path is None:
        return [f"folder must be a path, got {shown(folder)}"]
    if path.exists() and not path.is_dir():
        return [f"folder must be a folder, or not there yet, got the file {folder}"]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [f"folder {path} cannot be made ({error}); give one that can be written to"]
    return []
