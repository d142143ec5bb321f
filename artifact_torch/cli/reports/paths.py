"""How files are written in a report."""

import os
from collections.abc import Mapping
from pathlib import Path

from artifact_torch.cli.static.project import upward


def shown_path(file: str, base: Path) -> str:
    """Relative to `base` where it lies below it, with forward slashes."""
    path = Path(file)
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def repository(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """What code hosts take paths relative to: the checkout, else the folder itself."""
    workspace = environment.get("GITHUB_WORKSPACE")
    if workspace and folder.is_relative_to(workspace):
        return Path(workspace)
    return next((up for up in upward(folder) if (up / ".git").exists()), folder)
