"""What the checkers said, recorded, and what is understood of it."""

import json

import pytest

from artifact_torch.cli.reports.findings import Claim, Refusal, Verdict
from artifact_torch.cli.static import mypy, pyright
from artifact_torch.cli.static.witness import FILE, witness_of

SYNTHESIZER = ("forward", "generate", "state_dict", "name")

CLAIM = Claim(
    module="shop.models",
    imports=("artifact_torch.contracts.model", "pandas.core.frame", "shop.models"),
    expression="shop.models.Vae",
    is_class=True,
    contract="artifact_torch.contracts.model.Model[shop.models.Rows, shop.models.Fit]",
    members=SYNTHESIZER,
)
WITNESS = witness_of([CLAIM, CLAIM])


def test_the_witness() -> None:
    contract = CLAIM.contract
    assert (
        WITNESS.source
        == f"""\
import artifact_torch.contracts.model
import pandas.core.frame
import shop.models
def check_0(target: shop.models.Vae) -> {contract}:
    reveal_type(target)
    return target
def check_1(target: shop.models.Vae) -> {contract}:
    reveal_type(target)
    return target
"""
    )
    assert [WITNESS.claim_at(line) for line in range(1, 11)] == [
        *[None] * 3,
        *[0] * 3,
        *[1] * 3,
        None,
    ]
    assert [WITNESS.is_essential(line) for line in (1, 2, 3, 4)] == [True, False, True, True]


PYRIGHT_THREE = """\
Type "Vae" is not assignable to return type "TableSynthesizer[ModelInput, ModelOutput, object]"
  "Vae" is incompatible with protocol "TableSynthesizer[ModelInput, ModelOutput, object]"
    "generate" is not present
      "forward" is an incompatible type
        Type "(values: Tensor) -> Tensor" is not assignable to type "(model_input: \
In_contra@TableSynthesizer, /) -> Out_co@TableSynthesizer"
          Parameter 1: type "In_contra@TableSynthesizer" is incompatible with type "Tensor"
          Function return type "Tensor" is incompatible with type "Out_co@TableSynthesizer\""""

PYRIGHT_CUT = """\
Type "Bad" is not assignable to return type "TableSynthesizer[In, ModelOutput, Params]"
  "Bad" is incompatible with protocol "TableSynthesizer[In, ModelOutput, Params]"
    "forward" is an incompatible type
      Type "(batch: In) -> Tensor" is not assignable to type "(model_input: \
In_contra@TableSynthesizer, /) -> Out_co@TableSynthesizer"
        Function return type "Tensor" is incompatible with type "Out_co@TableSynthesizer"
          Type "Tensor" is not assignable to type "ModelOutput"
    "generate" is an incompatible type
      Type "(params: Params, n: int) -> Tensor" is not assignable to type "(params: \
Params_contra@TableSynthesizer, /) -> DataFrame"
        Extra parameter "n"
  ..."""

PYRIGHT_VALUE = """\
Type "Stop" is not assignable to return type "Bounded"
  "Stop" is incompatible with protocol "Bounded"
    "name" is an incompatible type
      Type "str" is not assignable to type "int | None"
        "str" is not assignable to "int"
        "str" is not assignable to "None\""""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            PYRIGHT_THREE,
            [
                Refusal(member="generate", words="not present"),
                Refusal(
                    member="forward",
                    aspect="parameter",
                    words='Parameter 1: type "In" is incompatible with type "Tensor"',
                ),
                Refusal(
                    member="forward",
                    aspect="return",
                    words='Function return type "Tensor" is incompatible with type "Out"',
                ),
            ],
        ),
        (
            PYRIGHT_CUT,
            [
                Refusal(
                    member="forward",
                    aspect="return",
                    words='Function return type "Tensor" is incompatible with type "Out"',
                ),
                Refusal(member="generate", aspect="parameter", words='Extra parameter "n"'),
            ],
        ),
        (
            PYRIGHT_VALUE,
            [Refusal(member="name", words='Type "str" is not assignable to type "int | None"')],
        ),
        (
            'Could not specialize type "Model[In, Out]"\n  Type "int" is not assignable to "X"',
            [
                Refusal(
                    words='Could not specialize type "Model[In, Out]"; Type "int" is not '
                    'assignable to "X"'
                )
            ],
        ),
    ],
)
def test_pyright_member_by_member(message: str, expected: list[Refusal]) -> None:
    assert pyright.refusals_in(message, SYNTHESIZER) == expected


def pyright_says(*diagnostics: tuple[int, str, str, str]) -> str:
    return json.dumps(
        {
            "version": "1.1.414",
            "generalDiagnostics": [
                {
                    "severity": severity,
                    "rule": rule,
                    "message": message,
                    "range": {"start": {"line": line - 1, "character": 0}},
                }
                for line, severity, rule, message in diagnostics
            ],
        }
    )


def test_pyright_line_by_line() -> None:
    output = pyright_says(
        (5, "information", "", 'Type of "target" is "Vae"'),
        (8, "information", "", 'Type of "target" is "Unknown"'),
        (6, "error", "reportReturnType", PYRIGHT_VALUE),
        (2, "error", "reportMissingImports", 'Import "pandas.core.frame" could not be resolved'),
        (4, "error", "reportMissingTypeArgument", "not our question"),
    )
    refusal = Refusal(member="name", words='Type "str" is not assignable to type "int | None"')
    assert pyright.read(output, WITNESS) == (
        "1.1.414",
        {0: Verdict(refusals=(refusal,)), 1: Verdict(sees_any=True)},
        "",
    )


def test_pyright_without_the_module() -> None:
    missing = 'Import "shop.models" could not be resolved'
    _, _, trouble = pyright.read(
        pyright_says((3, "error", "reportMissingImports", missing)), WITNESS
    )
    assert trouble == missing


def test_pyright_that_does_not_answer() -> None:
    assert pyright.read("node: not found\n", WITNESS) == (
        "",
        {},
        "it did not answer: node: not found",
    )


MYPY_CONFLICTS = """\
Following member(s) of "Vae" have conflicts:
    Expected:
        def forward(self, ModelInput, /) -> ModelOutput
    Got:
        def forward(self, values: Tensor) -> Tensor
    generate: expected "Callable[[Params], DataFrame]", got "Tensor | Module\""""


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (
            MYPY_CONFLICTS,
            [
                Refusal(
                    member="forward",
                    words="expected def forward(self, ModelInput, /) -> ModelOutput, got "
                    "def forward(self, values: Tensor) -> Tensor",
                ),
                Refusal(
                    member="generate",
                    words='expected "Callable[[Params], DataFrame]", got "Tensor | Module"',
                ),
            ],
        ),
        (
            '"Slow" is missing following "TrackingClient" protocol members:\n    log_file, log_plot',
            [
                Refusal(member="log_file", words="is missing"),
                Refusal(member="log_plot", words="is missing"),
            ],
        ),
        ("", [Refusal(words='Incompatible return value type (got "A", expected "B")')]),
    ],
)
def test_mypy_member_by_member(hint: str, expected: list[Refusal]) -> None:
    message = 'Incompatible return value type (got "A", expected "B")'
    assert mypy.refusals_in(message, hint) == expected


def mypy_says(line: int, code: str, message: str, severity: str = "error") -> str:
    fields = {"file": f"/tmp/x/{FILE}", "line": line, "message": message, "hint": None}  # noqa: S108
    return json.dumps({**fields, "code": code, "severity": severity}) + "\n"


def test_mypy_line_by_line() -> None:
    output = (
        "a warning\n"
        + mypy_says(2, "import-untyped", "no stubs for pandas")
        + mypy_says(6, "return-value", "Incompatible return value type")
        + mypy_says(8, "misc", 'Revealed type is "Any"', "note")
        + mypy_says(4, "type-arg", "not our question")
    )
    assert mypy.read(output, "", 1, WITNESS) == (
        {
            0: Verdict(refusals=(Refusal(words="Incompatible return value type"),)),
            1: Verdict(sees_any=True),
        },
        "",
    )


def test_mypy_that_cannot_answer() -> None:
    _, trouble = mypy.read(mypy_says(3, "import-not-found", "no shop.models"), "", 1, WITNESS)
    assert trouble == "no shop.models"
    _, trouble = mypy.read("", "usage: mypy\nmypy: error: no such option\n", 2, WITNESS)
    assert trouble == "it did not answer: mypy: error: no such option"


def test_mypy_that_refuses_its_settings_is_quoted_with_the_line() -> None:
    line = json.dumps({"file": "mypy.ini", "line": 2, "message": "no plugin", "code": "misc"})
    _, trouble = mypy.read(line, "", 2, witness_of([]))
    assert trouble == "it did not answer: mypy.ini:2: no plugin"
    _, trouble = mypy.read("", "Traceback\nValueError: x\n", 2, witness_of([]))
    assert trouble == "it did not answer: ValueError: x"
