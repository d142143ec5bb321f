"""`artifact-torch new`: a project that trains, is checked and tested, for a domain."""

import argparse
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple, final

from artifact_torch.cli.reports.findings import CannotCheckError

ABOUT: Final = """\
Makes the folder NAME with a project: a small model that trains on a table, its data, recipe,
routines, configuration, tests and CI file. It passes all of them as it stands; make it yours from
there, file by file. NAME is the name of its Python package too.
"""

_NEXT: Final = """\
{name}: {about}, {n_files} files

next:
  cd {name}
  python -m pip install -e '.[dev]'
  python -m {name:<22} trains, into runs/first
  python -m pytest                 its tests, and its contracts
  pyright && mypy                  both strict

README.md says what is where, and what to change first.
"""


@final
class Domain(NamedTuple):
    """What a project of one domain is, in words, and the extras that it needs."""

    about: str
    extras: str


DOMAINS: Final[Mapping[str, Domain]] = {
    "plain": Domain("an autoencoder, with an artifact routine of its own", ""),
    "tables": Domain("a model of synthetic tables, compared with the real one", "[tables]"),
    "classification": Domain("a classifier of two classes", "[scores,tables]"),
    "regression": Domain("a regression", "[scores,tables]"),
}

_TEMPLATES: Final = Path(__file__).with_name("templates")
_PACKAGE_NAME: Final = re.compile(r"[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?")


def add_options(new: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch new`."""
    new.add_argument("name", metavar="NAME", help="of the folder and of the package in it")
    domains = "; ".join(f"{name}: {domain.about}" for name, domain in DOMAINS.items())
    new.add_argument("--domain", choices=tuple(DOMAINS), default="plain", help=domains)
    new.set_defaults(run=_new)


def _new(options: argparse.Namespace) -> tuple[str, int]:
    return answer(options.name, options.domain, Path.cwd()), 0


def answer(name: str, domain: str, parent: Path) -> str:
    """Makes the project in `parent`; says what to do next. Raises `CannotCheckError`."""
    if problem := _problem_of_name(name) or _problem_of_folder(parent / name):
        raise CannotCheckError(problem)
    files = {path: text for path, text in dict(_files(name, domain)).items() if text}
    for path, text in files.items():
        file = parent / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return _NEXT.format(name=name, about=DOMAINS[domain].about, n_files=len(files))


def _files(name: str, domain: str) -> Iterator[tuple[str, str]]:
    """Relative path and text of each file: those of all domains, then those of `domain`, of which an
    empty one says that it does without.
    """
    words = {
        "project_name": name,
        "project_about": DOMAINS[domain].about,
        "project_extras": DOMAINS[domain].extras,
    }
    for kind in ("common", domain):
        folder = _TEMPLATES / kind
        for template in sorted(folder.rglob("*.template")):
            path = template.relative_to(folder).with_suffix("").as_posix().replace("dot_", ".")
            text = template.read_text(encoding="utf-8")
            for word, meaning in words.items():
                path, text = path.replace(word, meaning), text.replace(word, meaning)
            yield path, text


def _problem_of_name(name: str) -> str:
    if not _PACKAGE_NAME.fullmatch(name) or keyword.iskeyword(name):
        better = re.sub(r"\W+|^[\d_]+", "_", name, flags=re.ASCII).strip("_")
        usable = _PACKAGE_NAME.fullmatch(better) and not keyword.iskeyword(better)
        advice = f"write {better}" if usable else "choose another"
        if "/" in name or "\\" in name:
            advice = "it is made where you are: cd to the folder first"
        return (
            f"NAME must be the name of a Python package (letters, digits and _, a letter first), "
            f"got {name!r}; {advice}"
        )
    if name == "tests" or name in sys.stdlib_module_names or _is_installed(name):
        return (
            f"NAME must be free, got {name!r}, which is another package's name: one of them could "
            "not be imported; choose another"
        )
    return ""


def _is_installed(name: str) -> bool:
    """A folder without `__init__.py` is found too, but is nobody's package."""
    found = find_spec(name)
    return found is not None and found.origin is not None


def _problem_of_folder(folder: Path) -> str:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return ""
    what = "a folder that is not empty" if folder.is_dir() else "a file"
    return f"{folder} must be a new or an empty folder, got {what}; nothing was written"
