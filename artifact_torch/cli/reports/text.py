"""The report for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import RUN_TIME, Finding, Outcome, Place, Report
from artifact_torch.cli.reports.written import shown_path

_INDENT: Final = "      "
_SHOWN: Final = 0.05
"""Seconds: below, a net did nothing."""


def as_text(report: Report, folder: Path) -> str:
    """One block for each target, one entry for each finding, and a line that sums up."""
    blocks = ["\n".join(_outcome(each, report, folder)) for each in report.outcomes]
    if report.skipped:
        lines = [f"  {skipped.name}: {skipped.reason}" for skipped in report.skipped]
        blocks.append("\n".join(["not checked:", *lines]))
    troubles = [f"  {net.name}: {net.trouble}" for net in report.nets if net.trouble]
    if troubles:
        blocks.append("\n".join(["could not be asked:", *troubles]))
    blocks.append(_summary(report))
    return "\n\n".join(blocks) + "\n"


def _outcome(outcome: Outcome, report: Report, folder: Path) -> Iterator[str]:
    status = outcome.status(strict=report.strict)
    words = f"{outcome.target} {status} {outcome.contract}{_arguments(outcome)}".rstrip()
    if status == "could not check":
        words = f"could not check {outcome.target}"
    yield words
    if outcome.why:
        yield f"  {outcome.why}"
    for finding in outcome.findings:
        is_error = report.strict or finding.severity == "error"
        yield from _finding(finding, "error" if is_error else "warning", folder)
    if outcome.failure is not None:
        yield f"  {_at(outcome.failure.place, folder)}{outcome.failure.reason}"
        yield from (f"{_INDENT}{line}" for line in outcome.failure.details)
    of_ours = outcome.claim is not None and outcome.claim.contract.startswith("artifact_torch.")
    if status == "does not fit" and of_ours:
        yield f"  what fits: artifact-torch explain {outcome.contract}"


def _arguments(outcome: Outcome) -> str:
    shown = ", ".join(f"{name}={hint}" for name, hint in outcome.arguments.items())
    return f"[{shown}]" if shown else ""


def _finding(finding: Finding, kind: str, folder: Path) -> Iterator[str]:
    """A checker's own text stays as it is, line by line."""
    who = "" if finding.net == RUN_TIME else f"{finding.net} "
    member = f"{finding.member}: " if finding.member else ""
    first, *rest = f"{who}{kind}: {member}{finding.message} [{finding.code}]".splitlines()
    yield f"  {_at(finding.place, folder)}{first}"
    yield from (f"{_INDENT}{line}" for line in rest)
    if finding.fix:
        yield f"{_INDENT}to do: {finding.fix}"


def _at(place: Place | None, folder: Path) -> str:
    return "" if place is None else f"{shown_path(place.file, folder)}:{place.line}: "


def _summary(report: Report) -> str:
    states = [outcome.status(strict=report.strict) for outcome in report.outcomes]
    counted = [
        f"{states.count(state)} {one if states.count(state) == 1 else several}"
        for state, one, several in (
            ("fits", "fits", "fit"),
            ("does not fit", "does not fit", "do not fit"),
            ("could not check", "could not be checked", "could not be checked"),
        )
        if state in states
    ]
    nets = ", ".join(
        f"{net.name} {net.seconds:.1f} s"
        for net in report.nets
        if net.seconds >= _SHOWN and not net.trouble
    )
    said = ", ".join(counted) or "nothing to check"
    return f"{said} ({nets})" if nets else said
