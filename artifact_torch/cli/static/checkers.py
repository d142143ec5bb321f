"""The checkers on one witness, side by side."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, final

from artifact_torch.cli.reports.findings import Net
from artifact_torch.cli.reports.written import version_of
from artifact_torch.cli.static import mypy, pyright
from artifact_torch.cli.static.diagnostics import Diagnostic, Said, understood
from artifact_torch.cli.static.processes import Program
from artifact_torch.cli.static.project import Setting
from artifact_torch.cli.static.witness import FILE, Witness

INSTALL: Final = "pip install 'artifact-torch[check]'"

Judgement: TypeAlias = tuple[Net, Said]
"""A checker as it took part, and what it says about each claim."""


@final
@dataclass(frozen=True)
class Checker:
    """A program that judges a witness."""

    find: Callable[[], list[str] | None]
    arguments: Callable[[Path, Setting], list[str]]
    """For a witness in that folder."""
    environment: Callable[[Setting], Mapping[str, str]]
    diagnostics: Callable[[str], Iterator[Diagnostic]]
    refusing: frozenset[str]


CHECKERS: Final[Mapping[str, Checker]] = {
    "pyright": Checker(
        pyright.find,
        pyright.arguments,
        pyright.environment,
        pyright.diagnostics,
        pyright.REFUSING,
    ),
    "mypy": Checker(
        mypy.find,
        mypy.arguments,
        mypy.environment,
        mypy.diagnostics,
        mypy.REFUSING,
    ),
}


def installed() -> list[str]:
    """The checkers that can run here."""
    return [name for name, checker in CHECKERS.items() if checker.find()]


def default_cache() -> Path:
    """The folder for caches of this user."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "artifact-torch"


@final
class Asking:
    """The checkers at work on one witness after another; leaving the block ends them."""

    def __init__(self, names: Sequence[str], setting: Setting) -> None:
        self._names = names
        self._setting = setting
        self._source = ""
        self._programs: dict[str, Program] = {}
        self._witness = contextlib.ExitStack()

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *raised: object) -> None:
        self._witness.close()

    def start(self, source: str) -> None:
        """Begins with a witness; an earlier one is given up."""
        self._witness.close()
        self._source, self._programs = source, {}
        temporary = tempfile.TemporaryDirectory(prefix="artifact-torch-")
        folder = Path(self._witness.enter_context(temporary)).resolve()  # no link: one name
        (folder / FILE).write_text(source, encoding="utf-8")
        for name in self._names:
            checker = CHECKERS[name]
            command = checker.find()
            if command is not None:
                program = Program(
                    [*command, *checker.arguments(folder, self._setting)],
                    folder=folder,
                    name=name,
                    environment=checker.environment(self._setting),
                )
                self._witness.callback(program.end)
                self._programs[name] = program

    def about(self, witness: Witness) -> list[Judgement]:
        """What every checker says; those that are not installed say so."""
        if witness.source != self._source:
            self.start(witness.source)
        return [self._judgement(name, witness) for name in self._names]

    def _judgement(self, name: str, witness: Witness) -> Judgement:
        checker = CHECKERS[name]
        if name not in self._programs:
            return Net(name=name, trouble=f"it is not installed; {INSTALL}"), {}
        timeout = self._setting.timeout
        done = self._programs[name].done(timeout)
        said: Said = {}
        troubles: list[str] = []
        if done.status is None:
            troubles = [f"it did not finish within {timeout:g} seconds; --timeout allows more"]
        else:
            with contextlib.suppress(ValueError):
                answer = checker.diagnostics(done.output)
                said, troubles = understood(answer, witness, name, refusing=checker.refusing)
        if not troubles and (not said or done.status not in {0, 1}):
            troubles = [f"it did not answer: {done.last_words}"]
        trouble = "; ".join(troubles)
        return Net(name=name, version=version_of(name), seconds=done.seconds, trouble=trouble), said
