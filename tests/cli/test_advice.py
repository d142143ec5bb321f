"""What to do, for every finding; and which files are nobody's own."""

import typing
from pathlib import Path
from typing import get_args

import pytest
import torch

from artifact_torch.checking.violation import Code, Severity
from artifact_torch.cli.reports.advice import advice
from artifact_torch.cli.reports.findings import Claim, Finding, Outcome
from artifact_torch.cli.targets.source_lines import is_library

OWN = Claim(
    module="m",
    imports=(),
    expression="m.A",
    is_class=True,
    contract="artifact_torch.contracts.Model",
    members=(),
)
OUTCOME = Outcome(target="m:A", contract="Model", claim=OWN)


def finding(
    code: str, message: str = "", *, doubt: bool = False, fix: str | None = None
) -> Finding:
    severity: Severity = "unverified" if doubt else "error"
    return Finding(member="x", code=code, message=message, seen_by=(), severity=severity, fix=fix)


EXPLAIN = "compare with a class that fits: artifact-torch explain Model"
OWN_ADVICE = {
    "build": "correct it where the trainer is built",
    "dynamic": "define it in the class",
    "missing": "declare it in the class body",
    "no-signature": "write it as a def: the parameters",
    "not-callable": "write it as a def",
    "parameter-type": "annotate it with a type that includes what it is called with",
    "return-type": "return what is asked for, and annotate it",
    "value-type": "assign a value of that type",
}
IN_DOUBT = {
    "parameter-type": "annotate it with a type that can be compared",
    "return-type": "annotate it with a type that can be compared",
}


@pytest.mark.parametrize("code", [*get_args(Code), "static", "build", "any"])
def test_every_finding_says_what_to_do(code: str) -> None:
    certain = OWN_ADVICE.get(code, EXPLAIN)
    assert advice(finding(code), OUTCOME).startswith(certain)
    assert advice(finding(code, doubt=True), OUTCOME).startswith(IN_DOUBT.get(code, certain))
    assert advice(finding(code, fix="the check's own"), OUTCOME) == "the check's own"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('Tensor is not a typed dict with the keys "loss"', "declare a TypedDict with those keys"),
        ('Fit has no key "loss"', "add the key to that typed dict"),
        ('the key "loss" is float, must be Tensor', "correct that key"),
        ("str is not a bool", "return what is asked for"),
    ],
)
def test_a_return_type(message: str, expected: str) -> None:
    assert advice(finding("return-type", message), OUTCOME).startswith(expected)


def test_only_contracts_of_the_package_are_explained() -> None:
    known = "compare with a class that fits: artifact-torch explain Model"
    assert advice(finding("static"), OUTCOME) == known
    unknown = Outcome(target="m:A", contract="Own")
    assert advice(finding("static"), unknown) == "compare with what the contract declares"


def test_python_and_what_is_installed_are_no_places_of_the_user(tmp_path: Path) -> None:
    own = tmp_path / "model.py"
    own.touch()
    assert is_library(str(typing.__file__))
    assert is_library(str(torch.__file__))
    assert is_library("<string>")
    assert not is_library(str(own))
