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
CLASS = "name: is a ClassVar, is assigned on instances; drop ClassVar [class-variable]"
ABSENT = "name: is not verified, there is no annotation; annotate it [value-type]"
MISSING = "name: is missing; rename nme to name? [missing]"

EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "InInit": ([], [], [INSTANCE]),
    "Declared": ([], [], [INSTANCE]),
    "NeverSet": ([UNSET], [UNSET], [UNSET]),
    "Wrong": ([NOT_STR], [NOT_STR], [NOT_STR]),
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
