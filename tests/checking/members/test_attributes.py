"""Attributes, properties and class variables; nothing of the object runs."""

from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract

Load = Callable[[str], ModuleType]

SOURCE = """
class Read(Protocol):
    @property
    def name(self) -> str: ...
class Write(Protocol):
    name: str
class OfClass(Protocol):
    name: ClassVar[str]

class InInit:
    def __init__(self): self.name = "x"
class Declared:
    name: str
    def __init__(self): self.name = "x"
class NeverSet:
    name: str
class Wrong:
    name: int = 3
class WrongInInit:
    def __init__(self): self.name = 3
class OnClass:
    name = "x"
class Property:
    @property
    def name(self) -> str: raise RuntimeError("ran")
class Settable:
    @property
    def name(self) -> str: raise RuntimeError("ran")
    @name.setter
    def name(self, value: str) -> None: ...
class Bare:
    @property
    def name(self): raise RuntimeError("ran")
class Cached:
    @functools.cached_property
    def name(self) -> int: raise RuntimeError("ran")
class Method:
    def name(self) -> str: ...
@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str = "x"
@dataclasses.dataclass
class Thawed:
    name: str = dataclasses.field(default_factory=str)
class Constant:
    name: ClassVar[str] = "x"
class Tuple(NamedTuple):
    name: str = "x"
class Slots:
    __slots__ = ("name",)
    name: str
class Other:
    nme = "x"
    label: str = "x"
"""

NOT_STR = "name: is int, must be str: int is not a str [value-type]"
UNSET = "name: is declared but not set; set it in __init__ [missing]"
METHOD = "name: is a method, must be a property or an attribute; make it a @property [not-a-value]"
FIXED = "name: cannot be assigned, must be; add a setter, or make it a plain attribute [read-only]"
INSTANCE = (
    "name: belongs to instances, is read on the class; assign it in the class body [class-variable]"
)
OF_INSTANCES = (
    "name: is declared for instances, is read on the class; declare it as a ClassVar "
    "[class-variable]"
)
CLASS = "name: is a ClassVar, is assigned on instances; drop ClassVar [class-variable]"
ABSENT = "name: is not verified, there is no annotation; annotate it [value-type]"
MISSING = "name: is missing; rename nme to name? [missing]"

EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "InInit": ([], [], [INSTANCE]),
    "Declared": ([], [], [INSTANCE]),
    "NeverSet": ([UNSET], [UNSET], [UNSET]),
    "Wrong": ([NOT_STR], [NOT_STR], [OF_INSTANCES, NOT_STR]),
    "WrongInInit": (
        ["name: is int, must be str [value-type]"],
        ["name: is int, must be str [value-type]"],
        [INSTANCE, "name: is int, must be str [value-type]"],
    ),
    "OnClass": ([], [], []),
    "Property": ([], [FIXED], [INSTANCE]),
    "Settable": ([], [], [INSTANCE]),
    "Bare": ([ABSENT], [FIXED, ABSENT], [INSTANCE, ABSENT]),
    "Cached": ([NOT_STR], [NOT_STR], [INSTANCE, NOT_STR]),
    "Method": ([METHOD], [METHOD], [METHOD]),
    "Frozen": ([], [FIXED], [INSTANCE]),
    "Thawed": ([], [], [INSTANCE]),
    "Constant": ([], [CLASS], []),
    "Tuple": ([], [FIXED], [FIXED]),
    "Slots": ([], [], []),
    "Other": ([MISSING], [MISSING], [MISSING]),
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_an_instance(
    load: Load, name: str, expected: tuple[list[str], list[str], list[str]]
) -> None:
    module = load(SOURCE)
    instance: object = vars(module)[name]()
    for contract, lines in zip((module.Read, module.Write, module.OfClass), expected, strict=True):
        assert [str(v) for v in check_contract(instance, contract)] == lines


def test_a_class_promises_for_its_instances(load: Load) -> None:
    module = load(SOURCE)
    for promised in (module.Declared, module.NeverSet, module.Thawed, module.Slots):
        assert check_contract(promised, module.Read) == []
    (doubt,) = check_contract(module.InInit, module.Read)
    assert str(doubt) == (
        "name: is not verified, the class does not declare it; check an instance [missing]"
    )
    assert doubt.severity == "unverified"


def test_what_torch_keeps_elsewhere(load: Load) -> None:
    module = load(
        """
        class Parts(Protocol):
            @property
            def encoder(self) -> nn.Module: ...
            @property
            def scale(self) -> Tensor: ...
            @property
            def bias(self) -> Tensor: ...
            @property
            def training(self) -> bool: ...
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = nn.Linear(1, 1)
                self.register_buffer("scale", torch.zeros(1))
                self.bias = nn.Parameter(torch.zeros(1))
        """
    )
    assert check_contract(module.Net(), module.Parts) == []
    missing = check_contract(module.nn.Linear(1, 1, bias=False), module.Parts)
    assert [str(v) for v in missing] == [
        "encoder: is missing; add encoder to the class [missing]",
        "scale: is missing; add scale to the class [missing]",
        "bias: is None, must be Tensor [value-type]",
    ]


def test_the_fields_of_a_dataclass_are_all_there_is(load: Load) -> None:
    module = load(
        """
        class Read(Protocol):
            @property
            def scores_best(self) -> float: ...
        class Stopper(Protocol):
            def should_stop(self, update: RunState, /) -> bool: ...
        class Best:
            def should_stop(self, update: Read, /) -> bool: return True
        @dataclasses.dataclass(frozen=True)
        class Near:
            score_best: float
        @dataclasses.dataclass
        class Later:
            n: int
            def __post_init__(self): self.scores_best = 1.0
        @dataclasses.dataclass
        class OwnInit:
            n: int
            def __init__(self): self.scores_best = 1.0
        @dataclasses.dataclass(init=False)
        class NoInit:
            n: int
        @dataclasses.dataclass
        class OwnNew:
            n: int
            def __new__(cls, n: int):
                made = super().__new__(cls)
                made.scores_best = 1.0
                return made
        class Derived(Near):
            def __init__(self): object.__setattr__(self, "scores_best", 1.0)
        @dataclasses.dataclass
        class Dynamic:
            n: int
            def __getattr__(self, name): return 1.0
        """
    )
    (wrong,) = check_contract(module.RunState, module.Read)
    assert str(wrong) == "scores_best: is missing; add scores_best to the class [missing]"
    assert wrong.severity == "error"
    (wrong,) = check_contract(module.Best(), module.Stopper)
    assert str(wrong) == (
        "should_stop(update): accepts Read, is called with RunState: RunState does not satisfy "
        "Read, scores_best: is missing [parameter-type]"
    )
    assert wrong.severity == "error"
    assert [str(v) for v in check_contract(module.Near, module.Read)] == [
        "scores_best: is missing; rename score_best to scores_best? [missing]"
    ]
    for name in ("Later", "OwnInit", "NoInit", "OwnNew", "Derived", "Dynamic"):
        (doubt,) = check_contract(vars(module)[name], module.Read)
        assert doubt.severity == "unverified", name


def test_any_says_less_than_the_value(load: Load) -> None:
    module = load(
        """
        class Read(Protocol):
            @property
            def name(self) -> str: ...
        class Write(Protocol):
            name: str
        class OnClass:
            name: Any = None
        class InInit:
            name: Any
            def __init__(self): self.name = 3
        class Fits:
            name: Any = "x"
        class Property:
            @property
            def name(self) -> Any: raise RuntimeError("ran")
        class Slots:
            __slots__ = ("name",)
            name: Any
        """
    )
    for contract in (module.Read, module.Write):
        assert [str(v) for v in check_contract(module.OnClass(), contract)] == [
            "name: is None, must be str [value-type]"
        ]
        assert [str(v) for v in check_contract(module.InInit(), contract)] == [
            "name: is int, must be str [value-type]"
        ]
        assert check_contract(module.Fits(), contract) == []
    # instances of the class may set another value; getters are not read, nor empty slots
    for target in (module.OnClass, module.Property(), module.Slots()):
        (doubt,) = check_contract(target, module.Read)
        assert str(doubt) == "name: is not verified, Any says nothing [value-type]"
        assert doubt.severity == "unverified"


def test_slots_are_what_is_in_them(load: Load) -> None:
    module = load(
        """
        class Acts(Protocol):
            @property
            def names(self) -> Sequence[str]: ...
            def act(self, n: int, /) -> int: ...
        class Slots:
            __slots__ = ("act", "names")
            def __init__(self, act, names):
                self.act, self.names = act, names
        def double(n: int) -> int: ...
        def of_text(n: str) -> int: ...
        """
    )
    assert check_contract(module.Slots(module.double, ["a"]), module.Acts) == []
    assert {str(v) for v in check_contract(module.Slots(module.of_text, [1]), module.Acts)} == {
        "act(n): accepts str, is called with int: int is not a str [parameter-type]",
        "names: is list of something else, must be Sequence[str] [value-type]",
    }
