"""One case for each rule of the typing specification that can be put to annotations at run time.

Protocols, typed dicts, callables, tuples, literals and variance. "Unverified" is right only where
the information does not exist at run time. The cases are our own; the rules are those that Python's
typing conformance suite covers.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract

Load = Callable[[str], ModuleType]

SHAPES = """
import enum, functools
import collections.abc as cabc
class Mode(enum.Enum):
    TRAIN = 1
    EVAL = 2
class Flags(enum.Flag):
    A = 1
    B = 2
class Point(NamedTuple):
    x: int
    label: str
class Row(tuple[int, str]): pass
Ts = TypeVarTuple("Ts")
"""

LITERALS = """
fits
    Literal["a"] -> LiteralString
    LiteralString -> str
    Literal[1] -> float
    Literal["a", 1] -> str | int
    Literal[None] -> None
    None -> Literal[None]
    Mode -> Literal[Mode.TRAIN, Mode.EVAL]
    Mode -> Literal[Mode.TRAIN] | Literal[Mode.EVAL]
    Mode | None -> Literal[Mode.EVAL, Mode.TRAIN, None]
    Literal[Mode.EVAL] -> Mode
    bool -> Literal[True, False]
    bool -> Literal[True] | Literal[False]
    list[Literal[1, 2]] -> list[Literal[2, 1]]
    list[Literal[1]] -> Sequence[int]
refused
    Literal[0] -> Literal[False]
    Literal[True] -> Literal[1]
    Literal[b"a"] -> Literal["a"]
    Literal["a", 1] -> str | bytes
    str -> LiteralString
    Literal[1] -> LiteralString
    Mode -> Literal[Mode.TRAIN]
    Flags -> Literal[Flags.A, Flags.B]
    list[Literal[1]] -> list[int]
"""

TUPLES = """
fits
    tuple[int, int] -> tuple[float, complex]
    tuple[int] -> tuple[int, ...]
    tuple[int] -> tuple[int, *tuple[int, ...]]
    tuple[int, *tuple[int, ...]] -> tuple[int, ...]
    tuple[int, str] -> tuple
    tuple[int, ...] -> tuple[Any, ...]
    tuple[str, int, int] -> tuple[str, *tuple[float, ...]]
    tuple[str, int, str] -> tuple[str, *tuple[int, ...], str]
    tuple[str, str] -> tuple[str, *tuple[int, ...], str]
    tuple[int, *tuple[str, str]] -> tuple[int, str, str]
    tuple[int, te.Unpack[tuple[int, ...]]] -> tuple[int, *tuple[int, ...]]
    tuple[int, *tuple[int, ...], int] -> tuple[int, *tuple[int, ...]]
    tuple[int, *tuple[str, ...]] -> Sequence[int | str]
    tuple[()] -> Sequence[Never]
    tuple[()] -> tuple[int, ...]
    Point -> tuple[int, str]
    Point -> Sequence[int | str]
    Row -> tuple[int, str]
    torch.Size -> tuple[int, ...]
    torch.Size -> Sequence[int]
refused
    tuple[float, complex] -> tuple[int, int]
    tuple[int, ...] -> tuple[int, *tuple[int, ...]]
    tuple[int, ...] -> tuple[int]
    tuple[int, *tuple[int, ...]] -> tuple[int]
    tuple[int, *tuple[int, ...]] -> tuple[int, int, *tuple[int, ...]]
    tuple[str, int, str] -> tuple[str, *tuple[int, ...]]
    tuple[str] -> tuple[str, *tuple[int, ...], str]
    tuple[str, *tuple[int, ...], str] -> tuple[str, *tuple[int, ...]]
    tuple[int] -> tuple[()]
    Point -> tuple[str, str]
    Row -> tuple[int, int]
    torch.Size -> tuple[int, int]
    tuple[int, ...] -> torch.Size
    list[int] -> tuple[int, ...]
unverified
    tuple -> tuple[int, str]
    tuple[Any, ...] -> tuple[float, float]
    tuple[int, *Ts] -> tuple[int, str]
"""

DICTS = """
class X(TypedDict):
    x: int
class XY(TypedDict):
    x: int
    y: str
class Flag(TypedDict):
    x: bool
class OnlyX(te.TypedDict, closed=True):
    x: int
class OnlyXY(te.TypedDict, closed=True):
    x: int
    y: str
class Ints(te.TypedDict, extra_items=int):
    x: int
class Child(Ints): pass
class Strs(te.TypedDict, extra_items=str):
    x: int
class Seen(te.TypedDict, extra_items=te.ReadOnly[int | str]):
    x: int
class MayInt(te.TypedDict, extra_items=int):
    x: int
    y: NotRequired[int]
class MustInt(te.TypedDict, extra_items=int):
    x: int
    y: int
class MayStr(te.TypedDict, extra_items=int):
    x: int
    y: NotRequired[str]
class OptY(TypedDict):
    x: int
    y: NotRequired[int]
class SeesAnyY(te.TypedDict):
    x: int
    y: te.ReadOnly[NotRequired[object]]
class SeesIntY(te.TypedDict):
    x: int
    y: te.ReadOnly[NotRequired[int]]
class SeesX(te.TypedDict):
    x: te.ReadOnly[float]
class AllInts(te.TypedDict, extra_items=int):
    n: NotRequired[int]
class Tree(TypedDict):
    kids: "list[Tree]"
class Plant(TypedDict):
    kids: "list[Plant]"
class HasLen(Protocol):
    def __len__(self) -> int: ...
class LenIsText(Protocol):
    def __len__(self) -> str: ...
"""

DICT_PAIRS = """
fits
    XY -> X
    OnlyX -> X
    Ints -> X
    Ints -> Child
    Child -> Ints
    MayInt -> Ints
    Ints -> MayInt
    Ints -> OptY
    MayStr -> Seen
    MustInt -> Seen
    OnlyX -> Seen
    X -> SeesAnyY
    Ints -> SeesIntY
    OnlyX -> SeesIntY
    Flag -> SeesX
    Tree -> Plant
    X -> Mapping[str, object]
    OnlyX -> Mapping[str, int]
    Ints -> Mapping[str, int]
    Strs -> Mapping[str, int | str]
    AllInts -> dict[str, int]
    X -> cabc.Sized
    X -> Iterable[str]
    X -> HasLen
refused
    X -> OnlyX
    XY -> OnlyX
    OnlyXY -> OnlyX
    X -> Ints
    Strs -> Ints
    OnlyX -> Ints
    MustInt -> Ints
    MayStr -> Ints
    X -> Seen
    X -> OptY
    X -> SeesIntY
    Strs -> SeesIntY
    OnlyX -> OptY
    Flag -> X
    SeesX -> X
    X -> Mapping[str, int]
    Strs -> Mapping[str, int]
    X -> Mapping[cabc.Hashable, object]
    X -> dict[str, int]
    Ints -> dict[str, int]
    AllInts -> dict[str, float]
    dict[str, int] -> AllInts
    X -> LenIsText
    X -> Iterable[int]
"""

CALLS = """
class Plain: pass
P = te.ParamSpec("P")
R = TypeVar("R", covariant=True)
A = TypeVar("A", contravariant=True)
T = TypeVar("T")
class Scale(Protocol):
    def __call__(self, rows: int, /) -> int: ...
class Named(Protocol):
    def __call__(self, rows: int) -> int: ...
class Nothing(Protocol):
    def __call__(self) -> None: ...
class Optional_(Protocol):
    def __call__(self, rows: int = ...) -> int: ...
class ByName(Protocol):
    def __call__(self, *, rows: int, name: str) -> int: ...
class Many(Protocol):
    def __call__(self, *rows: int, **names: str) -> None: ...
class Dots(Protocol):
    def __call__(self, *args, **kwargs) -> None: ...
class FirstDots(Protocol):
    def __call__(self, rows: int, *args: Any, **kwargs: Any) -> None: ...
class Spec(Protocol[P, R]):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...
class Maps(Protocol[A, R]):
    def __call__(self, value: A, /) -> R: ...
class Old(Protocol):
    def __call__(self, __rows: int) -> int: ...
class Tagged(Protocol):
    tag: int
    def __call__(self, rows: int, /) -> int: ...
class Introspected(Protocol):
    __name__: str
    def __call__(self, rows: int, /) -> int: ...
class Both(Protocol):
    @overload
    def __call__(self, value: int, /) -> int: ...
    @overload
    def __call__(self, value: str, /) -> str: ...
class HasBoth:
    @overload
    def __call__(self, value: int, /) -> int: ...
    @overload
    def __call__(self, value: str, /) -> str: ...
    def __call__(self, value: Any, /) -> Any: ...
class Options(te.TypedDict):
    rows: int
    name: NotRequired[str]
class ClosedOptions(te.TypedDict, closed=True):
    rows: int
    name: NotRequired[str]
class UnpacksClosed(Protocol):
    def __call__(self, **options: te.Unpack[ClosedOptions]) -> None: ...
class SpeltAndMore(Protocol):
    def __call__(self, *, rows: int, name: str = ..., **more: object) -> None: ...
class SpeltAndTexts(Protocol):
    def __call__(self, *, rows: int, name: str = ..., **more: str) -> None: ...
class DotsBetween(Protocol):
    def __call__(self, rows: int, *args: Any, size: int, **kwargs: Any) -> None: ...
class RowsAndSize(Protocol):
    def __call__(self, rows: int, *, size: int) -> None: ...
class RowsAndText(Protocol):
    def __call__(self, rows: int, *, size: str) -> None: ...
class OnlyInt(Protocol):
    def __call__(self, value: int, /) -> int: ...
class OnlyFloat(Protocol):
    def __call__(self, value: float, /) -> float: ...
class Widens(Protocol):
    @overload
    def __call__(self, value: int, /) -> float: ...
    @overload
    def __call__(self, value: str, /) -> object: ...
class GivesOther:
    def __new__(cls, rows: int) -> Plain: ...
class Meta(type):
    def __call__(cls, *args, **kwargs) -> str: ...
class MadeByMeta(metaclass=Meta): pass
class Ways:
    @overload
    def __init__(self, rows: int) -> None: ...
    @overload
    def __init__(self, rows: str, size: int) -> None: ...
    def __init__(self, rows: Any, size: int = 0) -> None: ...
class Unpacked(Protocol):
    def __call__(self, **options: te.Unpack[Options]) -> None: ...
class Spelt(Protocol):
    def __call__(self, *, rows: int, name: str = ...) -> None: ...
class Texts(Protocol):
    def __call__(self, **options: str) -> None: ...
class TwoArgs(Protocol):
    def __call__(self, *args: *tuple[int, str]) -> None: ...
class Made:
    def __init__(self, rows: int) -> None: ...
def scale(rows: int, /) -> int: ...
def named(rows: int) -> int: ...
def other_name(n: int) -> int: ...
def optional(rows: int = 0) -> int: ...
def by_name(rows: int, name: str) -> int: ...
def many(*rows: int, **names: str) -> None: ...
def many_rows(*rows: int) -> None: ...
def many_texts(*rows: str, **names: str) -> None: ...
def anything(*args, **kwargs) -> int: ...
def says_nothing(rows): ...
def two_unannotated(a, b): ...
def extra_row(rows: int = 0, *more: int, **names: str) -> None: ...
def extra_text(rows: str = "", *more: int, **names: str) -> None: ...
def extra_name(*rows: int, size: int = 0, **names: str) -> None: ...
def unpacks(**options: te.Unpack[Options]) -> None: ...
def spelt(*, rows: int, name: str = "") -> None: ...
def spelt_without_default(*, rows: int, name: str) -> None: ...
def two(a: int, b: str) -> None: ...
def same(value: T) -> T: ...
async def later(rows: int, /) -> int: ...
"""

CALL_PAIRS = """
fits
    Callable[[int], bool] -> Callable[[bool], int]
    Callable[[int], int] -> Scale
    Scale -> Callable[[int], int]
    Callable[..., int] -> Scale
    Scale -> Callable[..., int]
    Callable[Concatenate[int, ...], int] -> Callable[[int, str], int]
    Callable[[int, str], int] -> Callable[Concatenate[int, ...], int]
    Spec[[int, str], int] -> Callable[[int, str], int]
    Callable[[int, str], int] -> Spec[[int, str], int]
    Spec[..., int] -> Callable[[int], int]
    Callable[[int], int] -> Spec[..., int]
    Maps[int, int] -> Callable[[bool], float]
    Callable[[*tuple[int, ...]], int] -> Callable[[int, int], int]
    HasBoth -> Callable[[str], str]
    HasBoth -> Both
    Dots -> Nothing
    Nothing -> Dots
    Unpacked -> Spelt
    Unpacked -> UnpacksClosed
    UnpacksClosed -> Spelt
    Spelt -> UnpacksClosed
    SpeltAndMore -> Unpacked
    SpeltAndTexts -> UnpacksClosed
    DotsBetween -> RowsAndSize
    RowsAndSize -> DotsBetween
    Both -> OnlyInt
    Both -> Widens
    type[GivesOther] -> Callable[[int], Plain]
    type[MadeByMeta] -> Callable[[], str]
    type[MadeByMeta] -> Meta
    type[Ways] -> Callable[[int], Ways]
    type[Ways] -> Callable[[str, int], Ways]
    TwoArgs -> Callable[[int, str], None]
    Callable[[int, str], None] -> TwoArgs
    type[Made] -> Callable[[int], Made]
    type[int] -> Callable[..., int]
    Callable[[int], cabc.Coroutine[Any, Any, int]] -> Callable[[int], cabc.Awaitable[int]]
refused
    Callable[[str], int] -> Scale
    Callable[[], int] -> Scale
    Callable[[int], int] -> Named
    Scale -> Callable[[str], int]
    Scale -> Callable[..., str]
    Callable[[str], int] -> Callable[Concatenate[int, ...], int]
    Callable[[], int] -> Callable[Concatenate[int, ...], int]
    Spec[[int, str], int] -> Callable[[int], int]
    Spec[[int], int] -> Spec[[str], int]
    Callable[[int, int], int] -> Callable[[*tuple[int, ...]], int]
    Callable[[int], int] -> Tagged
    HasBoth -> Callable[[int], str]
    Spelt -> Unpacked
    SpeltAndTexts -> Unpacked
    UnpacksClosed -> Unpacked
    RowsAndText -> DotsBetween
    OnlyInt -> Both
    OnlyInt -> Widens
    Widens -> Both
    Both -> OnlyFloat
    type[GivesOther] -> Callable[[int], GivesOther]
    type[MadeByMeta] -> Callable[[], MadeByMeta]
    type[Made] -> Meta
    type[Ways] -> Callable[[str], Ways]
    type[Made] -> Callable[[str], Made]
    type[Made] -> Callable[[], Made]
    Plain -> Callable[[int], int]
    int -> Callable[..., Any]
    Callable[[int], int] -> Plain
"""

FUNCTIONS = """
fits
    scale -> Scale
    named -> Named
    named -> Scale
    other_name -> Scale
    other_name -> Old
    optional -> Optional_
    optional -> Named
    by_name -> ByName
    many -> Many
    many -> Nothing
    anything -> Scale
    many -> Dots
    extra_row -> Many
    named -> Maps[bool, float]
    same -> Scale
    unpacks -> Spelt
    spelt -> UnpacksClosed
    two -> TwoArgs
    scale -> Introspected
    functools.partial(by_name, name="") -> Scale
refused
    scale -> Named
    other_name -> Named
    named -> Optional_
    named -> Nothing
    many_rows -> Many
    many_texts -> Many
    extra_text -> Many
    extra_name -> Many
    scale -> Tagged
    spelt -> Unpacked
    spelt_without_default -> UnpacksClosed
    unpacks -> Texts
    two_unannotated -> Scale
    two_unannotated -> Nothing
    named -> FirstDots
    later -> Scale
unverified
    says_nothing -> Scale
"""

MEMBERS = """
import abc, functools
import collections.abc as cabc
from collections import Counter, OrderedDict
S = TypeVar("S", covariant=True)
T = TypeVar("T", covariant=True)
D = te.TypeVar("D", covariant=True, default=int)
class Pair(Iterable[T], Protocol[S, T]):
    def first(self) -> S: ...
class IntThenText:
    def first(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
class Sizes(Protocol):
    def size(self) -> int: ...
class Size:
    def size(self) -> int: ...
class TextSize:
    def size(self) -> str: ...
class Abstract(abc.ABC):
    @abc.abstractmethod
    def size(self) -> int: ...
class Gives(Protocol[D]):
    def give(self) -> D: ...
class GivesInt:
    def give(self) -> int: ...
class GivesText:
    def give(self) -> str: ...
class Wide(Protocol):
    @property
    def width(self) -> float: ...
class Width:
    width: int = 3
class TextWidth:
    width: str = ""
class LaterWidth:
    @property
    async def width(self) -> float: ...
class Awaited(Protocol):
    @property
    def width(self) -> cabc.Awaitable[float]: ...
class Length:
    def __len__(self) -> int: ...
class TextLength:
    def __len__(self) -> str: ...
class Ints:
    def __iter__(self) -> Iterator[int]: ...
class AtInt(Protocol):
    def __getitem__(self, place: int, /) -> int: ...
class AtText(Protocol):
    def __getitem__(self, place: str, /) -> int: ...
class Appends(Protocol):
    def append(self, value: int, /) -> None: ...
class Hashes(Protocol):
    def __hash__(self) -> int: ...
class Runs(Protocol):
    run: float
class Constant:
    run = 3
class Declared:
    run: float = 3
class Assigned:
    run = 3
    def later(self): self.run = 2.5
class OnClass(Protocol):
    names: ClassVar[Sequence[int]]
class ClassNames:
    names: ClassVar[Sequence[int]] = ()
class ListNames:
    names: ClassVar[list[int]] = []
class InstanceNames:
    names: Sequence[int] = ()
class Acts(Protocol):
    def act(self, n: int, /) -> int: ...
class StaticAct:
    @staticmethod
    def act(n: int) -> int: ...
class ClassAct:
    @classmethod
    def act(cls, n: int) -> int: ...
class HasCallable:
    act: Callable[[int], int]
class HasDots:
    act: Callable[..., int]
class HasWrongCallable:
    act: Callable[[str], int]
class SetInInit:
    def __init__(self, act: Any = None) -> None: self.act = act
class WantsCallable(Protocol):
    @property
    def act(self) -> Callable[[int], int]: ...
class Act:
    def act(self, n: int) -> int: ...
class WrongAct:
    def act(self, n: str) -> int: ...
class Itself(Protocol):
    def me(self) -> Self: ...
class Me:
    def me(self) -> "Me": ...
class Derived(Me): pass
class Nested(Protocol):
    def inner(self) -> Sizes: ...
class NestedSize:
    def inner(self) -> Size: ...
class NestedText:
    def inner(self) -> TextSize: ...
class Async(Protocol):
    async def go(self) -> int: ...
class GoesLater:
    async def go(self) -> int: ...
class GoesNow:
    def go(self) -> int: ...
class ReturnsAwaitable(Protocol):
    def go(self) -> cabc.Awaitable[int]: ...
class ActsOn(Protocol):
    def act(self, one: object, n: int, /) -> int: ...
class Height(Protocol):
    height: int
class SeesHeight(Protocol):
    @property
    def height(self) -> int: ...
class OnClassHeight:
    height: ClassVar[int] = 1
class OnInstances:
    height: int = 1
class ComputesHeight:
    @property
    def height(self) -> int: ...
class Tall(type):
    height: int
class ByMetaclass(metaclass=Tall): pass
class NoHeight: pass
class OfTorch(nn.Module): pass
class SetLater:
    def grow(self): self.height = 3
E = te.TypeVar("E", default=str)
class Defaults(Generic[D, E]):
    first: D
    second: E
class Bare(Defaults): pass
class Half(Defaults[bool, E]): pass
class HasSecond(Protocol):
    second: str
X = TypeVar("X")
class Maps(Protocol):
    def map(self, value: X, by: Callable[[X], str], /) -> None: ...
class MapsAny:
    def map(self, value: X, by: Callable[[X], str], /) -> None: ...
class MapsTwo:
    def map(self, value: str, by: Callable[[int], str], /) -> None: ...
class AsksClass(Protocol):
    made: type[Sizes]
class HasClass:
    made = Size
class HasProtocol:
    made = Sizes
def takes_int(n: int) -> int: ...
def takes_text(n: str) -> int: ...
"""

MEMBER_PAIRS = """
fits
    IntThenText -> Pair[int, str]
    Pair[bool, str] -> Pair[int, str]
    Pair[int, str] -> Iterable[str]
    Size -> Sizes
    Abstract -> Sizes
    list[Size] -> Sequence[Sizes]
    Callable[[Sizes], None] -> Callable[[Size], None]
    GivesInt -> Gives
    Width -> Wide
    LaterWidth -> Awaited
    Length -> cabc.Sized
    Ints -> Iterable[int]
    Sequence[int] -> AtInt
    list[int] -> AtInt
    dict[str, int] -> AtText
    list[int] -> Appends
    int -> Hashes
    int -> SupportsInt
    int -> SupportsAbs[int]
    Counter[str] -> Mapping[str, int]
    OrderedDict[str, int] -> dict[str, int]
    dict[str, int] -> dict[str, Any]
    Declared -> Runs
    Assigned -> Runs
    ClassNames -> OnClass
    StaticAct -> Acts
    ClassAct -> Acts
    type[ClassAct] -> Acts
    HasCallable -> Acts
    HasDots -> Acts
    Act -> WantsCallable
    Me -> Itself
    NestedSize -> Nested
    GoesLater -> Async
    GoesLater -> ReturnsAwaitable
    type[OnClassHeight] -> Height
    type[ByMetaclass] -> Height
    type[OnInstances] -> SeesHeight
    Bare -> Defaults[int, str]
    Half -> HasSecond
    Half -> Defaults[bool, str]
    MapsAny -> Maps
    HasClass -> AsksClass
refused
    type[ClassAct] -> ActsOn
    type[Act] -> Acts
    type[OnInstances] -> Height
    type[ComputesHeight] -> SeesHeight
    NoHeight -> SeesHeight
    Bare -> Defaults[str, str]
    Half -> Defaults[bool, int]
    MapsTwo -> Maps
    HasProtocol -> AsksClass
    IntThenText -> Pair[str, int]
    Pair[int, str] -> Pair[bool, str]
    Pair[int, str] -> Iterable[int]
    TextSize -> Sizes
    list[TextSize] -> Sequence[Sizes]
    list[Size] -> list[Sizes]
    GivesText -> Gives
    TextWidth -> Wide
    LaterWidth -> Wide
    TextLength -> cabc.Sized
    Ints -> Iterable[str]
    list[str] -> AtInt
    list[int] -> AtText
    list[str] -> Appends
    str -> SupportsInt
    Counter[str] -> Mapping[str, str]
    Constant -> Runs
    ListNames -> OnClass
    InstanceNames -> OnClass
    HasWrongCallable -> Acts
    WrongAct -> WantsCallable
    Derived -> Itself
    NestedText -> Nested
    GoesNow -> Async
unverified
    SetLater -> SeesHeight
    OfTorch -> SeesHeight
    SetInInit -> Acts
    list[Any] -> list[int]
"""

VARIANCE = """
U = te.TypeVar("U", infer_variance=True)
V = te.TypeVar("V", infer_variance=True)
Old = TypeVar("Old")
Q = te.ParamSpec("Q", infer_variance=True)
OldQ = te.ParamSpec("OldQ")
ContraQ = te.ParamSpec("ContraQ", contravariant=True)
Ts = TypeVarTuple("Ts")
class Gives(Generic[U]):
    def give(self) -> U: ...
class Items(Sequence[U], Generic[U]): pass
class GivesItems(Generic[U]):
    def give(self) -> "Items[U]": ...
@dataclasses.dataclass(frozen=True)
class Frozen(Generic[U]):
    value: U
class Private(Generic[U]):
    _value: U
    def __init__(self, value: U) -> None: ...
    @property
    def value(self) -> U: ...
class CallsBack(Generic[U]):
    def on(self, callback: Callable[[U], None]) -> None: ...
class Chain(Generic[U]):
    def after(self) -> "Chain[U]": ...
    def value(self) -> U: ...
class Takes(Generic[U]):
    def take(self, value: U) -> None: ...
class Settable(Generic[U]):
    @property
    def value(self): ...
    @value.setter
    def value(self, value: U): ...
class Holds(Generic[U]):
    value: U
class Both(Generic[U]):
    def give(self) -> U: ...
    def take(self, value: U) -> None: ...
class Keeps(Generic[U]):
    def __init__(self, value: U) -> None: self.value = value
class HoldsCall(Generic[Q]):
    call: Callable[Q, None]
class GivesCall(Generic[Q]):
    def call(self) -> Callable[Q, None]: ...
class IsCalled(Generic[Q]):
    def run(self, *args: Q.args, **kwargs: Q.kwargs) -> None: ...
class TakesCall(Generic[Q]):
    def run(self, call: Callable[Q, None]) -> None: ...
class SaysNothing(Generic[OldQ]):
    def call(self) -> Callable[OldQ, None]: ...
class SaysContra(Generic[ContraQ]):
    def call(self) -> Callable[ContraQ, None]: ...
class HoldsSeveral(Generic[te.Unpack[Ts]]):
    values: tuple[te.Unpack[Ts]]
class GivesSeveral(Generic[te.Unpack[Ts]]):
    def give(self) -> tuple[te.Unpack[Ts]]: ...
class TakesSeveral(Generic[te.Unpack[Ts]]):
    def take(self, values: tuple[te.Unpack[Ts]]) -> None: ...
for several in (HoldsSeveral, GivesSeveral, TakesSeveral):
    several.__type_params__ = (Ts,)  # what `class C[*Ts]` has
class Parent(Generic[Old]): pass
class FromParent(Parent[U], Generic[U]): pass
class Mixed(list[Old], Generic[Old, U, V]):
    def take(self, value: U) -> None: ...
    def give(self) -> V: ...
"""

COVARIANT = (
    "Gives",
    "Items",
    "GivesItems",
    "Frozen",
    "Private",
    "CallsBack",
    "Chain",
    "TakesCall",
    "GivesSeveral",
)
INVARIANT = (
    "Settable",
    "Holds",
    "Both",
    "Parent",
    "FromParent",
    "Keeps",
    "HoldsCall",
    "SaysNothing",
    "HoldsSeveral",
)
CONTRAVARIANT = ("Takes", "GivesCall", "IsCalled", "SaysContra", "TakesSeveral")


def both_ways(covariant: tuple[str, ...], contravariant: tuple[str, ...]) -> str:
    narrow = [f"    {name}[int] -> {name}[float]" for name in (*covariant, *INVARIANT)]
    wide = [f"    {name}[float] -> {name}[int]" for name in (*covariant, *INVARIANT)]
    taking = [f"    {name}[float] -> {name}[int]" for name in contravariant]
    taken = [f"    {name}[int] -> {name}[float]" for name in contravariant]
    n = len(covariant)
    return "\n".join(["fits", *narrow[:n], *taking, "refused", *narrow[n:], *wide, *taken])


VARIANCE_PAIRS = f"""
{both_ways(COVARIANT, CONTRAVARIANT)}
    Mixed[float, int, int] -> Mixed[int, int, int]
    Mixed[int, int, int] -> Mixed[int, float, int]
    Generator[int, int, None] -> Generator[int, float, None]
    GivesSeveral[int] -> GivesSeveral[int, int]
    GivesSeveral[int, str] -> GivesSeveral[int, int]
fits
    Mixed[int, float, int] -> Mixed[int, int, float]
    Generator[int, float, None] -> Generator[float, int, None]
    GivesSeveral[int, str] -> GivesSeveral[float, str]
    SaysNothing[int, str] -> SaysNothing[[int, str]]
"""

DECORATED = """
P = te.ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
def keeps(f: Callable[P, R]) -> Callable[P, R]:
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        return f(*args, **kwargs)
    return inner
def keeps_rest(f: Callable[te.Concatenate[S, P], R]) -> Callable[te.Concatenate[S, P], R]:
    def inner(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        return f(self, *args, **kwargs)
    return inner
def of_two(f: Callable[P, R], log: Callable[..., object] = print) -> Callable[P, R]:
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        log()
        return f(*args, **kwargs)
    return inner
def wraps(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs)
    return inner
def other_result(f):
    @functools.wraps(f)
    def inner(*args, **kwargs) -> str:
        return str(f(*args, **kwargs))
    return inner
def more_needed(f):
    @functools.wraps(f)
    def inner(self, *args, size, **kwargs):
        return f(self, *args, **kwargs)
    return inner
def more_allowed(f):
    @functools.wraps(f)
    def inner(self, *args, size=1, **kwargs):
        return f(self, *args, **kwargs)
    return inner
def two_needed(f):
    @functools.wraps(f)
    def inner(self, a, b):
        return f(self, a)
    return inner
class Acts(Protocol):
    def act(self, n: int) -> int: ...
class Takes(Protocol):
    def act(self, n: int, /) -> int: ...
def right(decorator):
    class Acting:
        @decorator
        def act(self, n: int) -> int: ...
    return Acting
def wrong(decorator):
    class Acting:
        @decorator
        def act(self, n: str) -> int: ...
    return Acting
"""

DECORATED_PAIRS = """
fits
    right(keeps) -> Acts
    right(keeps_rest) -> Acts
    right(wraps) -> Acts
    right(more_allowed) -> Acts
    right(torch.no_grad()) -> Acts
refused
    wrong(keeps) -> Acts
    wrong(keeps_rest) -> Acts
    wrong(wraps) -> Acts
    wrong(torch.no_grad()) -> Acts
    right(other_result) -> Acts
    right(more_needed) -> Acts
    right(two_needed) -> Takes
unverified
    right(of_two) -> Takes
"""

PARAMETERS = """
class Gives[T]:
    def give(self) -> T: ...
class Items[T](Sequence[T]): pass
@dataclasses.dataclass(frozen=True)
class Frozen[T]:
    value: T
class Holds[T]:
    value: T
class Takes[T]:
    def take(self, value: T) -> None: ...
class Contract[T](Protocol):
    def give(self) -> T: ...
class Record[T](TypedDict):
    value: T
class Spec[**P, R](Protocol):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...
class Own:
    def same[T](self, value: T) -> T: ...
class Same(Protocol):
    def same(self, value: int, /) -> int: ...
type Number = int | float
type Several[T] = list[T]
"""

PARAMETER_PAIRS = """
fits
    Gives[int] -> Gives[float]
    Items[int] -> Items[float]
    Frozen[int] -> Frozen[float]
    Takes[float] -> Takes[int]
    Gives[int] -> Contract[float]
    Record[int] -> Record[int]
    Spec[[int], int] -> Callable[[int], int]
    Own -> Same
    int -> Number
    Several[int] -> Sequence[int]
refused
    Gives[float] -> Gives[int]
    Holds[int] -> Holds[float]
    Takes[int] -> Takes[float]
    Gives[int] -> Contract[str]
    Record[int] -> Record[str]
    Spec[[int], int] -> Callable[[str], int]
    Several[int] -> Sequence[str]
"""


BASES = """
T = TypeVar("T")
S = TypeVar("S")
class Turned(Mapping[S, T], Generic[T, S]): ...
class Kept(dict[S, T]): ...
class KeptTurned(Generic[T, S], dict[S, T]): ...
class Lists(Generic[T]):
    def __iter__(self) -> Iterator[list[T]]: ...
class Pair(NamedTuple, Generic[T]):
    left: T
    right: str
class Deeper(Pair[int]): ...
Unnamed = collections.namedtuple("Unnamed", "left right")
@dataclasses.dataclass
class Unhashable:
    n: int
    def __iter__(self) -> Iterator[int]: ...
    def __next__(self) -> int: ...
    def __len__(self) -> int: ...
"""

BASE_PAIRS = """
fits
    Turned[int, str] -> Mapping[str, int]
    Kept[str, int] -> Mapping[str, int]
    Kept[str, int] -> Iterable[str]
    KeptTurned[int, str] -> Mapping[str, int]
    Lists[int] -> Iterable[list[int]]
    Pair[int] -> tuple[int, str]
    Pair[int] -> Sequence[int | str]
    Deeper -> tuple[int, str]
    Unhashable -> Iterator[int]
    Unhashable -> cabc.Sized
refused
    Turned[int, str] -> Mapping[int, str]
    Kept[str, int] -> Iterable[int]
    KeptTurned[int, str] -> Mapping[int, str]
    Lists[int] -> Iterable[int]
    Pair[int] -> tuple[int, int]
    Deeper -> tuple[str, str]
    Unnamed -> tuple[int]
    Unhashable -> cabc.Hashable
unverified
    Unnamed -> tuple[int, str]
"""


@dataclass(frozen=True)
class Group:
    source: str
    pairs: str
    of_objects: bool = False
    """Whether the left side is an object, and not the type of one."""


GROUPS = {
    "literals": Group(SHAPES, LITERALS),
    "tuples": Group(SHAPES, TUPLES),
    "bases": Group(SHAPES + BASES, BASE_PAIRS),
    "bases, postponed": Group(f"# future\n{SHAPES}{BASES}", BASE_PAIRS),
    "typed dicts": Group(SHAPES + DICTS, DICT_PAIRS),
    "callables": Group(SHAPES + CALLS, CALL_PAIRS),
    "functions": Group(SHAPES + CALLS, FUNCTIONS, of_objects=True),
    "members": Group(MEMBERS, MEMBER_PAIRS),
    "values": Group(
        MEMBERS,
        "fits\n    SetInInit(takes_int) -> Acts\n    Size() -> Sizes\n    Assigned() -> Runs\n"
        "refused\n    SetInInit(takes_text) -> Acts\n    Constant() -> Runs\n    Abstract -> Sizes",
        of_objects=True,
    ),
    "variance": Group(VARIANCE, VARIANCE_PAIRS),
    "decorated": Group(DECORATED, DECORATED_PAIRS, of_objects=True),
}
if sys.version_info >= (3, 12):
    GROUPS["type parameters"] = Group(PARAMETERS, PARAMETER_PAIRS)
    GROUPS["type parameters, postponed"] = Group(f"# future\n{PARAMETERS}", PARAMETER_PAIRS)


def said(module: ModuleType, left: str, right: str, *, of_objects: bool) -> str:
    names = vars(module)
    if of_objects:
        found = check_contract(eval(left, names), eval(right, names))  # noqa: S307
    else:
        code = (
            f"class Asked(Protocol):\n    def get(self) -> {right}: ...\n"
            f"class Given:\n    def get(self) -> {left}: ..."
        )
        exec(code, names)  # noqa: S102
        found = check_contract(names["Given"], names["Asked"])
    severities = {violation.severity for violation in found}
    return "refused" if "error" in severities else "unverified" if severities else "fits"


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_as_the_specification_says(load: Load, group: Group) -> None:
    module = load(group.source)
    expected, wrong, n_pairs = "", list[str](), 0
    for line in filter(None, group.pairs.splitlines()):
        if not line.startswith(" "):
            expected = line
            continue
        left, right = line.strip().split(" -> ")
        found = said(module, left, right, of_objects=group.of_objects)
        n_pairs += 1
        if found != expected:
            wrong.append(f"{left} for {right} {found}, expected {expected}")
    assert wrong == []
    assert n_pairs
