"""One type where another is asked for, through a contract with one method of each kind."""

from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract

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
    ("np.floating", "np.floating[Any]"),
    ("NDArray[np.floating]", "NDArray[np.floating[Any]]"),
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
