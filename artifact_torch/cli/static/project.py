"""The project that the command was called in: where modules and settings lie."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.internal.narrowing import is_mapping

_ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


@final
@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder of the user, and the roots that modules are imported from."""

    folder: Path
    """Where the command was called."""
    root: Path
    paths: tuple[Path, ...]
    """In the order of `sys.path`: `src`, the root, the current folder."""

    def with_path(self, path: Path) -> "Project":
        """The same with one more root, if it is one more."""
        known = path in self.paths
        paths = self.paths if known else (path, *self.paths)
        return Project(folder=self.folder, root=self.root, paths=paths)


def find_project(folder: Path) -> Project:
    """The project around `folder`: the nearest folder upward with a pyproject.toml or the like."""
    marked = (up for up in upward(folder) if any((up / mark).exists() for mark in _ROOT_MARKS))
    root = next(marked, folder)
    roots = [path for path in (root / "src", root) if path.is_dir()]
    if not (folder / "__init__.py").exists():  # a package's own folder would shadow others
        roots.append(folder)
    return Project(folder=folder, root=root, paths=tuple(dict.fromkeys(roots)))


def checker_paths(project: Project) -> tuple[Path, ...]:
    """The roots for a type checker: those of the project, and this package's own where it is
    installed through an import hook, which checkers cannot follow.
    """
    own = Path(__file__).resolve().parents[3]
    return project.paths if own.name == "site-packages" else (*project.paths, own)


def upward(folder: Path) -> Iterable[Path]:
    """The folder and all around it, nearest first."""
    return (folder, *folder.parents)


def toml_table(file: Path, *names: str) -> Mapping[object, object] | None:
    """The table of that name, `tool`, `mypy`; None where there is none, or no readable file."""
    try:
        table: object = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for name in names:
        table = table.get(name) if is_mapping(table) else None
    return table if is_mapping(table) else None
