"""The command line: which command, and where its words go."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from artifact_torch.cli.check import answer
from artifact_torch.cli.options import Options, parser
from artifact_torch.cli.reports.as_json import as_json
from artifact_torch.cli.reports.code_hosts import as_github, as_sarif
from artifact_torch.cli.reports.findings import Report
from artifact_torch.cli.reports.text import as_text
from artifact_torch.cli.targets.target import Question

_FORMATS: Final[Mapping[str, Callable[[Report, Path], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status. The report goes to stdout, notes to stderr."""
    options = parser().parse_args(arguments, namespace=Options())
    try:
        return _run(options)
    except KeyboardInterrupt:
        _say("interrupted")
        return 130


def _run(options: Options) -> int:
    if options.command == "check":
        return _check(options)
    from artifact_torch.cli import catalogue, explain  # loads torch

    try:
        if options.command == "explain":
            _write(explain.explanation(options.contract))
        else:
            _write(explain.listing())
    except catalogue.ContractNameError as error:
        _say(str(error))
        return 2
    return 0


def _check(options: Options) -> int:
    folder = Path.cwd()
    named = tuple(dict.fromkeys(name for name in options.checker if name != "none"))
    report = answer(
        Question(
            targets=tuple(options.targets),
            contract=options.contract,
            args=tuple(options.args),
            allow_none=options.allow_none,
            checkers=named if options.checker else None,
            cache=Path(options.cache),
            timeout=options.timeout,
            strict=options.strict,
            folder=folder,
        )
    )
    for note in report.notes:
        _say(note)
    _write(_FORMATS[options.format](report, folder))
    return report.exit_status


def _write(text: str) -> None:
    """A closed pipe (`| head`) is no error of ours."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    sys.stderr.write(f"artifact-torch: {text}\n")
