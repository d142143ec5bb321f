"""Names that exist for checkers only."""

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract
from artifact_torch.checking.model_io import model_types

Load = Callable[[str], ModuleType]

HIDDEN = """# future
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import collections.abc as hidden_abc
    import xml.dom
    from decimal import Decimal as Money
    from hidden_library import Thing
    from numpy.typing import NDArray
    Codes: TypeAlias = Mapping[str, Money]
    Nested = list[Codes]
    Unknown = list[Thing]
class Asked(Protocol):
    def get(self) -> {0}: ...
class Given:
    def get(self) -> {1}: ...
"""


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("hidden_abc.Mapping[str, int]", "dict[str, int]"),
        ("Money", "Money"),
        ("Codes", "dict[str, Money]"),
        ("Nested", "list[Mapping[str, Money]]"),
        ("Sequence['Nested']", "list[list[Codes]]"),
        ("NDArray[Any]", "NDArray[Any]"),
        ("xml.dom.Node", "xml.dom.Node"),
    ],
)
def test_loaded_and_cheap_names_are_found(load: Load, asked: str, given: str) -> None:
    import xml.dom  # loaded, as it would be where an object of it exists

    assert xml.dom.Node is not None
    module = load(HIDDEN.format(asked, given))
    assert check_contract(module.Given, module.Asked) == []


def test_found_names_are_compared(load: Load) -> None:
    module = load(HIDDEN.format("Codes", "dict[str, int]"))
    assert [str(v) for v in check_contract(module.Given, module.Asked)] == [
        (
            "get -> return: returns dict[str, int], must return Mapping[str, Decimal]: dict[str, int] "
            "is not Mapping[str, Decimal]: int is not a Decimal [return-type]"
        )
    ]


@pytest.mark.parametrize("name", ["Thing", "Unknown", "list[Thing]", "hidden_abc.Nope", "1 +"])
def test_the_rest_is_unverified(load: Load, name: str) -> None:
    module = load(HIDDEN.format("int", f"'{name}'" if name == "1 +" else name))
    (doubt,) = check_contract(module.Given, module.Asked)
    shown = repr(name) if name == "1 +" else name
    assert doubt.severity == "unverified"
    assert (
        doubt.message == f"is not verified, the annotation {shown} cannot be resolved at run time"
    )


def test_a_library_is_never_loaded_for_a_name(load: Load) -> None:
    module = load(
        """
        # future
        if TYPE_CHECKING:
            import never_loaded_library
            from sqlite3.dbapi2 import Connection
        class Asked(Protocol):
            def get(self) -> int: ...
        class Given:
            def get(self) -> never_loaded_library.Thing: ...
        """
    )
    (doubt,) = check_contract(module.Given, module.Asked)
    assert doubt.severity == "unverified"
    assert "never_loaded_library" not in sys.modules


def test_names_of_the_class_around_and_of_type_parameters(load: Load) -> None:
    module = load(
        """
        # future
        class M(nn.Module):
            class Input(TypedDict):
                x: Tensor
            type = "a name that must not hide the builtin"
            def forward(self, batch: Input) -> Out: ...
            def of(self, kind: type[int]) -> None: ...
        """
    )
    assert model_types(module.M()) == (module.M.Input, module.Out)


def test_a_hidden_name_of_another_module(load: Load) -> None:
    first = load(HIDDEN.format("int", "int"))
    second = load(
        f"""
        # future
        if TYPE_CHECKING:
            from {first.__name__} import Codes as Other
        class Asked(Protocol):
            def get(self) -> Mapping[str, int]: ...
        class Given:
            def get(self) -> Other: ...
        """
    )
    (wrong,) = check_contract(second.Given, second.Asked)
    assert wrong.message.endswith("Decimal is not an int")


CHANGED = """
    # future
    class Asked(Protocol):
        def get(self, n: int) -> int: ...
    class Given:
        def get(self, n: int) -> Later: ...
    def get(self) -> Later: ...
    """


def test_what_is_read_is_kept_once_its_names_exist(load: Load) -> None:
    module = load(CHANGED)
    (doubt,) = check_contract(module.Given, module.Asked)
    assert doubt.severity == "unverified"
    vars(module)["Later"] = str
    (wrong,) = check_contract(module.Given, module.Asked)
    assert (wrong.code, wrong.severity) == ("return-type", "error")


def test_a_function_with_new_code_is_read_again(load: Load) -> None:
    """So notebooks reload a module: its functions stay, what they do is replaced."""
    module = load(CHANGED)
    vars(module)["Later"] = int
    assert check_contract(module.Given, module.Asked) == []
    module.Given.get.__code__ = module.get.__code__
    (wrong,) = check_contract(module.Given, module.Asked)
    assert wrong.code == "parameter-missing"


def test_names_of_a_contract_in_a_notebook_may_change(load: Load) -> None:
    module = load(
        """
        # future
        class Asked(Protocol):
            def get(self) -> Later: ...
        class Given:
            def get(self) -> int: ...
        """
    )
    module.Asked.__module__ = "__main__"
    vars(module)["Later"] = int
    assert check_contract(module.Given, module.Asked) == []
    vars(module)["Later"] = str
    (wrong,) = check_contract(module.Given, module.Asked)
    assert wrong.code == "return-type"


def test_names_of_a_notebook_may_change(load: Load) -> None:
    module = load(CHANGED)
    module.Given.get.__module__ = "__main__"
    vars(module)["Later"] = int
    assert check_contract(module.Given, module.Asked) == []
    vars(module)["Later"] = str
    (wrong,) = check_contract(module.Given, module.Asked)
    assert wrong.code == "return-type"
