"""What checkers say, and which claim it is about; each is a program that repeats a recorded answer."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.cli.reports.findings import Claim
from artifact_torch.cli.static import asking
from artifact_torch.cli.static.asking import Asking
from artifact_torch.cli.static.checkers import CHECKERS, FILE
from artifact_torch.cli.static.witness import witness_of
from artifact_torch.cli.targets.question import Question, find_project

CLAIM = Claim(
    module="shop.models",
    imports=("artifact_torch.contracts.model", "pandas.core.frame", "shop.models"),
    expression="shop.models.Vae",
    is_class=True,
    contract="artifact_torch.contracts.model.Model[shop.models.Rows, shop.models.Fit]",
)
WITNESS = witness_of([CLAIM, CLAIM])

Says = Callable[..., tuple[dict[int, list[tuple[str, str, str]]], str]]
"""From a checker's answer: by claim the code, severity and text of its findings, and its trouble."""


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Asks a program that gives this answer."""

    def ask(
        name: str, output: str, *, errors: str = "", status: int = 1
    ) -> tuple[dict[int, list[tuple[str, str, str]]], str]:
        program = f"import sys; sys.stdout.write({output!r}); sys.exit({errors or status!r})"
        fake = replace(CHECKERS[name], find=lambda: [sys.executable, "-c", program])
        monkeypatch.setattr(asking, "CHECKERS", {name: fake})
        project = find_project(tmp_path)
        question = Question(targets=(), checkers=(name,), project=project, cache=tmp_path)
        with Asking(question) as asked:
            ((net, said),) = asked.about(WITNESS)
        found: dict[int, list[tuple[str, str, str]]] = {
            n: [(f.code, f.severity, f.message) for f in each] for n, each in said.items()
        }
        assert all(finding.net == name for each in said.values() for finding in each)
        return found, net.trouble

    return ask


def test_the_witness() -> None:
    contract = CLAIM.contract
    assert (
        WITNESS.source
        == f"""\
import artifact_torch.contracts.model
import pandas.core.frame
import shop.models
def check_0(target: shop.models.Vae) -> {contract}: return target
def check_1(target: shop.models.Vae) -> {contract}: return target
"""
    )
    assert [WITNESS.claim_at(line) for line in range(1, 7)] == [*[None] * 3, 0, 1, None]
    assert [WITNESS.is_essential(line) for line in (1, 2, 3, 4)] == [True, False, True, True]


def pyright_says(*diagnostics: tuple[int, str, str, str]) -> str:
    return json.dumps(
        {
            "version": "1.1.414",
            "generalDiagnostics": [
                {
                    "file": f"/x/{FILE}",
                    "severity": severity,
                    "rule": rule,
                    "message": message,
                    "range": {"start": {"line": line - 1, "character": 0}},
                }
                for line, severity, rule, message in diagnostics
            ],
        }
    )


def test_pyright_line_by_line(says: Says) -> None:
    output = pyright_says(
        (5, "information", "", "just so"),
        (4, "error", "reportReturnType", 'Type "Vae" is not\n\xa0\xa0"generate" is not present'),
        (2, "error", "reportMissingImports", 'Import "pandas.core.frame" could not be resolved'),
    )
    assert says("pyright", output) == (
        {
            0: [("reportReturnType", "error", 'Type "Vae" is not\n  "generate" is not present')],
            1: [],
        },
        "",
    )


def test_pyright_without_the_module(says: Says) -> None:
    missing = 'Import "shop.models" could not be resolved'
    output = pyright_says((3, "error", "reportMissingImports", missing))
    assert says("pyright", output)[1] == missing


@pytest.mark.parametrize("name", ["pyright", "mypy"])
def test_no_answer_is_no_agreement(says: Says, name: str) -> None:
    found, trouble = says(name, "{no json", errors="a\nnode: not found")
    assert (found, trouble) == ({}, "it did not answer: node: not found")


def mypy_says(line: int, code: str, message: str, severity: str = "error", hint: str = "") -> str:
    fields = {"file": f"/x/{FILE}", "line": line, "message": message, "hint": hint or None}
    return json.dumps({**fields, "code": code, "severity": severity}) + "\n"


def test_mypy_line_by_line(says: Says) -> None:
    output = (
        "a warning\n"
        + mypy_says(2, "import-untyped", "no stubs for pandas")
        + mypy_says(4, "return-value", "Incompatible return value type", hint="Expected:\n  Got:")
        + mypy_says(5, "misc", "just so", "note")
    )
    said = "Incompatible return value type\nExpected:\n  Got:"
    assert says("mypy", output) == (
        {0: [("return-value", "error", said)], 1: []},
        "",
    )


def test_mypy_that_cannot_answer(says: Says) -> None:
    output = mypy_says(3, "import-not-found", "no shop.models")
    assert says("mypy", output)[1] == "no shop.models"
    elsewhere = json.dumps({"file": "a.py", "line": 2, "message": "bad", "code": "syntax"})
    assert says("mypy", elsewhere, status=2)[1] == "a.py:2: bad"
    assert says("mypy", "", status=2)[1] == "it did not answer: no output"
