"""Every format, read back."""

import json
from pathlib import Path

import pytest

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Finding,
    Net,
    Outcome,
    Place,
    Report,
    unchecked,
    version_of,
)
from artifact_torch.cli.reports.machines import as_github, as_json, as_sarif
from artifact_torch.cli.reports.text import as_text

AT = Place(file="/project/src/m.py", line=7)
WRONG = Outcome(
    target="m:A",
    contract="Model",
    why="contract inferred: an nn.Module with forward",
    arguments={"In": "Rows"},
    findings=(
        Finding(
            member="forward -> return",
            code="return-type",
            message="returns 100%,\nreally",
            fix="return a dict",
            place=AT,
        ),
        Finding(
            member="forward(x)",
            code="parameter-type",
            severity="unverified",
            message="is not verified",
            place=AT,
        ),
        Finding(net="mypy", code="return-value", message="Incompatible return:\n    Got", place=AT),
    ),
    place=Place(file="/project/src/m.py", line=3),
)
RIGHT = Outcome(target="m:B", contract="Model", arguments={"In": "Rows", "Out": "Fit"})
BROKEN = Outcome(
    target="n",
    findings=(unchecked("importing n failed", "Traceback", "  x", place=AT),),
)
LEFT_OUT = Outcome(target="m:C", why="a building block?", is_meant=False)
NETS = (Net(name=RUN_TIME, seconds=0.25), Net(name="mypy", seconds=1.0))
ABSENT = Net(name="pyright", seconds=0.0, trouble="it is not installed; run: pip")
ALL = Report(
    outcomes=(WRONG, RIGHT, LEFT_OUT, BROKEN),
    nets=(*NETS, ABSENT),
)
HOME = Path("/project")


@pytest.fixture(autouse=True)
def _no_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def test_text() -> None:
    assert (
        as_text(ALL, HOME)
        == """\
m:A does not fit Model[In=Rows]
  contract inferred: an nn.Module with forward
  src/m.py:7: error: forward -> return: returns 100%,
      really [return-type]
      to do: return a dict
  src/m.py:7: warning: forward(x): is not verified [parameter-type]
  src/m.py:7: mypy error: Incompatible return:
          Got [return-value]

m:B fits Model[In=Rows, Out=Fit]

could not check n
  src/m.py:7: importing n failed
      Traceback
        x

not checked:
  m:C: a building block?

could not be asked:
  pyright: it is not installed; run: pip

1 fits, 1 does not fit, 1 could not be checked (run time 0.2 s, mypy 1.0 s)
"""
    )


def test_json() -> None:
    report = json.loads(as_json(ALL, HOME))
    assert (report["version"], report["exit_status"]) == (3, 1)
    assert report["targets"][0] == {
        "target": "m:A",
        "contract": "Model",
        "inferred_because": "contract inferred: an nn.Module with forward",
        "arguments": {"In": "Rows"},
        "status": "does not fit",
        "file": "src/m.py",
        "line": 3,
        "findings": [
            {
                "net": "run time",
                "member": "forward -> return",
                "code": "return-type",
                "severity": "error",
                "message": "returns 100%,\nreally",
                "fix": "return a dict",
                "details": [],
                "file": "src/m.py",
                "line": 7,
            },
            {
                "net": "run time",
                "member": "forward(x)",
                "code": "parameter-type",
                "severity": "unverified",
                "message": "is not verified",
                "fix": None,
                "details": [],
                "file": "src/m.py",
                "line": 7,
            },
            {
                "net": "mypy",
                "member": "",
                "code": "return-value",
                "severity": "error",
                "message": "Incompatible return:\n    Got",
                "fix": None,
                "details": [],
                "file": "src/m.py",
                "line": 7,
            },
        ],
    }
    (broken,) = report["targets"][2]["findings"]
    assert (broken["severity"], broken["message"]) == ("unchecked", "importing n failed")
    assert (broken["details"], broken["file"]) == (["Traceback", "  x"], "src/m.py")
    assert report["nets"][2] == {
        "name": "pyright",
        "version": version_of("pyright"),
        "seconds": 0.0,
        "trouble": "it is not installed; run: pip",
    }
    assert report["skipped"] == [{"name": "m:C", "reason": "a building block?"}]


def test_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/")
    at = "file=project/src/m.py,line=7,"
    assert (
        as_github(ALL, HOME)
        == f"""\
::error {at}title=artifact-torch return-type::m:A as Model: forward -> return: returns \
100%25,%0Areally; to do: return a dict (seen by run time)
::warning {at}title=artifact-torch parameter-type::m:A as Model: forward(x): is not verified \
(seen by run time)
::error {at}title=artifact-torch return-value::m:A as Model: Incompatible return:%0A    Got \
(seen by mypy)
::error {at}title=artifact-torch unchecked::could not check n: importing n failed%0ATraceback%0A  x
::error title=artifact-torch unchecked::pyright could not be asked: it is not installed; run: pip
"""
    )
    assert as_github(Report(outcomes=(RIGHT,)), HOME) == ""


def test_sarif() -> None:
    """The properties that the specification requires (3.13, 3.14, 3.18, 3.19, 3.20, 3.27, 3.58)."""
    log = json.loads(as_sarif(ALL, HOME))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "artifact-torch"
    assert run["tool"]["driver"]["rules"] == [
        {"id": "parameter-type"},
        {"id": "return-type"},
        {"id": "return-value"},
    ]
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("return-type", "error"),
        ("parameter-type", "warning"),
        ("return-value", "error"),
    ]
    place = {"artifactLocation": {"uri": "src/m.py"}, "region": {"startLine": 7}}
    assert run["results"][0]["locations"] == [{"physicalLocation": place}]
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [
        "could not check n: importing n failed\nTraceback\n  x",
        "pyright could not be asked: it is not installed; run: pip",
    ]


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(outcomes=(RIGHT,), nets=NETS), 0),
        (Report(outcomes=(RIGHT, WRONG, BROKEN)), 1),
        (Report(outcomes=(RIGHT, BROKEN)), 2),
        (Report(outcomes=(RIGHT,), nets=(ABSENT,)), 2),
        (Report(outcomes=(WRONG,), nets=(ABSENT,)), 1),
        (Report(outcomes=(LEFT_OUT,)), 0),  # --allow-none
    ],
)
def test_the_exit_status(report: Report, status: int) -> None:
    assert report.exit_status == status
