"""What a user asks: about a module, a file, or a name in one of them, in which project."""

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from artifact_torch.cli.reports.findings import CannotCheckError

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

    @property
    def checker_paths(self) -> tuple[Path, ...]:
        """The roots for a type checker: also this package's own where it is installed through an
        import hook, which checkers cannot follow.
        """
        own = Path(__file__).resolve().parents[3]
        return self.paths if own.name == "site-packages" else (*self.paths, own)


@final
@dataclass(frozen=True, kw_only=True)
class Question:
    """What the user asks, and how."""

    targets: tuple[str, ...]
    contract: str = ""
    args: tuple[str, ...] = ()
    allow_none: bool = False
    """A module without anything to check is well too."""
    checkers: tuple[str, ...] = ()
    cache: Path
    """Where mypy keeps what it knows about torch: without it, it reads for half a minute."""
    timeout: float = 120.0
    strict: bool = False
    ranks: int = 1
    """Processes on which a trainer is rehearsed; with one it is only built."""
    project: Project

    @property
    def patience(self) -> float:
        """Seconds for a target: what is rehearsed too has them twice."""
        return self.timeout if self.ranks == 1 else 2 * self.timeout + 10.0

    def nothing_in(self, module: str) -> str:
        """Why nothing was checked there."""
        contract = self.contract or "a contract"
        return f"nothing defined in {module} looks as if it were meant for {contract}"


@final
@dataclass(frozen=True, kw_only=True)
class Target:
    """A module, and the name in it that is meant; empty for all that is defined in it."""

    module: str
    name: str = ""

    @property
    def label(self) -> str:
        """`shop.models:VAE`, or the module alone."""
        return f"{self.module}:{self.name}" if self.name else self.module


def find_project(folder: Path) -> Project:
    """The project around `folder`: the nearest folder upward with a pyproject.toml or the like."""
    around = (folder, *folder.parents)
    root = next((up for up in around if any((up / m).exists() for m in _ROOT_MARKS)), folder)
    roots = [path for path in (root / "src", root) if path.is_dir()]
    if not (folder / "__init__.py").exists():  # a package's own folder would shadow others
        roots.append(folder)
    return Project(folder=folder, root=root, paths=tuple(dict.fromkeys(roots)))


def read_target(text: str, project: Project) -> tuple[Target, Project]:
    """The target, and the project with one more root if its file needs one.

    Raises `CannotCheckError` for a text that names nothing that could be imported.
    """
    place, colon, name = text.rpartition(":")
    if not colon or name.startswith(("/", "\\")):  # a drive letter is no module
        place, name = text, ""
    if name and not _is_dotted(name):
        raise CannotCheckError(f'"{name}" is no name in a module; write {place}:Name')
    if place.endswith(".py") or "/" in place or "\\" in place:
        module, root = _module_of((project.folder / place).resolve(), project)
        paths = project.paths if root in project.paths else (root, *project.paths)
        return Target(module=module, name=name), replace(project, paths=paths)
    if not _is_dotted(place):
        raise CannotCheckError(f'"{text}" is no module, no file and no module:Name')
    return Target(module=place, name=name), project


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _module_of(file: Path, project: Project) -> tuple[str, Path]:
    """The dotted name of the file, and the root it is imported from."""
    if file.suffix != ".py" or not file.is_file():
        raise CannotCheckError(f"there is no Python file {file}")
    package = file.parent
    while (package / "__init__.py").exists():
        package = package.parent
    above = () if package == file.parent else (package,)
    for root in (*above, *project.paths, file.parent):
        if file.is_relative_to(root):
            parts = file.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if _is_dotted(name):
                return name, root
    raise CannotCheckError(f'{file}: "{file.stem}" is no name of a module; rename the file')


def has_class(file: Path) -> bool:
    """Whether the file may hold something to check; read, not imported."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True  # the import says what is wrong
    return any(isinstance(node, ast.ClassDef) for node in ast.walk(tree))
