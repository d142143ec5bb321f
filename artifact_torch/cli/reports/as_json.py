"""The report for programs. The keys are stable: `version` counts changes that break readers.

version         2
exit_status     0, 1 or 2, as that of the command
strict          whether warnings count as errors
targets[]       target, contract, inferred_because, arguments {In: "VAEInput", ...},
                status "fits" | "does not fit" | "could not check", file, line,
                findings [], failure
  findings[]    net "run time" | "pyright" | "mypy", code (a checker's own rule), message, member,
                severity "error" | "unverified", fix, file, line
  failure       null, or reason, details [], file, line
skipped[]       name, reason
nets[]          name, version, seconds, trouble
notes[]
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeAlias

from artifact_torch.cli.reports.findings import Failure, Finding, Outcome, Place, Report
from artifact_torch.cli.reports.written import shown_path

VERSION: Final = 2

Fields: TypeAlias = dict[str, object]


def as_json(report: Report, folder: Path) -> str:
    """One JSON object; files are relative to `folder` where they lie below it."""
    fields: Fields = {
        "version": VERSION,
        "exit_status": report.exit_status,
        "strict": report.strict,
        "targets": [_target(outcome, report, folder) for outcome in report.outcomes],
        "skipped": [asdict(each) for each in report.skipped],
        "nets": [{**asdict(net), "seconds": round(net.seconds, 3)} for net in report.nets],
        "notes": report.notes,
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _target(outcome: Outcome, report: Report, folder: Path) -> Fields:
    return {
        "target": outcome.target,
        "contract": outcome.contract or None,
        "inferred_because": outcome.why or None,
        "arguments": dict(outcome.arguments),
        "status": outcome.status(strict=report.strict),
        **_place(outcome.place, folder),
        "findings": [_placed(finding, folder) for finding in outcome.findings],
        "failure": _placed(outcome.failure, folder) if outcome.failure else None,
    }


def _placed(part: Finding | Failure, folder: Path) -> Fields:
    fields: Fields = asdict(part)
    del fields["place"]
    return fields | _place(part.place, folder)


def _place(place: Place | None, folder: Path) -> Fields:
    if place is None:
        return {"file": None, "line": None}
    return {"file": shown_path(place.file, folder), "line": place.line}
