"""Asking mypy about a witness, with settings of our own as pyright."""

import importlib.util
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.cli.static.diagnostics import Diagnostic
from artifact_torch.cli.static.project import Setting
from artifact_torch.cli.static.witness import FILE
from artifact_torch.internal.narrowing import is_mapping

logger: logging.Logger = logging.getLogger(__name__)

REFUSING: Final = frozenset({"return-value", "type-var"})


def find() -> list[str] | None:
    """The command of mypy; None if there is none."""
    if importlib.util.find_spec("mypy") is not None:
        return [sys.executable, "-m", "mypy"]
    installed = shutil.which("mypy")
    return [installed] if installed else None


def environment(setting: Setting) -> Mapping[str, str]:
    """With the roots of the project to import from, before those that the user named."""
    roots = [*map(str, setting.project.checker_paths), os.environ.get("MYPYPATH", "")]
    return {**os.environ, "MYPYPATH": os.pathsep.join(filter(None, roots))}


def arguments(folder: Path, setting: Setting) -> list[str]:
    """No settings of a project: with them, every project would read torch for half a minute."""
    cache = setting.cache / "mypy"
    if not cache.exists():
        logger.warning("mypy reads torch for the first time, which takes half a minute")
    said = ["--output", "json", "--no-error-summary", "--no-pretty", "--show-error-codes"]
    looked = ["--follow-imports", "silent", "--python-executable", sys.executable]
    files = ["--config-file", "", "--cache-dir", str(cache), str(folder / FILE)]
    return [*said, *looked, *files]


def diagnostics(output: str) -> Iterator[Diagnostic]:
    """Raises ValueError for what is no answer."""
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
