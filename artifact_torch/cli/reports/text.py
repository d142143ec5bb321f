"""The report for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import RUN_TIME, Finding, Outcome, Place, Report
from artifact_torch.cli.reports.written import shown_path

_COLOURS: Final = {"error": "31", "warning": "33", "fits": "32", "quiet": "2"}
_INDENT: Final = "      "
_SHOWN: Final = 0.05
"""Seconds: below, a net did nothing."""


def as_text(report: Report, folder: Path, *, colours: bool = False) -> str:
    """One block for each target, one entry for each finding, and a line that sums up."""
    blocks = ["\n".join(_outcome(each, report, folder, colours)) for each in report.outcomes]
    if report.skipped:
        lines = [f"  {skipped.name}: {skipped.reason}" for skipped in report.skipped]
        blocks.append("\n".join(["not checked:", *lines]))
    troubles = [f"  {net.name}: {net.trouble}" for net in report.nets if net.trouble]
    if troubles:
        head = _coloured("could not be asked:", "error", colours)
        blocks.append("\n".join([head, *troubles]))
    blocks.append(_summary(report))
    return "\n\n".join(blocks) + "\n"


def _outcome(outcome: Outcome, report: Report, folder: Path, colours: bool) -> Iterator[str]:
    status = outcome.status(strict=report.strict)
    words = f"{outcome.target} {status} {outcome.contract}{_arguments(outcome)}".rstrip()
    if status == "could not check":
        words = f"could not check {outcome.target}"
    yield _coloured(words, "fits" if status == "fits" else "error", colours)
    if outcome.why:
        yield _coloured(f"  {outcome.why}", "quiet", colours)
    for finding in outcome.findings:
        is_error = report.strict or finding.severity == "error"
        yield from _finding(finding, "error" if is_error else "warning", folder, colours)
    if outcome.failure is not None:
        yield f"  {_at(outcome.failure.place, folder)}{outcome.failure.reason}"
        yield from (f"{_INDENT}{line}" for line in outcome.failure.details)
    of_ours = outcome.claim is not None and outcome.claim.contract.startswith("artifact_torch.")
    if status == "does not fit" and of_ours:
        hint = f"  what fits: artifact-torch explain {outcome.contract}"
        yield _coloured(hint, "quiet", colours)


def _arguments(outcome: Outcome) -> str:
    shown = ", ".join(f"{name}={hint}" for name, hint in outcome.arguments.items())
    return f"[{shown}]" if shown else ""


def _finding(finding: Finding, kind: str, folder: Path, colours: bool) -> Iterator[str]:
    """A checker's own text stays as it is, line by line."""
    who = "" if finding.net == RUN_TIME else f"{finding.net} "
    member = f"{finding.member}: " if finding.member else ""
    first, *rest = finding.message.splitlines() or [""]
    rule = _coloured(f" [{finding.code}]", "quiet", colours)
    lines = [f"{_coloured(who + kind, kind, colours)}: {member}{first}", *rest]
    lines[-1] += rule
    yield f"  {_at(finding.place, folder)}{lines[0]}"
    yield from (f"{_INDENT}{line}" for line in lines[1:])
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


def _coloured(text: str, kind: str, colours: bool) -> str:
    return f"\033[{_COLOURS[kind]}m{text}\033[0m" if colours else text
