"""How types, values and names appear in messages."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from typing_extensions import TypeVar

from artifact_torch.checking import Violation
from artifact_torch.checking.annotations.spelling import nearest, show, show_value, variable_name
from artifact_torch.contracts.io import In_contra, InT, Out_co


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (Any, "Any"),
        (Tensor, "Tensor"),
        (int | None, "int | None"),
        (Iterator[Tensor], "Iterator[Tensor]"),
        (Mapping[str, "Tensor | None"], "Mapping[str, Tensor | None]"),
        (Callable[[int, Tensor], None], "Callable[[int, Tensor], None]"),
        (Callable[..., int], "Callable[..., int]"),
        (Literal["a", 1], "Literal['a', 1]"),
        (Annotated[int, "seconds"], "int"),
        (tuple[int, ...], "tuple[int, ...]"),
        (TypeVar("Seen_contra", contravariant=True), "Seen"),
    ],
)
def test_types(hint: object, text: str) -> None:
    assert show(hint) == text


@pytest.mark.parametrize(
    ("variable", "name"), [(In_contra, "In"), (Out_co, "Out"), (InT, "In"), (TypeVar("T"), "T")]
)
def test_variables(variable: object, name: str) -> None:
    assert variable_name(variable) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (3, "int"),
        (torch.zeros(4, 3), "float32 tensor of shape [4, 3]"),
        (np.int64(3), "int64"),
        (np.str_("abc"), "str_"),
        (np.array(3), "int64 ndarray of shape []"),
        (nn.Parameter(torch.zeros(2)), "float32 tensor of shape [2]"),
    ],
)
def test_values(value: object, text: str) -> None:
    assert show_value(value) == text


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("generate", ["Generate"], "Generate"),
        ("early_stopper", ["early_stoper", "stop"], "early_stoper"),
        ("log_score", ["logScore"], "logScore"),
        ("forward", ["backward"], None),
        ("eval", ["real"], None),
        ("x", [], None),
    ],
)
def test_near_names(name: str, names: list[str], expected: str | None) -> None:
    assert nearest(name, names) == expected


def test_a_violation_in_one_line() -> None:
    violation = Violation(member="forward", code="missing", message="is missing", fix="write it")
    assert str(violation) == "forward: is missing; write it [missing]"
    assert str(Violation(member="f", code="async", message="is async")) == "f: is async [async]"
