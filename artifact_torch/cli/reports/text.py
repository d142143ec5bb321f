"""The report for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import RUN_TIME, Finding, Outcome, Place, Report

_INDENT: Final = "      "
_SHOWN: Final = 0.05
"""Seconds: below, a net did nothing."""

_KINDS: Final[Mapping[str, str]] = {"error": "error: ", "unverified": "warning: "}
_COUNTED: Final = (
    ("fits", "fits", "fit"),
    ("does not fit", "does not fit", "do not fit"),
    ("could not check", "could not be checked", "could not be checked"),
)


def as_text(report: Report, folder: Path) -> str:
    """One block for each target, one entry for each finding, and a line that sums up."""
    meant = [outcome for outcome in report.outcomes if outcome.status != "left out"]
    blocks = ["\n".join(_outcome(each, folder)) for each in meant]
    left_out = {o.target: o.why for o in report.outcomes if o.status == "left out"}
    troubles = {net.name: net.trouble for net in report.nets if net.trouble}
    for head, listed in (("not checked:", left_out), ("could not be asked:", troubles)):
        if listed:
            blocks.append("\n".join([head, *(f"  {name}: {why}" for name, why in listed.items())]))
    return "\n\n".join([*blocks, _summary(report)]) + "\n"


def _outcome(outcome: Outcome, folder: Path) -> Iterator[str]:
    status = outcome.status
    arguments = ", ".join(f"{name}={hint}" for name, hint in outcome.arguments.items())
    contract = f"{outcome.contract}[{arguments}]" if arguments else outcome.contract
    unchecked = f"could not check {outcome.target}"
    says = f"{outcome.target} {status} {contract}".rstrip()
    yield unchecked if status == "could not check" else says
    if outcome.why:
        yield f"  {outcome.why}"
    for finding in outcome.findings:
        yield from _finding(finding, folder)
    of_ours = outcome.claim is not None and outcome.claim.contract.startswith("artifact_torch.")
    if status == "does not fit" and of_ours:
        yield f"  what fits: artifact-torch explain {outcome.contract}"


def _finding(finding: Finding, folder: Path) -> Iterator[str]:
    """A checker's own text stays as it is, line by line."""
    who = "" if finding.net == RUN_TIME else f"{finding.net} "
    member = f"{finding.member}: " if finding.member else ""
    code = "" if finding.severity == "unchecked" else f" [{finding.code}]"
    text = f"{who}{_KINDS.get(finding.severity, '')}{member}{finding.message}{code}"
    first, *rest = [*text.splitlines(), *finding.details]
    yield f"  {_at(finding.place, folder)}{first}"
    yield from (f"{_INDENT}{line}" for line in rest)
    if finding.fix:
        yield f"{_INDENT}to do: {finding.fix}"


def _at(place: Place | None, folder: Path) -> str:
    return "" if place is None else f"{place.file_in(folder)}:{place.line}: "


def _summary(report: Report) -> str:
    states = [outcome.status for outcome in report.outcomes]
    counted = [
        f"{states.count(state)} {one if states.count(state) == 1 else several}"
        for state, one, several in _COUNTED
        if state in states
    ]
    asked = [net for net in report.nets if net.seconds >= _SHOWN and not net.trouble]
    nets = ", ".join(f"{net.name} {net.seconds:.1f} s" for net in asked)
    said = ", ".join(counted) or "nothing to check"
    return f"{said} ({nets})" if nets else said
