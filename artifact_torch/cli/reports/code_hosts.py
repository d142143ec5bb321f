"""The report for code hosts, which show each remark at its line.

As workflow commands of GitHub
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions), or in SARIF 2.1.0
(https://docs.oasis-open.org/sarif/sarif/v2.1.0).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, final
from urllib.parse import quote

from artifact_torch.cli.reports.findings import Finding, Outcome, Place, Report
from artifact_torch.cli.reports.written import repository, shown_path, version_of

Fields: TypeAlias = dict[str, object]


@final
@dataclass(frozen=True, kw_only=True)
class _Remark:
    """One thing to say, at one line or nowhere in particular."""

    level: Literal["error", "warning"] = "error"
    rule: str = "unchecked"
    """The code of the finding; `unchecked` where nothing could be found out."""
    text: str
    place: Place | None = None


def as_github(report: Report, folder: Path) -> str:
    """One line for each remark; nothing where all is well."""
    base = repository(folder)
    return "".join(f"{_command(remark, base)}\n" for remark in _remarks(report))


def as_sarif(report: Report, folder: Path) -> str:
    """One run; what could not be checked is a notification of it, not a result."""
    base = repository(folder)
    remarks = [*_remarks(report)]
    results = [{"ruleId": r.rule, **_said(r, base)} for r in remarks if r.rule != "unchecked"]
    unchecked = [_said(remark, base) for remark in remarks if remark.rule == "unchecked"]
    driver: Fields = {
        "name": "artifact-torch",
        "version": version_of("artifact-torch") or "0",
        "rules": [{"id": rule} for rule in sorted({r.rule for r in remarks} - {"unchecked"})],
    }
    invocation: Fields = {
        "executionSuccessful": not unchecked,
        "exitCode": report.exit_status,
        "toolExecutionNotifications": unchecked,
    }
    run: Fields = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    fields: Fields = {"$schema": schema, "version": "2.1.0", "runs": [run]}
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _remarks(report: Report) -> Iterator[_Remark]:
    """All of them, in the order of the report."""
    for outcome in report.outcomes:
        for each in outcome.findings:
            is_error = report.strict or each.severity == "error"
            yield _Remark(
                level="error" if is_error else "warning",
                rule=each.code,
                text=_text(outcome, each),
                place=each.place or outcome.place,
            )
        if (failure := outcome.failure) is not None:
            lines = [f"could not check {outcome.target}: {failure.reason}", *failure.details]
            yield _Remark(text="\n".join(lines), place=failure.place)
    for net in report.nets:
        if net.trouble:
            yield _Remark(text=f"{net.name} could not be asked: {net.trouble}")


def _text(outcome: Outcome, finding: Finding) -> str:
    subject = f"{outcome.target} as {outcome.contract}" if outcome.contract else outcome.target
    member = f"{finding.member}: " if finding.member else ""
    advice = f"; to do: {finding.fix}" if finding.fix else ""
    return f"{subject}: {member}{finding.message}{advice} (seen by {finding.net})"


def _command(remark: _Remark, base: Path) -> str:
    properties = {"title": f"artifact-torch {remark.rule}"}
    if remark.place is not None:
        file, line = shown_path(remark.place.file, base), str(remark.place.line)
        properties = {"file": file, "line": line, **properties}
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{remark.level} {shown}::{_data(remark.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _said(remark: _Remark, base: Path) -> Fields:
    locations: list[Fields] = []
    if remark.place is not None:
        file = shown_path(remark.place.file, base)
        uri = Path(file).as_uri() if Path(file).is_absolute() else quote(file)
        place: Fields = {"artifactLocation": {"uri": uri}}
        locations = [{"physicalLocation": place | {"region": {"startLine": remark.place.line}}}]
    return {"level": remark.level, "message": {"text": remark.text}, "locations": locations}
