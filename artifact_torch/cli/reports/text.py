"""The report for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import Finding, Outcome, Place, Report
from artifact_torch.cli.reports.paths import shown_path

_COLOURS: Final = {"error": "31", "unverified": "33", "fits": "32", "quiet": "2", "head": "1"}
_INDENT: Final = "      "
_SHOWN: Final = 0.05
"""Seconds: below, a net did nothing."""


def as_text(report: Report, folder: Path, *, colours: bool = False) -> str:
    """One block for each target, one entry for each fault, and a line that sums up."""
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
    contract = outcome.contract + _arguments(outcome)
    colour = "fits" if status == "fits" else "error"
    words = f"{outcome.target} {status}"
    words = f"{words} {contract}" if contract and status != "could not check" else words
    if status == "could not check":
        words = f"could not check {outcome.target}"
    yield _coloured(words, colour, colours)
    if outcome.why:
        yield _coloured(f"  {outcome.why}", "quiet", colours)
    for finding in outcome.findings:
        yield from _finding(finding, report, folder, colours)
    if outcome.failure is not None:
        yield f"  {_at(outcome.failure.place, folder)}{outcome.failure.reason}"
        yield from (f"{_INDENT}{line}" for line in outcome.failure.details)
    rest = set(outcome.refused_by) - {net for f in outcome.findings for net in f.seen_by}
    if rest:
        yield f"  also refused by {', '.join(sorted(rest))}, without details"
    if status == "does not fit" and outcome.is_explained:
        hint = f"  a class that fits: artifact-torch explain {outcome.contract}"
        yield _coloured(hint, "quiet", colours)


def _arguments(outcome: Outcome) -> str:
    shown = ", ".join(f"{name}={hint}" for name, hint in outcome.arguments.items())
    return f"[{shown}]" if shown else ""


def _finding(finding: Finding, report: Report, folder: Path, colours: bool) -> Iterator[str]:
    is_error = report.strict or finding.severity == "error"
    kind = "error" if is_error else "warning"
    member = f"{finding.member}: " if finding.member else ""
    kind = _coloured(kind, "error" if is_error else "unverified", colours)
    yield f"  {_at(finding.place, folder)}{kind}: {member}{finding.message}"
    if finding.fix:
        yield f"{_INDENT}to do: {finding.fix}"
    yield _coloured(
        f"{_INDENT}seen by {', '.join(finding.seen_by)} [{finding.code}]", "quiet", colours
    )


def _at(place: Place | None, folder: Path) -> str:
    return "" if place is None else f"{shown_path(place.file, folder)}:{place.line}: "


def _summary(report: Report) -> str:
    states = [outcome.status(strict=report.strict) for outcome in report.outcomes]
    counted = [
        f"{states.count(state)} {words}"
        for state, words in (
            ("fits", "fit" if states.count("fits") != 1 else "fits"),
            ("does not fit", "do not fit" if states.count("does not fit") != 1 else "does not fit"),
            ("could not check", "could not be checked"),
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
