"""Asking mypy about a witness."""

import importlib.util
import json
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from artifact_torch.cli.static.checker import FILE, Checker, Diagnostic
from artifact_torch.cli.targets.question import Question
from artifact_torch.internal.narrowing import is_mapping

_logger = logging.getLogger(__name__)


def _find() -> list[str] | None:
    if importlib.util.find_spec("mypy") is not None:
        return [sys.executable, "-m", "mypy"]
    installed = shutil.which("mypy")
    return [installed] if installed else None


def _arguments(folder: Path, question: Question) -> list[str]:
    """No settings of a project: with them, every project would read torch for half a minute."""
    cache = question.cache / "mypy"
    if not cache.exists():
        _logger.warning("mypy reads torch for the first time, which takes half a minute")
    said = ["--output", "json", "--no-error-summary", "--no-pretty", "--show-error-codes"]
    looked = ["--follow-imports", "silent", "--python-executable", sys.executable]
    files = ["--config-file", "", "--cache-dir", str(cache), str(folder / FILE)]
    return [*said, *looked, *files]


def _diagnostics(output: str) -> Iterator[Diagnostic]:
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


MYPY: Final = Checker(
    find=_find,
    arguments=_arguments,
    diagnostics=_diagnostics,
    refusing=frozenset({"return-value", "type-var"}),
)
