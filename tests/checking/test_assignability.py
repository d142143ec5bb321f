"""One type where another is asked for, through a contract with one method of each kind."""

from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract, solve_contract

Load = Callable[[str], ModuleType]

TYPES = """
import numpy as np
from numpy.typing import NDArray
UserId = NewType("UserId", int)
Pair = tuple[int, str]
Number = te.TypeAliasType("Number", int | float)
T = te.TypeVar("T")
T_co = te.TypeVar("T_co", covariant=True)
T_contra = te.TypeVar("T_contra", contravariant=True)
class Box(Generic[T]): pass
class Gives(Protocol[T_co]):
    def give(self) -> T_co: ...
class Takes(Protocol[T_contra]):
    def take(self, value: T_contra, /) -> None: ...
class GivesIn:
    def give(self) -> In: ...
class GivesWide:
    def give(self) -> WideIn: ...
class TakesWide:
    def take(self, value: WideIn) -> None: ...
class Rows(list[int]): pass
class Table(Mapping[str, int]): pass
class Pages(Sequence[T]): pass
class Point(NamedTuple):
    x: int
class Node(TypedDict):
    next: "Node | None"
class Link(TypedDict):
    next: "Link | None"
class Chain(Protocol):
    def after(self) -> "Chain": ...
class Ring:
    def after(self) -> "Ring": ...
class Broken:
    def after(self) -> int: ...
class Read(TypedDict):
    x: te.ReadOnly[float]
class Int(TypedDict):
    x: int
class May(TypedDict):
    x: NotRequired[int]
"""

FITS = [
    ("int", "int"),
    ("bool", "int"),
    ("int", "float"),
    ("float", "complex"),
    ("np.float64", "float"),
    ("ColdParams", "Params"),
    ("nn.Parameter", "Tensor"),
    ("Float[Tensor, 'b f']", "Tensor"),
    ("Tensor", "Float[Tensor, 'b f']"),
    ("int", "int | None"),
    ("int | None", "Optional[int]"),
    ("bool | None", "int | str | None"),
    ("Literal['a']", "str"),
    ("Literal['a']", "Literal['a', 'b']"),
    ("UserId", "int"),
    ("Number", "float"),
    ("Annotated[int, 'seconds']", "int"),
    ("Never", "int"),
    ("list[int]", "Sequence[int]"),
    ("list[bool]", "Sequence[int]"),
    ("list[int]", "list[int]"),
    ("list[int]", "typing.List[int]"),
    ("typing.List[int]", "Iterable[int]"),
    ("dict[str, bool]", "Mapping[str, int]"),
    ("dict[str, int]", "Iterable[str]"),
    ("tuple[int, bool]", "tuple[int, int]"),
    ("tuple[int, bool]", "tuple[int, ...]"),
    ("tuple[int, ...]", "Sequence[int]"),
    ("tuple[int, str]", "Iterable[int | str]"),
    ("Point", "tuple"),
    ("str", "Sequence[str]"),
    ("range", "Iterable[int]"),
    ("Rows", "Sequence[int]"),
    ("Table", "Mapping[str, int]"),
    ("Table", "Iterable[str]"),
    ("Pages[bool]", "Sequence[int]"),
    ("Box[int]", "Box[int]"),
    ("Generator[int, None, None]", "Iterator[int]"),
    ("type[ColdParams]", "type[Params]"),
    ("Callable[[int], bool]", "Callable[[bool], int]"),
    ("Callable[..., int]", "Callable[[str], int]"),
    ("Callable[[int], None]", "Callable"),
    ("NDArray[np.float64]", "NDArray[np.floating]"),
    ("NDArray[np.float64]", "np.ndarray"),
    ("WideIn", "In"),
    ("In", "Mapping[str, object]"),
    ("In", "Iterable[str]"),
    ("Int", "Read"),
    ("Node", "Link"),
    ("GivesWide", "Gives[In]"),
    ("Gives[WideIn]", "Gives[In]"),
    ("Takes[In]", "Takes[WideIn]"),
    ("TakesWide", "Takes[WideIn]"),
    ("GivesIn", "Gives"),
    ("Ring", "Chain"),
]

MISMATCHES = {
    ("float", "int"): "float is not an int",
    ("int", "bool"): "int is not a bool",
    ("Params", "ColdParams"): "Params is not a ColdParams",
    ("int | None", "int"): "None is not an int",
    ("str", "int | None"): "str is none of int | None",
    ("str", "Literal['a']"): "str may be another value than Literal['a']",
    ("Literal['c', 'd']", "Literal['a']"): "'c' is not in Literal['a']",
    ("int", "UserId"): "int was not made by UserId(...)",
    ("int", "Never"): "nothing may be passed, least of all int",
    ("list[bool]", "list[int]"): "list[bool] is not list[int]: int is not a bool",
    ("Sequence[int]", "list[int]"): "Sequence[int] is not a list[int]",
    ("list[str]", "Sequence[int]"): "list[str] is not Sequence[int]: str is not an int",
    ("dict[str, str]", "Mapping[str, int]"): (
        "dict[str, str] is not Mapping[str, int]: str is not an int"
    ),
    ("tuple[int, int]", "tuple[int]"): "tuple[int, int] has another length than tuple[int]",
    ("tuple[int, ...]", "tuple[int]"): "tuple[int, ...] may have another length than tuple[int]",
    ("tuple[int, str]", "tuple[int, ...]"): "str is not an int",
    ("Rows", "Sequence[str]"): "Rows is not Sequence[str]: int is not a str",
    ("Table", "Mapping[str, str]"): "Table is not Mapping[str, str]: int is not a str",
    ("Box[bool]", "Box[int]"): "Box[bool] is not Box[int]: int is not a bool",
    ("type[Params]", "type[ColdParams]"): "Params is not a ColdParams",
    ("Callable[[bool], int]", "Callable[[int], int]"): "int is not a bool",
    ("Callable[[], int]", "Callable[[int], int]"): ("Callable[[], int] does not take 1 argument"),
    ("In", "WideIn"): 'In has no key "y"',
    ("In", "dict[str, Tensor]"): (
        "a typed dict is not a dict[str, Tensor], which could change any key"
    ),
    ("In", "Mapping[str, Tensor]"): (
        "a typed dict is a Mapping[str, object], not Mapping[str, Tensor]"
    ),
    ("In", "Tensor"): "In is not Tensor",
    ("dict[str, Tensor]", "In"): 'dict[str, Tensor] is not a typed dict with the keys "x"',
    ("May", "Int"): 'the key "x" is required but may be absent',
    ("Int", "May"): 'the key "x" may be deleted but is required',
    ("Read", "Int"): 'the key "x" is read-only',
    ("GivesIn", "Gives[WideIn]"): (
        "GivesIn does not satisfy Gives[WideIn], give -> return: returns In, must return WideIn: "
        'In has no key "y"'
    ),
    ("Gives[In]", "Gives[WideIn]"): 'Gives[In] is not Gives[WideIn]: In has no key "y"',
    ("TakesWide", "Takes[In]"): (
        "TakesWide does not satisfy Takes[In], take(value): accepts WideIn, is called with In: "
        'In has no key "y"'
    ),
    ("Broken", "Chain"): (
        "Broken does not satisfy Chain, after -> return: returns int, must return Chain: "
        "int does not satisfy Chain, after: is missing"
    ),
}

DOUBTS = {
    ("list", "list[int]"): "the type arguments of list are not known",
    ("Callable", "Callable[[int], int]"): "Callable was not compared",
}


def outcome(load: Load, source: str, target: str) -> list[tuple[str, str]]:
    module = load(
        f"""{TYPES}
class Asked(Protocol):
    def get(self) -> {target}: ...
class Given:
    def get(self) -> {source}: ...
"""
    )
    return [
        (v.severity, v.message.split(": ", 1)[-1])
        for v in check_contract(module.Given, module.Asked)
    ]


@pytest.mark.parametrize(("source", "target"), FITS)
def test_fits(load: Load, source: str, target: str) -> None:
    assert outcome(load, source, target) == []


@pytest.mark.parametrize(("pair", "text"), MISMATCHES.items())
def test_does_not_fit(load: Load, pair: tuple[str, str], text: str) -> None:
    assert outcome(load, *pair) == [("error", text)]


@pytest.mark.parametrize(("pair", "text"), DOUBTS.items())
def test_cannot_tell(load: Load, pair: tuple[str, str], text: str) -> None:
    assert outcome(load, *pair) == [("unverified", f"is not verified, {text}")]


TWO = """
class Clash(TypedDict):
    x: int
class GiveAndTake(Protocol[T]):
    def give(self) -> T: ...
    def take(self, value: T, /) -> None: ...
class TwoTakes(Protocol[T_contra]):
    def first(self, value: T_contra, /) -> None: ...
    def second(self, value: T_contra, /) -> None: ...
class Both:
    def give(self) -> {0}: ...
    def take(self, value: {1}) -> None: ...
    def first(self, value: {0}) -> None: ...
    def second(self, value: {1}) -> None: ...
"""

VARIABLES: list[tuple[str, tuple[str, str], list[str], dict[str, str]]] = [
    ("GiveAndTake", ("bool", "int"), [], {"T": "bool"}),
    (
        "GiveAndTake",
        ("int", "str"),
        ["take(value): accepts str, is called with T: int is not a str (give -> return gives int)"],
        {"T": "int"},
    ),
    ("TwoTakes", ("In", "WideIn"), [], {"T": "WideIn"}),
    (
        "TwoTakes",
        ("In", "Clash"),
        [
            (
                'second(value): accepts Clash, is called with T: the key "x" cannot be both Tensor '
                "and int (first(value) accepts In)"
            )
        ],
        {"T": "In"},
    ),
    (
        "TwoTakes",
        ("Params", "str"),
        [
            (
                "second(value): is not verified, a value would have to be both Params and str "
                "(first(value) accepts Params)"
            )
        ],
        {"T": "Params"},
    ),
]


@pytest.mark.parametrize(("contract", "types", "said", "solved"), VARIABLES)
def test_a_variable_joins_the_members_of_one_contract(
    load: Load, contract: str, types: tuple[str, str], said: list[str], solved: dict[str, str]
) -> None:
    module = load(TYPES + TWO.format(*types))
    asked = vars(module)[contract]
    found = [f"{v.member}: {v.message}" for v in check_contract(module.Both(), asked)]
    assert found == said
    names = {k: getattr(v, "__name__", "") for k, v in solve_contract(module.Both(), asked).items()}
    assert names == solved


def test_variables_of_the_target_itself(load: Load) -> None:
    module = load(
        """
        I = te.TypeVar("I", bound=ModelInput)
        O = te.TypeVar("O", bound=ModelOutput)
        class Generic2(nn.Module, Generic[I, O]):
            def forward(self, x: I) -> O: ...
        class Fixed(Generic2[In, Out]): pass
        class Half(Generic2[In, O]): pass
        """
    )
    exact = module.Model[module.In, module.Out]
    for fitting in (
        module.Fixed(),
        module.Generic2[module.In, module.Out](),
        module.Half[module.Out],
    ):
        assert check_contract(fitting, exact) == []
        assert solve_contract(fitting, module.Model) == {"In": module.In, "Out": module.Out}
    assert [v.severity for v in check_contract(module.Generic2(), exact)] == ["unverified"] * 2
    assert check_contract(module.Generic2(), module.Model) == []
    assert solve_contract(module.Generic2(), module.Model) == {}
    wrong = check_contract(module.Half[module.Out](), module.Model[module.In, module.WideIn])
    assert [v.member for v in wrong] == ["forward -> return"]


def test_a_domain_contract_extends_the_model(load: Load) -> None:
    module = load(
        """
        import pandas as pd
        from artifact_torch.table_comparison.contracts import TableSynthesizer
        class VAE(nn.Module):
            def forward(self, x: In) -> Out: ...
            def generate(self, params: Params) -> pd.DataFrame: ...
        class Cold(VAE):
            def generate(self, params: ColdParams) -> None: ...
        """
    )
    synthesizer = module.TableSynthesizer
    assert solve_contract(module.VAE(), synthesizer) == {
        "In": module.In, "Out": module.Out, "Params": module.Params,
    }  # fmt: skip
    fits = synthesizer[module.In, module.Out, module.ColdParams]
    assert check_contract(module.VAE(), fits) == []
    refused = check_contract(module.Cold(), synthesizer[module.In, module.Out, module.Params])
    assert [str(v) for v in refused] == [
        (
            "generate(params): accepts ColdParams, is called with Params: Params is not a ColdParams "
            "[parameter-type]"
        ),
        (
            "generate -> return: returns None, must return DataFrame: None is not a DataFrame "
            "[return-type]"
        ),
    ]


def test_routines_are_compared_through_callables(load: Load) -> None:
    module = load(
        """
        class Routine:
            @property
            def result_names(self) -> list[ResultName]: raise RuntimeError("ran")
            def is_due(self, epoch: int, /, *, final: bool) -> bool: ...
            def run(
                self, forward: Callable[[In], Out], device: torch.device, epoch: int
            ) -> ArtifactResults: ...
        """
    )
    routine, contract = module.Routine(), module.LoaderRoutine
    assert solve_contract(routine, contract) == {"Batch": module.In, "SeenOut": module.Out}
    assert check_contract(routine, contract[module.In, module.Out]) == []
    wider = check_contract(routine, contract[module.WideIn, module.Out])
    assert [str(v) for v in wider] == [
        (
            "run(forward): accepts Callable[[In], Out], is called with Callable[[WideIn], Out]: "
            'In has no key "y" [parameter-type]'
        )
    ]
