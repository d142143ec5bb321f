"""What is said about a batch or an output, word for word."""

from collections import UserDict
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, NotRequired

import pytest
import torch
from torch import Tensor, nn
from typing_extensions import TypedDict, TypeVar

from artifact_torch.checking import ValueChecker, check_value, require_value
from artifact_torch.errors import DataError

T = TypeVar("T")


class Inner(TypedDict):
    a: Tensor


class Tree(TypedDict):
    a: Tensor
    child: "Tree | None"


class Named(TypedDict, Generic[T]):
    value: T


class Everything(TypedDict):
    x: Tensor
    inner: Inner
    many: list[Tensor]
    inners: list[Inner]
    maybe: Tensor | None
    maybe_inner: Inner | None
    either: int | str
    number: float
    word: Literal["a", "b"]
    pair: tuple[int, str]
    row: tuple[Tensor, ...]
    by_name: dict[str, Tensor]
    function: Callable[[int], int]
    anything: Any
    seconds: Annotated[int, "seconds"]
    named: Named[int]
    optional: NotRequired[int]


def good() -> dict[str, object]:
    t = torch.zeros(2)
    return {
        "x": t,
        "inner": {"a": t},
        "many": [t, nn.Parameter(t)],
        "inners": [{"a": t}],
        "maybe": None,
        "maybe_inner": None,
        "either": "s",
        "number": 1,
        "word": "a",
        "pair": (1, "a"),
        "row": (t, t),
        "by_name": {"k": t},
        "function": len,
        "anything": object(),
        "seconds": 1,
        "named": {"value": 3},
    }


def said(value: object, typed_dict: type) -> list[str]:
    return [str(violation) for violation in check_value(value, typed_dict, "batch")]


def test_a_fitting_value() -> None:
    assert said(good(), Everything) == []
    assert said({**good(), "optional": 3, "more": object()}, Everything) == []
    assert said(UserDict(good()), Everything) == []


WRONG: dict[str, tuple[object, str]] = {
    "x": ([1], 'batch["x"]: is a list, must be a Tensor [value-type]'),
    "inner": (
        torch.zeros(2, 3),
        (
            'batch["inner"]: is a float32 tensor of shape [2, 3], must be a dict with the keys "a" '
            "(Inner) [not-a-mapping]"
        ),
    ),
    "many": ([torch.zeros(1), None], 'batch["many"][1]: is None, must be a Tensor [value-type]'),
    "inners": (
        [{}],
        'batch["inners"][0]["a"]: is missing, Inner requires it; it has no keys [key-missing]',
    ),
    "maybe": (3, 'batch["maybe"]: is an int, must be Tensor | None [value-type]'),
    "maybe_inner": (
        {"b": 1},
        (
            'batch["maybe_inner"]["a"]: is missing, Inner requires it; the keys there are "b" '
            "[key-missing]"
        ),
    ),
    "either": (1.5, 'batch["either"]: is a float, must be int | str [value-type]'),
    "number": ("s", 'batch["number"]: is a str, must be a float [value-type]'),
    "word": ("c", "batch[\"word\"]: is a str, must be Literal['a', 'b'] [value-type]"),
    "pair": ((1, 2), 'batch["pair"][1]: is an int, must be a str [value-type]'),
    "row": ((1,), 'batch["row"][0]: is an int, must be a Tensor [value-type]'),
    "by_name": ({"k": 3}, 'batch["by_name"]["k"]: is an int, must be a Tensor [value-type]'),
    "function": (3, 'batch["function"]: is an int, must be Callable[[int], int] [value-type]'),
    "seconds": ("s", 'batch["seconds"]: is a str, must be an int [value-type]'),
    "named": (
        {"value": "s"},
        'batch["named"]["value"]: is a str, must be an int [value-type]',
    ),
    "optional": (None, 'batch["optional"]: is None, must be an int [value-type]'),
}


@pytest.mark.parametrize(("key", "case"), WRONG.items())
def test_one_wrong_key(key: str, case: tuple[object, str]) -> None:
    value, expected = case
    assert said({**good(), key: value}, Everything) == [expected]


def test_all_wrong_keys_at_once() -> None:
    value = {**good(), **{key: case[0] for key, case in WRONG.items()}}
    assert sorted(said(value, Everything)) == sorted(case[1] for case in WRONG.values())


def test_a_tuple_of_another_length() -> None:
    assert said({**good(), "pair": (1,)}, Everything) == [
        'batch["pair"]: has 1 items, must have 2 [shape]'
    ]


def test_a_typed_dict_that_contains_itself() -> None:
    t = torch.zeros(1)
    assert said({"a": t, "child": {"a": t, "child": {"a": t, "child": None}}}, Tree) == []
    assert said({"a": t, "child": {"a": t, "child": {"a": 2, "child": None}}}, Tree) == [
        'batch["child"]["child"]["a"]: is an int, must be a Tensor [value-type]'
    ]


def test_missing_keys_name_those_that_are_there() -> None:
    with pytest.raises(DataError) as caught:
        require_value({"Aa": 1, "b": 2}, Inner, "output")
    assert str(caught.value) == (
        "output does not fit Inner:\n"
        '  - output["a"]: is missing, Inner requires it; the keys there are "Aa", "b" '
        "[key-missing]"
    )
    assert said({"Maybe_": 1, "A": 2}, Inner) == [
        (
            'batch["a"]: is missing, Inner requires it; the keys there are "Maybe_", "A"; '
            'did you mean "A"? [key-missing]'
        )
    ]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "None"),
        ([], "a list"),
        (torch.zeros(2, 3), "a float32 tensor of shape [2, 3]"),
        ((torch.zeros(1), torch.zeros(1)), "a tuple"),
    ],
)
def test_not_a_mapping(value: object, what: str) -> None:
    assert said(value, Inner) == [
        f'batch: is {what}, must be a dict with the keys "a" (Inner) [not-a-mapping]'
    ]


def test_a_loss_of_none_has_a_text() -> None:
    """The published package raised an AssertionError without one."""

    class Out(TypedDict):
        loss: Tensor

    with pytest.raises(DataError) as caught:
        require_value({"loss": None}, Out, "output of VAE")
    assert str(caught.value) == (
        "output of VAE does not fit Out:\n"
        '  - output of VAE["loss"]: is None, must be a Tensor [value-type]'
    )


def test_only_typed_dicts() -> None:
    with pytest.raises(DataError, match="values are checked against a typed dict, got int"):
        ValueChecker(int)


def test_values_are_not_looked_into() -> None:
    """A tensor on the meta device has no numbers: reading one would raise."""
    checker = ValueChecker(Inner)
    assert checker.check({"a": torch.empty(3, device="meta")}, "batch") == []
    checker.require({"a": torch.empty(3, device="meta")}, "batch")
