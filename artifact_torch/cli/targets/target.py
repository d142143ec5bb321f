"""What a user names on the command line: a module, a file, or a name in one of them."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.cli.static.project import Project


class TargetError(Exception):
    """The text names nothing that could be imported."""


@final
@dataclass(frozen=True, kw_only=True)
class Target:
    """A module, and the name in it that is meant; empty for all that is defined in it."""

    module: str
    name: str = ""
    text: str
    """As the user wrote it."""

    @property
    def label(self) -> str:
        """`shop.models:VAE`, or the module alone."""
        return f"{self.module}:{self.name}" if self.name else self.module


@final
@dataclass(frozen=True, kw_only=True)
class Question:
    """What the user asks."""

    targets: tuple[str, ...]
    contract: str = ""
    args: tuple[str, ...] = ()
    allow_none: bool = False
    """A module without anything to check is well too."""
    checkers: tuple[str, ...] | None = None
    """None: those that are installed."""
    cache: Path
    timeout: float = 120.0
    strict: bool = False
    folder: Path


def read_target(text: str, project: Project) -> tuple[Target, Project]:
    """The target, and the project with one more root if its file needs one.

    Raises `TargetError`.
    """
    place, colon, name = text.rpartition(":")
    if not colon or name.startswith(("/", "\\")):  # a drive letter is no module
        place, name = text, ""
    if name and not _is_dotted(name):
        raise TargetError(f'"{name}" is no name in a module; write {place}:Name')
    if place.endswith(".py") or "/" in place or "\\" in place:
        module, root = _module_of((project.folder / place).resolve(), project)
        return Target(module=module, name=name, text=text), project.with_path(root)
    if not _is_dotted(place):
        raise TargetError(f'"{text}" is no module, no file and no module:Name')
    return Target(module=place, name=name, text=text), project


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _module_of(file: Path, project: Project) -> tuple[str, Path]:
    """The dotted name of the file, and the root it is imported from."""
    if file.suffix != ".py" or not file.is_file():
        raise TargetError(f"there is no Python file {file}")
    for root in (_package_root(file), *project.paths, file.parent):
        if root is not None and file.is_relative_to(root):
            parts = file.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if _is_dotted(name):
                return name, root
    raise TargetError(f'{file}: "{file.stem}" is no name of a module; rename the file')


def _package_root(file: Path) -> Path | None:
    """Above the outermost package; None for a file that is in none."""
    folder = file.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return None if folder == file.parent else folder


def nothing_in(target: Target, question: Question) -> str:
    """Why nothing was checked there."""
    contract = question.contract or "a contract"
    return f"nothing defined in {target.module} looks as if it were meant for {contract}"


def has_class(text: str, folder: Path) -> bool:
    """Whether the file `text` may hold something to check; read, not imported."""
    try:
        tree = ast.parse((folder / text).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True  # the import says what is wrong
    return any(isinstance(node, ast.ClassDef) for node in ast.walk(tree))
