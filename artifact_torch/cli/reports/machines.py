"""The report for programs: as JSON, and for code hosts, which show each finding at its line.

Those take workflow commands of GitHub
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions), or SARIF 2.1.0
(https://docs.oasis-open.org/sarif/sarif/v2.1.0).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeAlias

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Finding,
    Outcome,
    Place,
    Report,
    unchecked,
    version_of,
)

VERSION: Final = 3

Fields: TypeAlias = dict[str, object]


def as_json(report: Report, folder: Path) -> str:
    """One JSON object; files are relative to `folder` where they lie below it."""
    programs = {net.name: "torch" if net.name == RUN_TIME else net.name for net in report.nets}
    left_out = [outcome for outcome in report.outcomes if outcome.status == "left out"]
    return _written(
        {
            "version": VERSION,
            "exit_status": report.exit_status,
            "targets": [_target(o, folder) for o in report.outcomes if o not in left_out],
            "skipped": [{"name": each.target, "reason": each.why} for each in left_out],
            "nets": [
                asdict(net)
                | {"seconds": round(net.seconds, 3), "version": version_of(programs[net.name])}
                for net in report.nets
            ],
        }
    )


def _target(outcome: Outcome, folder: Path) -> Fields:
    return {
        "target": outcome.target,
        "contract": outcome.contract or None,
        "inferred_because": outcome.why or None,
        "arguments": dict(outcome.arguments),
        "status": outcome.status,
        **_place(outcome.place, folder),
        "findings": [
            {name: value for name, value in asdict(each).items() if name != "place"}
            | _place(each.place, folder)
            for each in outcome.findings
        ],
    }


def _place(place: Place | None, folder: Path) -> Fields:
    if place is None:
        return {"file": None, "line": None}
    return {"file": place.file_in(folder), "line": place.line}


def as_github(report: Report, folder: Path) -> str:
    """One line for each finding; nothing where all is well."""
    base = _repository(folder)
    return "".join(_command(finding, text, base) for finding, text in _said(report))


def as_sarif(report: Report, folder: Path) -> str:
    """One run; what could not be checked is a notification of it, not a result."""
    base = _repository(folder)
    results: list[Fields] = []
    failures: list[Fields] = []
    for finding, text in _said(report):
        message: Fields = {"level": _level(finding), "message": {"text": text}}
        message["locations"] = _locations(finding.place, base)
        if finding.severity == "unchecked":
            failures.append(message)
        else:
            results.append({"ruleId": finding.code} | message)
    driver: Fields = {
        "name": "artifact-torch",
        "version": version_of("artifact-torch") or "0",
        "rules": [{"id": rule} for rule in sorted({str(each["ruleId"]) for each in results})],
    }
    invocation: Fields = {
        "executionSuccessful": not failures,
        "exitCode": report.exit_status,
        "toolExecutionNotifications": failures,
    }
    run: Fields = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _written({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _said(report: Report) -> Iterator[tuple[Finding, str]]:
    """Every finding, and its text where it stands alone."""
    for outcome in report.outcomes:
        subject = f"{outcome.target} as {outcome.contract}" if outcome.contract else outcome.target
        for each in outcome.findings:
            member = f"{each.member}: " if each.member else ""
            advice = f"; to do: {each.fix}" if each.fix else ""
            text = f"{subject}: {member}{each.message}{advice} (seen by {each.net})"
            if each.severity == "unchecked":
                text = "\n".join(
                    [f"could not check {outcome.target}: {each.message}", *each.details]
                )
            yield each, text
    for net in report.nets:
        if net.trouble:
            yield unchecked(net.trouble), f"{net.name} could not be asked: {net.trouble}"


def _level(finding: Finding) -> str:
    return "warning" if finding.severity == "unverified" else "error"


def _command(finding: Finding, text: str, base: Path) -> str:
    properties = {"title": f"artifact-torch {finding.code}"}
    if finding.place is not None:
        file, line = finding.place.file_in(base), str(finding.place.line)
        properties = {"file": file, "line": line, **properties}
    shown = ",".join(
        f"{name}={_data(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    return f"::{_level(finding)} {shown}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _locations(place: Place | None, base: Path) -> list[Fields]:
    if place is None:
        return []
    from urllib.parse import quote

    file = place.file_in(base)
    uri = Path(file).as_uri() if Path(file).is_absolute() else quote(file)
    region: Fields = {"artifactLocation": {"uri": uri}, "region": {"startLine": place.line}}
    return [{"physicalLocation": region}]


def _repository(folder: Path) -> Path:
    """What code hosts take paths relative to: the checkout, else the folder itself."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and folder.is_relative_to(workspace):
        return Path(workspace)
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), folder)


def _written(fields: Fields) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
