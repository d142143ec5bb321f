"""A report as a flat list of remarks, each with its level: what code hosts can show at a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, final

from artifact_torch.cli.reports.findings import Finding, Outcome, Place, Report


@final
@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing to say, at one line or nowhere in particular."""

    level: Literal["error", "warning"]
    rule: str
    """The code of the finding; `unchecked` where nothing could be found out."""
    text: str
    place: Place | None


def remarks(report: Report) -> Iterator[Remark]:
    """All of them, in the order of the report."""
    for outcome in report.outcomes:
        for finding in outcome.findings:
            is_error = report.strict or finding.severity == "error"
            yield Remark(
                level="error" if is_error else "warning",
                rule=finding.code,
                text=_text(outcome, finding),
                place=finding.place or outcome.place,
            )
        if outcome.failure is not None:
            text = "\n".join(
                [
                    f"could not check {outcome.target}: {outcome.failure.reason}",
                    *outcome.failure.details,
                ]
            )
            yield Remark(level="error", rule="unchecked", text=text, place=outcome.failure.place)
    for net in report.nets:
        if net.trouble:
            text = f"{net.name} could not be asked: {net.trouble}"
            yield Remark(level="error", rule="unchecked", text=text, place=None)


def _text(outcome: Outcome, finding: Finding) -> str:
    member = f"{finding.member}: " if finding.member else ""
    advice = f"; to do: {finding.fix}" if finding.fix else ""
    subject = f"{outcome.target} as {outcome.contract}" if outcome.contract else outcome.target
    seen = ", ".join(finding.seen_by)
    return f"{subject}: {member}{finding.message}{advice} (seen by {seen})"
