"""The report in SARIF 2.1.0, which code hosts read (https://docs.oasis-open.org/sarif/sarif/v2.1.0)."""

import json
from importlib import metadata
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from artifact_torch.cli.reports.findings import Report
from artifact_torch.cli.reports.paths import repository, shown_path
from artifact_torch.cli.reports.remarks import Remark, remarks

Fields: TypeAlias = dict[str, object]


def as_sarif(report: Report, folder: Path) -> str:
    """One run; what could not be checked is a notification of it, not a result."""
    base = repository(folder)
    said = [*remarks(report)]
    results = [_result(remark, base) for remark in said if remark.rule != "unchecked"]
    unchecked = [_notification(remark, base) for remark in said if remark.rule == "unchecked"]
    rules = sorted({remark.rule for remark in said} - {"unchecked"})
    driver: Fields = {
        "name": "artifact-torch",
        "version": version(),
        "rules": [{"id": rule} for rule in rules],
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


def version() -> str:
    """Of this package."""
    try:
        return metadata.version("artifact-torch")
    except metadata.PackageNotFoundError:  # used from a checkout
        return "0"


def _result(remark: Remark, base: Path) -> Fields:
    return {
        "ruleId": remark.rule,
        "level": remark.level,
        "message": {"text": remark.text},
        "locations": _locations(remark, base),
    }


def _notification(remark: Remark, base: Path) -> Fields:
    message = {"text": remark.text}
    return {"level": remark.level, "message": message, "locations": _locations(remark, base)}


def _locations(remark: Remark, base: Path) -> list[Fields]:
    if remark.place is None:
        return []
    file = shown_path(remark.place.file, base)
    uri = Path(file).as_uri() if Path(file).is_absolute() else quote(file)
    region = {"startLine": remark.place.line}
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]
