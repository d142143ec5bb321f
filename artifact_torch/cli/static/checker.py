"""What is known about a checker: how it is started, and how its answer is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from artifact_torch.cli.targets.question import Question

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
    """A program that judges a witness, with settings of our own: what a project asks of its own
    code is asked when the checker is run there.
    """

    find: Callable[[], list[str] | None]
    """Its command; None where it is not installed."""
    arguments: Callable[[Path, Question], list[str]]
    """For a witness in that folder."""
    diagnostics: Callable[[str], Iterator[Diagnostic]]
    """What it wrote; raises ValueError for what is no answer."""
    refusing: frozenset[str]
    """The rules that speak against a claim; another error leaves nothing to judge."""
