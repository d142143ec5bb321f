"""The typed dicts of a model's input and output."""

from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import nn

from artifact_torch.checking.model_io import model_types

Load = Callable[[str], ModuleType]


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        ("(self, x: In) -> Out", ("In", "Out")),
        ("(self, x: 'In') -> 'Out'", ("In", "Out")),
        ("(self, x: In, t: int = 0) -> Annotated[Out, 'loss']", ("In", "Out")),
        ("(self, x) -> Out", (None, "Out")),
        ("(self, x: In)", ("In", None)),
        ("(self, x: Tensor) -> Tensor", (None, None)),
        ("(self, x: 'Nowhere') -> Out", (None, "Out")),
        ("(self, *args: Any) -> Out", (None, "Out")),
        ("(self, *, x: In) -> Out", (None, "Out")),
    ],
)
def test_model_types(load: Load, forward: str, expected: tuple[str | None, str | None]) -> None:
    module = load(f"class M(nn.Module):\n    def forward{forward}: raise RuntimeError\n")
    types = tuple(vars(module)[name] if name else None for name in expected)
    assert model_types(module.M()) == types
    assert model_types(module.M) == types


def test_generic_models(load: Load) -> None:
    module = load(
        """
        I = TypeVar("I")
        class Base(nn.Module, Generic[I]):
            def forward(self, x: I) -> Out: ...
        class Fixed(Base[In]): pass
        """
    )
    assert model_types(module.Fixed()) == (module.In, module.Out)
    assert model_types(module.Base[module.WideIn]()) == (module.WideIn, module.Out)
    assert model_types(module.Base()) == (None, module.Out)


def test_wrapped_models_are_looked_into(load: Load) -> None:
    module = load("class M(nn.Module):\n    def forward(self, x: In) -> Out: ...\n")
    wrapped = nn.DataParallel(module.M())
    assert model_types(wrapped) == (module.In, module.Out)
    compiled: object = vars(torch)["compile"](wrapped, backend="eager")
    assert model_types(compiled) == (module.In, module.Out)


def test_what_is_no_model() -> None:
    assert model_types(object()) == (None, None)
    assert model_types(nn.Module()) == (None, None)
    assert model_types(nn.Sequential()) == (None, None)
