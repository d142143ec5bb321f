"""How files and versions are written in a report."""

import importlib.metadata
import os
from collections.abc import Mapping
from pathlib import Path


def shown_path(file: str, base: Path) -> str:
    """Relative to `base` where it lies below it, with forward slashes."""
    path = Path(file)
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def repository(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """What code hosts take paths relative to: the checkout, else the folder itself."""
    workspace = environment.get("GITHUB_WORKSPACE")
    if workspace and folder.is_relative_to(workspace):
        return Path(workspace)
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), folder)


def version_of(distribution: str) -> str:
    """The installed one; empty where there is none: this package used from a checkout."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
