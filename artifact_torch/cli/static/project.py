"""The project that the command was called in: where modules lie, and how checkers are run there."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

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

    @property
    def checker_paths(self) -> tuple[Path, ...]:
        """The roots for a type checker: also this package's own where it is installed through an
        import hook, which checkers cannot follow.
        """
        own = Path(__file__).resolve().parents[3]
        return self.paths if own.name == "site-packages" else (*self.paths, own)


@final
@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the checkers are run."""

    project: Project
    timeout: float
    cache: Path
    """Where mypy keeps what it knows about torch: without it, it reads for half a minute."""


def find_project(folder: Path) -> Project:
    """The project around `folder`: the nearest folder upward with a pyproject.toml or the like."""
    around = (folder, *folder.parents)
    root = next((up for up in around if any((up / m).exists() for m in _ROOT_MARKS)), folder)
    roots = [path for path in (root / "src", root) if path.is_dir()]
    if not (folder / "__init__.py").exists():  # a package's own folder would shadow others
        roots.append(folder)
    return Project(folder=folder, root=root, paths=tuple(dict.fromkeys(roots)))
