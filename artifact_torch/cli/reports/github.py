"""The report as workflow commands, which GitHub shows at the line in the pull request.

The form: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from pathlib import Path

from artifact_torch.cli.reports.findings import Report
from artifact_torch.cli.reports.paths import repository, shown_path
from artifact_torch.cli.reports.remarks import Remark, remarks


def as_github(report: Report, folder: Path) -> str:
    """One line for each remark; nothing where all is well."""
    base = repository(folder)
    return "".join(f"{_command(remark, base)}\n" for remark in remarks(report))


def _command(remark: Remark, base: Path) -> str:
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
