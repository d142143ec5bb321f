"""Kinds of methods: where they are stored, what wraps them, what they are not."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from torch import nn

from artifact_torch.checking import check_contract
from artifact_torch.contracts import Model, TrainerRecipe, Watching

Load = Callable[[str], ModuleType]

ABSENT = "is not verified, there is no annotation; annotate it"
BAD_RETURN = (
    "forward -> return: returns Tensor, must return Out (some ModelOutput): "
    'Tensor is not a typed dict with the keys "loss" [return-type]'
)

BODIES: dict[str, tuple[str, list[str]]] = {
    "staticmethod": ("@staticmethod\ndef forward(x: In) -> Out: raise RuntimeError", []),
    "classmethod": ("@classmethod\ndef forward(cls, x: In) -> Out: raise RuntimeError", []),
    "static, wrong": (
        "@staticmethod\ndef forward(x: In) -> Tensor: raise RuntimeError",
        [BAD_RETURN],
    ),
    "no_grad": ("@torch.no_grad()\ndef forward(self, x: In) -> Tensor: ...", [BAD_RETURN]),
    "beartype": ("@beartype.beartype\ndef forward(self, x: In) -> Tensor: ...", [BAD_RETURN]),
    "jaxtyped": (
        (
            "@jaxtyping.jaxtyped(typechecker=beartype.beartype)\n"
            "def forward(self, x: In) -> Tensor: ..."
        ),
        [BAD_RETURN],
    ),
    "erased": (
        "@erase\ndef forward(self, x: In) -> Tensor: ...",
        [f"forward -> return: {ABSENT} [return-type]"],
    ),
    "partialmethod": (
        "def run(self, x: In, k: int) -> Out: ...\nforward = functools.partialmethod(run, k=1)",
        [],
    ),
    "async": (
        "async def forward(self, x: In) -> Out: ...",
        ["forward: is async, nobody awaits it; write it as a plain def [async]"],
    ),
    "async generator": (
        "async def forward(self, x: In) -> Out: yield",
        ["forward: is async, nobody awaits it; write it as a plain def [async]"],
    ),
    "generator": (
        "def forward(self, x: In) -> Out: yield",
        ["forward: is a generator: calling it runs nothing; return instead of yield [generator]"],
    ),
    "property": (
        "@property\ndef forward(self) -> Callable[[In], Out]: raise RuntimeError('ran')",
        ["forward: is a property, must be a method [not-callable]"],
    ),
    "None": ("forward = None", ["forward: is None, must be a method [not-callable]"]),
    "abstract": (
        "@abc.abstractmethod\ndef forward(self, x: In) -> Out: ...",
        ["forward: is abstract; write forward [not-implemented]"],
    ),
    "other case": (
        "def Forward(self, x: In) -> Out: ...",
        [
            (
                "forward: is not written: nn.Module's own only raises; rename Forward to forward? "
                "[not-implemented]"
            )
        ],
    ),
    "old self type": (
        "def forward(self, x: In) -> Out: ...\ndef eval(self: S) -> S: return self",
        [],
    ),
    "own class": ("def forward(self, x: In) -> Out: ...\ndef eval(self) -> 'M': return self", []),
    "not itself": (
        "def forward(self, x: In) -> Out: ...\ndef eval(self) -> None: ...",
        ["eval -> return: returns None, must return M: None is not a M [return-type]"],
    ),
    "one overload fits": (
        (
            "@overload\ndef forward(self, x: Tensor) -> Tensor: ...\n"
            "@overload\ndef forward(self, x: In) -> Out: ...\n"
            "def forward(self, x): ..."
        ),
        [],
    ),
    "no overload fits": (
        (
            "@overload\ndef forward(self, x: Tensor) -> Tensor: ...\n"
            "@overload\ndef forward(self, x: In) -> Tensor: ...\n"
            "def forward(self, x): ..."
        ),
        [BAD_RETURN],
    ),
}

HELPERS = """
import beartype, jaxtyping
S = TypeVar("S", bound="M")
def erase(function):
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner
class M(nn.Module):
"""


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES.keys())
def test_methods_of_all_kinds(load: Load, body: str, expected: list[str]) -> None:
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    module = load(HELPERS + indented)
    assert [str(v) for v in check_contract(module.M, Model)] == expected
    assert [str(v) for v in check_contract(module.M(), Model)] == expected


INSTANCE: dict[str, list[str]] = {
    "lambda x: x": [
        f"forward(x): {ABSENT} [parameter-type]",
        f"forward -> return: {ABSENT} [return-type]",
    ],
    "functools.partial(with_k, k=1)": [],
    "functools.partial(with_k)": [
        "forward: requires k, which no caller passes; give it a default, or make it part of what is passed [parameter-extra]"
    ],
    "types.MethodType(as_method, m)": [BAD_RETURN],
    "Caller()": [BAD_RETURN],
    "Inner()": [],
    "3": ["forward: is an int, must be a method [not-callable]"],
}


@pytest.mark.parametrize(("value", "expected"), INSTANCE.items())
def test_forward_assigned_to_the_instance(load: Load, value: str, expected: list[str]) -> None:
    module = load(
        f"""
        import types
        class M(nn.Module):
            def forward(self, x: Tensor, y: Tensor) -> None: ...
        class Inner(nn.Module):
            def forward(self, x: In) -> Out: ...
        class Caller:
            def __call__(self, x: In) -> Tensor: ...
        def with_k(x: In, k: int) -> Out: ...
        def as_method(self, x: In) -> Tensor: ...
        m = M()
        m.forward = {value}
        """
    )
    assert [str(v) for v in check_contract(module.m, Model)] == expected


def test_bodies_that_a_protocol_lends(load: Load) -> None:
    module = load(
        """
        class First(nn.Module, Model[In, Out]): pass
        class Last(Model[In, Out], nn.Module): pass
        class Hooks(TrainerRecipe[In, Out]):
            def step(self, model: Model[In, Out], /) -> TrainingStep[In, Out]: raise RuntimeError
        class Raising(Protocol):
            def go(self) -> None: raise NotImplementedError("later")
        class Named(Raising): pass
        """
    )
    assert [str(v) for v in check_contract(module.First, Model)] == [
        "forward: is not written: nn.Module's own only raises; write forward [not-implemented]"
    ]
    last = check_contract(module.Last, Model)
    assert len(last) == 8
    assert str(last[0]) == (
        "forward: is only declared by Model, its body returns None; name Module before Model "
        "among the bases [not-implemented]"
    )
    # the other hooks inherit a default that does something: `return None` is an answer
    for contract in (TrainerRecipe, module.TrainerRecipe[module.In, module.Out]):
        assert [str(v) for v in check_contract(module.Hooks(), contract)] == [
            (
                "stop: is only declared by TrainerRecipe, its body returns None; "
                "write stop [not-implemented]"
            )
        ]
    assert [v.code for v in check_contract(module.Named, module.Raising)] == ["not-implemented"]


def test_static_methods_of_a_contract(load: Load) -> None:
    module = load(
        """
        class Made(Protocol):
            @staticmethod
            def build(size: int) -> int: ...
        class Static:
            @staticmethod
            def build(size: int) -> int: ...
        class Instance:
            def build(self, size: int) -> int: ...
        """
    )
    assert check_contract(module.Static, module.Made) == []
    assert [str(v) for v in check_contract(module.Instance, module.Made)] == [
        "build: needs an instance, is called on the class; make it a staticmethod [binding]"
    ]


def test_an_iterator_may_be_a_generator(load: Load) -> None:
    module = load(
        """
        class Source:
            def batches(self, epoch: int) -> Iterator[In]: yield {}
            def __len__(self) -> int: return 1
        class Reporter:
            def log_file(self, path_source: str, name: str) -> Iterator[None]: yield
        class Files(Protocol):
            def log_file(self, path_source: str, name: str) -> object: ...
        """
    )
    assert check_contract(module.Source(), module.BatchSource[module.In]) == []
    assert [v.code for v in check_contract(module.Reporter(), module.Files)] == ["generator"]


def test_a_generator_of_values_fits_wherever_a_caller_may_go_through_them(load: Load) -> None:
    module = load(
        """
        T_co = TypeVar("T_co", covariant=True)
        class Bare(Protocol):
            def __iter__(self) -> Iterator[nn.Parameter]: ...
        class Sized(Protocol):
            def __len__(self) -> int: ...
        def asks(result):
            class Asked(Protocol):
                def parameters(self) -> result: ...
            return Asked
        class Variable(Protocol[T_co]):
            def parameters(self) -> T_co: ...
        class Unannotated(Protocol):
            def parameters(self): ...
        class Own:
            def parameters(self) -> Generator[int, None, str]: yield 1; return ""
        class Steps:
            def parameters(self) -> Generator[None, None, int]: yield; return 1
        class Silent:
            def parameters(self): yield
        """
    )
    asks, protocol = module.asks, [module.asks(module.Bare), module.asks(module.Sized)]
    anything = [asks(object), asks(object | None), asks(Any), module.Variable, module.Unannotated]
    for contract in anything:
        assert check_contract(nn.Linear(1, 1), contract) == []
        assert check_contract(module.Own(), contract) == []
    assert check_contract(nn.Linear(1, 1), protocol[0]) == []
    assert [v.code for v in check_contract(nn.Linear(1, 1), protocol[1])] == ["return-type"]
    assert [v.code for v in check_contract(nn.Linear(1, 1), asks(list[int]))] == ["generator"]
    for nothing in (module.Steps(), module.Silent()):
        for contract in (asks(object), asks(object | None)):
            assert [v.code for v in check_contract(nothing, contract)] == ["generator"]


def test_a_static_method_that_keeps_self(load: Load) -> None:
    module = load(
        """
        class Kept(nn.Module):
            @staticmethod
            def forward(self, x: In) -> Out: ...

        class Free(nn.Module):
            @staticmethod
            def forward(x: In) -> Out: ...
        """
    )
    assert [str(each) for each in check_contract(module.Kept, Model)] == [
        "forward: is a staticmethod, nothing is passed for self; remove @staticmethod [binding]"
    ]
    assert check_contract(module.Free, Model) == []


def test_a_class_of_the_name_of_a_type_variable_is_told_from_it(load: Load) -> None:
    module = load(
        """
        class Out(TypedDict):
            y: Tensor

        class Named(nn.Module):
            def forward(self, x: In) -> Out: ...
        """
    )
    (violation,) = check_contract(module.Named, Model)
    assert violation.message == (
        f'returns {module.__name__}.Out, must return Out (some ModelOutput): Out has no key "loss"'
    )


def test_what_fitted_once_is_asked_again_where_the_object_decides(load: Load) -> None:
    module = load(
        """
        class First(nn.Module):
            def forward(self, batch: In) -> Out: ...
        class Second(nn.Module):
            def forward(self, batch: In) -> NoLoss: ...
        Asked = Model[In, Out]
        """
    )
    assert check_contract(nn.Sequential(module.First()), module.Asked) == []
    (wrong,) = check_contract(nn.Sequential(module.Second()), module.Asked)
    assert wrong.code == "return-type"


def test_a_generator_is_a_context_manager_where_it_is_decorated_as_one() -> None:
    class Right:
        @contextmanager
        def watching(self) -> Generator[None]:
            yield

    class Bare:
        def watching(self) -> Generator[None]:
            yield

    assert check_contract(Right(), Watching) == []
    assert {each.code for each in check_contract(Bare(), Watching)} == {"generator"}
