"""Signatures of functions whose annotations name what only checkers see."""

import inspect
import sys
from collections.abc import Callable

import pytest

from artifact_torch.internal.signatures import own_annotations, signature_of

# Names that do not exist at run time: evaluated at definition before Python 3.14, when asked since.
LATER = sys.version_info >= (3, 14)
SOURCE = f"""
{"" if LATER else "from __future__ import annotations"}

def make(parameters: Hidden, rate: float = 0.1) -> Hidden: ...

class Holder:
    first: Hidden
    second: int
"""


@pytest.fixture
def made() -> dict[str, object]:
    names: dict[str, object] = {"__name__": "made"}
    exec(SOURCE, names)  # noqa: S102  (our own program)
    return names


def test_a_call_is_bound_although_a_name_is_hidden(made: dict[str, object]) -> None:
    make = made["make"]
    assert callable(make)
    assert [*signature_of(make).parameters] == ["parameters", "rate"]
    signature_of(make).bind(None)
    with pytest.raises(TypeError, match="too many"):
        signature_of(make).bind(1, 2, 3)


def test_annotations_are_listed_although_a_name_is_hidden(made: dict[str, object]) -> None:
    holder = made["Holder"]
    assert isinstance(holder, type)
    assert [*own_annotations(holder)] == ["first", "second"]


@pytest.mark.parametrize("function", [len, inspect.signature, signature_of])
def test_it_is_pythons_own_signature(function: Callable[..., object]) -> None:
    assert signature_of(function) == inspect.signature(function)
