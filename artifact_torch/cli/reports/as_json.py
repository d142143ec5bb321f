"""The report for programs. The keys are stable: `version` counts changes that break readers.

version         1
exit_status     0, 1 or 2, as that of the command
strict          whether warnings count as errors
targets[]       target, contract, inferred_because, arguments {In: "VAEInput", ...},
                status "fits" | "does not fit" | "could not check", refused_by [],
                file, line, findings [], failure
  findings[]    member, code, severity "error" | "unverified", message, fix, file, line, seen_by []
  failure       null, or reason, details [], file, line
skipped[]       name, reason
nets[]          name, version, seconds, trouble
notes[]
"""

import json
from pathlib import Path
from typing import Final, TypeAlias

from artifact_torch.cli.reports.findings import Failure, Finding, Outcome, Place, Report
from artifact_torch.cli.reports.paths import shown_path

VERSION: Final = 1

Fields: TypeAlias = dict[str, object]


def as_json(report: Report, folder: Path) -> str:
    """One JSON object; files are relative to `folder` where they lie below it."""
    nets = [
        {"name": n.name, "version": n.version, "seconds": round(n.seconds, 3), "trouble": n.trouble}
        for n in report.nets
    ]
    fields: Fields = {
        "version": VERSION,
        "exit_status": report.exit_status,
        "strict": report.strict,
        "targets": [_outcome(outcome, report, folder) for outcome in report.outcomes],
        "skipped": [{"name": each.name, "reason": each.reason} for each in report.skipped],
        "nets": nets,
        "notes": list(report.notes),
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _outcome(outcome: Outcome, report: Report, folder: Path) -> Fields:
    return {
        "target": outcome.target,
        "contract": outcome.contract or None,
        "inferred_because": outcome.why or None,
        "arguments": dict(outcome.arguments),
        "status": outcome.status(strict=report.strict),
        "refused_by": list(outcome.refused_by),
        **_place(outcome.place, folder),
        "findings": [_finding(finding, folder) for finding in outcome.findings],
        "failure": None if outcome.failure is None else _failure(outcome.failure, folder),
    }


def _finding(finding: Finding, folder: Path) -> Fields:
    return {
        "member": finding.member,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "fix": finding.fix,
        **_place(finding.place, folder),
        "seen_by": list(finding.seen_by),
    }


def _failure(failure: Failure, folder: Path) -> Fields:
    place = _place(failure.place, folder)
    return {"reason": failure.reason, "details": list(failure.details), **place}


def _place(place: Place | None, folder: Path) -> Fields:
    if place is None:
        return {"file": None, "line": None}
    return {"file": shown_path(place.file, folder), "line": place.line}
