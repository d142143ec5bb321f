"""What `check_contract` says about the methods of a model, word for word."""

import logging
from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import Violation, check_contract, require_contract, solve_contract
from artifact_torch.contracts import AnyModel, Model
from artifact_torch.errors import ContractError

Load = Callable[[str], ModuleType]

OUTPUTS = """
class Loos(TypedDict):
    Loss: Tensor
class MayLoss(TypedDict):
    loss: NotRequired[Tensor]
class ReadLoss(TypedDict):
    loss: te.ReadOnly[Tensor]
class FloatLoss(TypedDict):
    loss: float
class OptionalLoss(TypedDict):
    loss: Tensor | None
class ArrayLoss(TypedDict):
    loss: Float[Tensor, ""]
class ParameterLoss(TypedDict):
    loss: nn.Parameter
UserId = NewType("UserId", int)
Alias = te.TypeAliasType("Alias", In)
T = TypeVar("T")
"""

NO_FIX = "Tensor is not a typed dict; annotate it with a typed dict [parameter-type]"
IN, OUT = "In (some ModelInput)", "Out (some ModelOutput)"
RETURN = f"forward -> return: returns {{}}, must return {OUT}: {{}} [return-type]"
NEEDS_LOSS = '{} is not a typed dict with the keys "loss"'
POSITION = "forward: accepts no argument by position, is also given model_input; add the parameter"
BY_KEYWORD = "forward: takes x by keyword only, is given it by position; move x before the *"
EXTRA = "forward: requires target, which no caller passes; give it a default, or make it part of what is passed [parameter-extra]"

FITTING = [
    "(self, x: In) -> Out",
    "(self, x: In, /) -> Out",
    "(self, x: 'In') -> 'Out'",
    "(self, x: In, t: float = 1.0, *, flag: bool = False) -> Out",
    "(self, *args: Any, **kwargs: Any) -> Out",
    "(self, *args: In) -> Out",
    "(self, x: object) -> Out",
    "(self, x: Any) -> Out",
    "(self, x: In | None) -> Out",
    "(self, x: Tensor | In) -> Out",
    "(self, x: Mapping[str, object]) -> Out",
    "(self, x: Annotated[In, 'codes']) -> Annotated[Out, 'loss']",
    "(self, x: Alias) -> Out",
    "(self, x: In) -> Never",
    "(self, x: T, y: T | None = None) -> Out",
]

REFUSED = {
    "(self, x: In, target: Tensor) -> Out": [EXTRA],
    "(self, x: In, *, target: Tensor) -> Out": [EXTRA],
    "(self, *, x: In) -> Out": [f"{BY_KEYWORD} [parameter-missing]"],
    "(self) -> Out": [f"{POSITION} model_input [parameter-missing]"],
    "(self, x: Tensor) -> Out": [f"forward(x): accepts Tensor, is called with {IN}: {NO_FIX}"],
    "(self, x: dict[str, Tensor]) -> Out": [
        (
            f"forward(x): accepts dict[str, Tensor], is called with {IN}: dict[str, {NO_FIX[:6]}] is "
            "not a typed dict; annotate it with a typed dict [parameter-type]"
        )
    ],
    "(self, x: UserId) -> Out": [
        (
            f"forward(x): accepts UserId, is called with {IN}: int is not a typed dict; annotate it "
            "with a typed dict [parameter-type]"
        )
    ],
    "(self, x: Never) -> Out": [
        (
            f"forward(x): accepts Never, is called with {IN}: nothing may be passed, least of all In; "
            "annotate it with a typed dict [parameter-type]"
        )
    ],
    "(self, x: In) -> Tensor": [RETURN.format("Tensor", NEEDS_LOSS.format("Tensor"))],
    "(self, x: In) -> None": [RETURN.format("None", NEEDS_LOSS.format("None"))],
    "(self, x: In) -> Out | None": [RETURN.format("Out | None", NEEDS_LOSS.format("None"))],
    "(self, x: In) -> dict[str, Tensor]": [
        RETURN.format("dict[str, Tensor]", NEEDS_LOSS.format("dict[str, Tensor]"))
    ],
    "(self, x: In) -> tuple[Tensor, Out]": [
        RETURN.format("tuple[Tensor, Out]", NEEDS_LOSS.format("tuple[Tensor, Out]"))
    ],
    "(self, x: In) -> NoLoss": [RETURN.format("NoLoss", 'NoLoss has no key "loss"')],
    "(self, x: In) -> Loos": [
        RETURN.format("Loos", 'Loos has no key "loss" (did you mean "Loss"?)')
    ],
    "(self, x: In) -> MayLoss": [
        RETURN.format("MayLoss", 'the key "loss" is required but may be absent')
    ],
    "(self, x: In) -> ReadLoss": [RETURN.format("ReadLoss", 'the key "loss" is read-only')],
    "(self, x: In) -> FloatLoss": [
        RETURN.format("FloatLoss", 'the key "loss" is float, must be Tensor')
    ],
    "(self, x: In) -> OptionalLoss": [
        RETURN.format("OptionalLoss", 'the key "loss" is Tensor | None, must be Tensor')
    ],
    "(self, x: In) -> ParameterLoss": [
        RETURN.format("ParameterLoss", 'the key "loss" is Parameter, must be Tensor')
    ],
}

ABSENT = "is not verified, there is no annotation; annotate it"
UNVERIFIED = {
    "(self, x) -> Out": [f"forward(x): {ABSENT} [parameter-type]"],
    "(self, x: In)": [f"forward -> return: {ABSENT} [return-type]"],
    "(self, *args) -> Out": [f"forward(args): {ABSENT} [parameter-type]"],
    "(self, x: In) -> Any": [
        "forward -> return: is not verified, Any says nothing; write its type [return-type]"
    ],
    "(self, x: 'Nowhere') -> Out": [
        (
            "forward(x): is not verified, the annotation Nowhere cannot be resolved at run time; "
            "define its names at the top of the module [parameter-type]"
        )
    ],
}


def lines(violations: list[Violation], severity: str = "error") -> list[str]:
    return [str(violation) for violation in violations if violation.severity == severity]


def model_with(load: Load, forward: str) -> ModuleType:
    body = f"class M(nn.Module):\n    def forward{forward}:\n        raise RuntimeError('ran')\n"
    return load(OUTPUTS + body)


@pytest.mark.parametrize("forward", FITTING)
def test_a_model_that_fits(load: Load, forward: str) -> None:
    module = model_with(load, forward)
    for contract in (Model, module.Model[module.In, module.Out], AnyModel):
        assert check_contract(module.M, contract) == []
        assert check_contract(module.M(), contract) == []


@pytest.mark.parametrize(("forward", "expected"), REFUSED.items())
def test_a_model_that_does_not_fit(load: Load, forward: str, expected: list[str]) -> None:
    module = model_with(load, forward)
    assert lines(check_contract(module.M, Model)) == expected
    assert lines(check_contract(module.M(), Model)) == expected
    assert len(lines(check_contract(module.M(), module.Model[module.In, module.Out]))) == len(
        expected
    )


@pytest.mark.parametrize(("forward", "expected"), UNVERIFIED.items())
def test_what_cannot_be_verified_is_said(load: Load, forward: str, expected: list[str]) -> None:
    violations = check_contract(model_with(load, forward).M(), Model)
    assert lines(violations, "unverified") == expected
    assert lines(violations) == []


def test_types_are_compared_with_those_of_the_contract(load: Load) -> None:
    module = model_with(load, "(self, x: WideIn) -> NoLoss")
    assert lines(check_contract(module.M(), module.Model[module.In, module.Out])) == [
        'forward(x): accepts WideIn, is called with In: In has no key "y" [parameter-type]',
        'forward -> return: returns NoLoss, must return Out: NoLoss has no key "loss" [return-type]',
    ]


def test_two_types_of_one_name_are_told_apart(load: Load) -> None:
    module = load(
        "class A: pass\nB = A\nclass A: pass\nclass M(nn.Module):\n    def forward(self, x: B) -> Out: raise RuntimeError\n"
    )
    other = load("class Takes(Protocol):\n    def forward(self, x: int, /) -> object: ...\n")
    assert lines(check_contract(module.M(), other.Takes)) == [
        "forward(x): accepts A, is called with int: int is not an A [parameter-type]"
    ]


def test_one_message_lists_everything(load: Load) -> None:
    module = model_with(load, "(self, x: Tensor, target: Tensor) -> Tensor")
    with pytest.raises(ContractError) as caught:
        require_contract(module.M(), module.Model[module.In, module.Out], role="model")
    assert str(caught.value) == (
        "model M does not satisfy Model[In, Out]:\n"
        "  - forward: requires target, which no caller passes; give it a default, or make it part of what is passed "
        "[parameter-extra]\n"
        "  - forward(x): accepts Tensor, is called with In: In is not Tensor; annotate it with a "
        "typed dict [parameter-type]\n"
        "  - forward -> return: returns Tensor, must return Out: Tensor is not a typed dict with "
        'the keys "loss", "mu" [return-type]'
    )


def test_a_fitting_model_passes_in_silence(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    require_contract(model_with(load, "(self, x: In) -> Out").M(), Model)
    assert caplog.records == []


def test_missing_annotations_are_a_warning(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        require_contract(model_with(load, "(self, x)").M(), Model, role="model")
    assert [record.message for record in caplog.records] == [
        (
            "model M is only partly verified as Model:\n"
            f"  - forward(x): {ABSENT} [parameter-type]\n"
            f"  - forward -> return: {ABSENT} [return-type]"
        )
    ]


def test_a_contract_is_a_protocol() -> None:
    with pytest.raises(ContractError, match="a contract is a Protocol class, got int"):
        check_contract(object(), int)


def test_solving(load: Load) -> None:
    module = model_with(load, "(self, x: In) -> Out")
    both = {"In": module.In, "Out": module.Out}
    assert solve_contract(module.M(), Model) == both
    assert solve_contract(module.M, Model) == both
    assert solve_contract(module.M(), module.Model[module.In, module.Out]) == both
    assert solve_contract(model_with(load, "(self, x)").M(), Model) == {}
    assert solve_contract(model_with(load, "(self, x: object) -> Out").M(), Model).keys() == {"Out"}


def test_a_function_is_compared_with_its_own_signature(load: Load) -> None:
    module = load(
        """
        class Scale(Protocol):
            def __call__(self, rows: int, /) -> int: ...
        def scale(rows: int) -> int: raise RuntimeError("ran")
        def of_text(rows: str) -> int: ...
        def unannotated(rows): ...
        """
    )
    assert check_contract(module.scale, module.Scale) == []
    with pytest.raises(ContractError) as raised:
        require_contract(module.of_text, module.Scale, role="scale=")
    assert str(raised.value) == (
        "scale= of_text does not satisfy Scale:\n"
        "  - __call__(rows): accepts str, is called with int: int is not a str [parameter-type]"
    )
    assert [str(v) for v in check_contract(module.unannotated, module.Scale)] == [
        f"__call__(rows): {ABSENT} [parameter-type]",
        f"__call__ -> return: {ABSENT} [return-type]",
    ]
