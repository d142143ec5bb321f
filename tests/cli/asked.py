"""`artifact-torch check` asked in this process, by the run-time net alone."""

import json
from collections.abc import Callable

import pytest

from artifact_torch.cli.main import main

Lines = Callable[[str, str], int]
"""Of the fixture `line_of`: a file of the shop and a text in it."""


def check(*arguments: str) -> int:
    """The exit status."""
    return main(["check", "--checker", "none", *arguments])


def targets(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """What the report says of each target."""
    check("--format", "json", *arguments)
    report: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return report["targets"]


def reason(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it finds at the only one."""
    (target,) = targets(capsys, *arguments)
    return str(target["findings"])
