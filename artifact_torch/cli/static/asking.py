"""The checkers on one witness, side by side."""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias, final

from artifact_torch.cli.reports.findings import Net
from artifact_torch.cli.static.checkers import CHECKERS, FILE
from artifact_torch.cli.static.processes import Program
from artifact_torch.cli.static.witness import Said, Witness
from artifact_torch.cli.targets.question import Question

INSTALL: Final = "pip install 'artifact-torch[check]'"

Judgement: TypeAlias = tuple[Net, Said]
"""A checker as it took part, and what it says about each claim."""


def default_cache() -> Path:
    """The folder for caches of this user."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "artifact-torch"


@final
class Asking:
    """The checkers at work on a witness; leaving the block ends them.

    They begin with the witness of the last run for the same folder, targets and options, while
    torch is still loading: 0.8 of 2.9 seconds. It tells the target's classes and their types, which
    only the imported module knows, but which seldom change. One that turned out to be another is
    asked about anew, so that what is kept, damaged or somebody else's, never changes a verdict.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._source = ""
        self._programs: dict[str, Program] = {}
        self._running = contextlib.ExitStack()
        asked = (question.project.folder, question.contract, *question.args, "", *question.targets)
        key = "\0".join(map(str, asked)).encode(errors="surrogatepass")
        # at most 256 are kept
        self._kept = question.cache / "witness" / hashlib.sha256(key).hexdigest()[:2]

    def __enter__(self) -> "Asking":
        if self._question.checkers:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                self.start(self._kept.read_text(encoding="utf-8"))
        return self

    def __exit__(self, *raised: object) -> None:
        self._running.close()

    def about(self, witness: Witness) -> list[Judgement]:
        """What every checker says; those that are not installed say so."""
        if self._question.checkers and witness.source != self._source:
            self.start(witness.source)
            with contextlib.suppress(OSError, UnicodeEncodeError):  # it costs time only
                self._kept.parent.mkdir(parents=True, exist_ok=True)
                self._kept.write_text(witness.source, encoding="utf-8")
        return [self._judgement(name, witness) for name in self._question.checkers]

    def start(self, source: str) -> None:
        """Begins with a witness; an earlier one is given up."""
        self._running.close()
        self._source, self._programs = source, {}
        temporary = tempfile.TemporaryDirectory(prefix="artifact-torch-")
        folder = Path(self._running.enter_context(temporary)).resolve()  # no link: one name
        (folder / FILE).write_text(source, encoding="utf-8")
        for name in self._question.checkers:
            command = CHECKERS[name].find()
            if command is not None:
                command += CHECKERS[name].arguments(folder, self._question)
                program = Program(command, folder=folder, environment=self.environment())
                self._running.callback(program.end)
                self._programs[name] = program

    def environment(self) -> Mapping[str, str]:
        """For mypy with the roots of the project, before those that the user named."""
        roots = [*map(str, self._question.project.checker_paths), os.environ.get("MYPYPATH", "")]
        return {**os.environ, "MYPYPATH": os.pathsep.join(filter(None, roots))}

    def _judgement(self, name: str, witness: Witness) -> Judgement:
        if name not in self._programs:
            return Net(name=name, trouble=f"it is not installed; {INSTALL}"), {}
        program, timeout = self._programs[name], self._question.timeout
        program.hear(timeout)
        said: Said = {}
        troubles: list[str] = []
        if program.status is None:
            troubles = [f"it did not finish within {timeout:g} seconds; --timeout allows more"]
        else:
            with contextlib.suppress(ValueError):
                said, troubles = witness.understood(program.output, name, CHECKERS[name])
        if not troubles and (not said or program.status not in {0, 1}):
            words = (program.errors or program.output).strip() or "no output"
            troubles = [f"it did not answer: {words.splitlines()[-1]}"]
        return Net(name=name, seconds=program.seconds, trouble="; ".join(troubles)), said
