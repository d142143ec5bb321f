"""Properties that a class inherits from a protocol and never writes."""

from collections.abc import Callable
from types import ModuleType

from artifact_torch.checking import check_contract
from artifact_torch.contracts import LoaderCallback

Load = Callable[[str], ModuleType]

CALLBACK = """
class Nameless(LoaderCallback[In, Out, float]):
    def start(self) -> None: return None
    def update(self, batch: In, output: Out, /) -> None: return None
    def finish(self) -> float: return 0.0
class Misspelt(Nameless):
    nme = "loss"
class Named(Nameless):
    name = "loss"
class Written(Nameless):
    @property
    def name(self) -> str: return "loss"
@dataclasses.dataclass
class Field(Nameless):
    name: str
"""

ONLY_DECLARED = (
    "name: is only declared by LoaderCallback, its body returns None; {} [not-implemented]"
)


def test_a_property_that_only_the_protocol_has(load: Load) -> None:
    module = load(CALLBACK)
    for target in (module.Nameless, module.Nameless()):
        for contract in (LoaderCallback, module.LoaderCallback[module.In, module.Out, float]):
            assert [str(v) for v in check_contract(target, contract)] == [
                ONLY_DECLARED.format("write name")
            ]
    assert [str(v) for v in check_contract(module.Misspelt(), LoaderCallback)] == [
        ONLY_DECLARED.format("rename nme to name?")
    ]
    # such a field cannot be set: the protocol's property has no setter
    assert [str(v) for v in check_contract(module.Field, LoaderCallback)] == [
        ONLY_DECLARED.format("write name")
    ]


def test_a_property_that_is_written(load: Load) -> None:
    module = load(CALLBACK)
    for target in (module.Named, module.Named(), module.Written, module.Written()):
        assert check_contract(target, LoaderCallback) == []


def test_abstract_properties_and_those_with_a_default(load: Load) -> None:
    module = load(
        """
        class Read(Protocol):
            @property
            def name(self) -> str: ...
        class Lending(Protocol):
            @property
            def name(self) -> str: return "lent"
            label: str = "lent"
        class Abstract(abc.ABC):
            @property
            @abc.abstractmethod
            def name(self) -> str: ...
        class Lent(Lending): pass
        class Without: pass
        """
    )
    assert [str(v) for v in check_contract(module.Abstract, module.Read)] == [
        "name: is abstract; write name [not-implemented]"
    ]
    assert check_contract(module.Lent(), module.Lending) == []
    assert check_contract(module.Lent(), module.Read) == []
    assert str(check_contract(module.Without(), module.Lending)[0]) == (
        "name: is missing; add name to the class, or name Lending as a base class for its default "
        "[missing]"
    )


def test_an_annotation_of_the_protocol_is_no_promise_of_the_class(load: Load) -> None:
    module = load(
        """
        class Read(Protocol):
            name: str
        class Never(Read): pass
        class InInit(Read):
            def __init__(self) -> None: self.name = "x"
        class Promised(Read):
            name: str
        @dataclasses.dataclass
        class Fields(Read):
            n: int = 3
        """
    )
    missing = "name: is missing; add name to the class [missing]"
    doubt = "name: is not verified, the class does not declare it; check an instance [missing]"
    assert [str(v) for v in check_contract(module.Never(), module.Read)] == [missing]
    assert [str(v) for v in check_contract(module.Never, module.Read)] == [doubt]
    assert [str(v) for v in check_contract(module.InInit, module.Read)] == [doubt]
    assert check_contract(module.InInit(), module.Read) == []
    assert check_contract(module.Promised, module.Read) == []
    assert [str(v) for v in check_contract(module.Fields, module.Read)] == [missing]
