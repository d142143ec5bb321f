"""What is said about a batch or an output, word for word."""

import random
import re
from collections import Counter, UserDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
)

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import TypedDict, TypeVar

from artifact_torch.checking import ValueChecker
from artifact_torch.errors import DataError
from tests.trainer.composed import untyped

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
    return [str(violation) for violation in ValueChecker(typed_dict).check(value, "batch")]


def test_a_fitting_value() -> None:
    assert said(good(), Everything) == []
    assert said({**good(), "optional": 3, "more": object()}, Everything) == []
    assert said(UserDict(good()), Everything) == []


WRONG: dict[str, tuple[object, str]] = {
    "x": ([1], 'batch["x"]: is a list, must be a Tensor; torch.as_tensor makes one [value-type]'),
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
    "word": ("c", "batch[\"word\"]: is 'c', must be Literal['a', 'b'] [value-type]"),
    "pair": ((1, 2), 'batch["pair"][1]: is an int, must be a str [value-type]'),
    "row": (
        (1,),
        'batch["row"][0]: is an int, must be a Tensor; torch.as_tensor makes one [value-type]',
    ),
    "by_name": (
        {"k": 3},
        'batch["by_name"]["k"]: is an int, must be a Tensor; torch.as_tensor makes one [value-type]',
    ),
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
        'batch["child"]["child"]["a"]: is an int, must be a Tensor; torch.as_tensor makes one [value-type]'
    ]


def test_missing_keys_name_those_that_are_there() -> None:
    with pytest.raises(DataError) as caught:
        ValueChecker(Inner).require({"Aa": 1, "b": 2}, "output")
    assert str(caught.value) == (
        "output does not fit Inner; give what it declares, or declare what you give:\n"
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
        ((1, 2), "a tuple"),
    ],
)
def test_not_a_mapping(value: object, what: str) -> None:
    assert said(value, Inner) == [
        f'batch: is {what}, must be a dict with the keys "a" (Inner) [not-a-mapping]'
    ]


def test_unnamed_tensors_hear_how_to_name_them() -> None:
    """What torch's loader gives for its `TensorDataset`."""
    for value, what in (([torch.zeros(1)] * 2, "a list"), ((torch.zeros(1),), "a tuple")):
        (violation,) = ValueChecker(Inner).check(value, "batch")
        assert str(violation) == (
            f'batch: is {what}, must be a dict with the keys "a" (Inner); name the tensors: '
            "DataLoader(TensorTable(Inner(...)), batch_size=...), or "
            "DataLoader(collated(dataset, collate), batch_size=...) [not-a-mapping]"
        )


def test_a_loss_of_none_has_a_text() -> None:
    """The published package raised an AssertionError without one."""

    class Out(TypedDict):
        loss: Tensor

    with pytest.raises(DataError) as caught:
        ValueChecker(Out).require({"loss": None}, "output of VAE")
    assert str(caught.value) == (
        "output of VAE does not fit Out; give what it declares, or declare what you give:\n"
        '  - output of VAE["loss"]: is None, must be a Tensor [value-type]'
    )


class Pair(NamedTuple, Generic[T]):
    left: T
    times: int


class Point(NamedTuple):
    x: Tensor


class Own(Mapping[str, T]):
    """As other libraries have them."""

    def __init__(self, **items: T) -> None:
        self.items_by_name = items

    def __getitem__(self, key: str) -> T:
        return self.items_by_name[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_by_name)

    def __len__(self) -> int:
        return len(self.items_by_name)


class HasSize(Protocol):
    @property
    def size(self) -> int: ...


Meters = NewType("Meters", int)


class Forms(TypedDict, total=False):
    codes: NDArray[np.int64]
    weights: NDArray[np.float32]
    any_array: NDArray[Any]
    counts: Counter[str]
    pair: Pair[Tensor]
    point: Point
    words: NDArray[np.str_]
    floats: NDArray[np.floating]
    own: Own[Tensor]
    mapping: Mapping[str, Tensor]
    sequence: Sequence[int]
    queue: deque[int]
    default: defaultdict[str, list[int]]
    sized: HasSize
    meters: Meters
    zero: Literal[0]
    ready: bool
    unpacked: tuple[str, *tuple[int, ...]]
    shape: tuple[int, ...]
    nothing: tuple[()]
    pattern: re.Pattern[str]
    kind: type[int]
    later: "Iterator[int]"
    either: Sequence[int] | NDArray[np.int64] | None


FITTING: list[tuple[str, object]] = [
    ("codes", np.zeros((2, 3), np.int64)),
    ("weights", np.array(1.0, np.float32)),
    ("any_array", np.array(["a"])),
    ("counts", Counter("aab")),
    ("pair", Pair(torch.zeros(1), 2)),
    ("point", Point(torch.zeros(1))),
    ("words", np.array(["a", "long"])),
    ("floats", np.zeros(2, np.float16)),
    ("own", Own(a=torch.zeros(1))),
    ("mapping", Own(a=torch.zeros(1))),
    ("sequence", range(10**12)),
    ("queue", deque([1, 2])),
    ("default", defaultdict(list, a=[1])),
    ("sized", object()),  # a protocol with a property: instances cannot be asked
    ("meters", 3),
    ("zero", 0),
    ("unpacked", ("a", 1, 2)),
    ("shape", torch.Size([2, 3])),
    ("nothing", ()),
    ("pattern", re.compile("a")),
    ("kind", bool),
    ("later", iter([1])),
    ("either", np.zeros(2, np.int64)),
    ("either", [1]),
]


@pytest.mark.parametrize(("key", "value"), FITTING)
def test_values_of_a_declared_type_are_accepted(key: str, value: object) -> None:
    assert said({key: value}, Forms) == []


@pytest.mark.parametrize(
    ("key", "value", "code", "got"),
    [
        ("codes", np.zeros((2, 3)), "dtype", "is a float64 ndarray of shape [2, 3]"),
        ("weights", np.array(1.0), "dtype", "is a float64 ndarray of shape []"),
        ("codes", torch.zeros(2), "value-type", "is a float32 tensor of shape [2]"),
        ("counts", Counter([1]), "value-type", "is a Counter of something else"),
        ("counts", {"a": 1}, "value-type", "is a dict"),
        ("words", np.array([b"a"]), "dtype", "is a |S1 ndarray of shape [1]"),
        ("floats", np.zeros(2, np.int64), "dtype", "is an int64 ndarray of shape [2]"),
        ("pair", (1, 2), "value-type", "is a tuple, must be Pair[Tensor]"),
        ("own", Own(a=1), "value-type", "is an Own of something else"),
        ("queue", deque(["a"]), "value-type", "is a deque of something else"),
        ("meters", "far", "value-type", "is a str"),
        ("zero", False, "value-type", "is False"),
        ("ready", np.bool_(True), "value-type", "is numpy.bool, must be a bool"),
        ("kind", str, "value-type", "is a type"),
        ("nothing", (1,), "value-type", "is a tuple of something else"),
    ],
)
def test_values_of_another_type_are_refused(key: str, value: object, code: str, got: str) -> None:
    (violation,) = ValueChecker(Forms).check({key: value}, "batch")
    assert (violation.member, violation.code) == (f'batch["{key}"]', code)
    assert violation.message.startswith(got)


def test_the_item_of_a_named_tuple_that_is_wrong_is_named() -> None:
    given = {"pair": untyped(Pair[int], 1, "a"), "point": untyped(Point, 2)}
    assert [
        (v.member, v.message.partition(";")[0]) for v in ValueChecker(Forms).check(given, "batch")
    ] == [
        ('batch["pair"][0]', "is an int, must be a Tensor"),
        ('batch["pair"][1]', "is a str, must be an int"),
        ('batch["point"][0]', "is an int, must be a Tensor"),
    ]


def test_the_item_that_is_wrong_is_named_wherever_a_union_leads() -> None:
    assert [v.member for v in ValueChecker(Forms).check({"mapping": Own(a=1)}, "batch")] == [
        'batch["mapping"]["a"]'
    ]
    (violation,) = ValueChecker(Forms).check({"either": [1, "a"]}, "batch")
    assert (violation.member, violation.code) == ('batch["either"][1]', "value-type")


def test_the_checks_draw_from_no_generator_of_the_training() -> None:
    """Beartype chooses the item that it looks at by Python's generator."""
    before = random.getstate()
    for _ in range(3):
        assert said({"default": defaultdict(list, a=[1, 2, 3])}, Forms) == []
        assert said({"own": Own(a=torch.zeros(1))}, Forms) == []
    assert random.getstate() == before


def test_only_typed_dicts() -> None:
    with pytest.raises(DataError, match="values are checked against a typed dict, got int"):
        ValueChecker(int)


def test_values_are_not_looked_into() -> None:
    """A tensor on the meta device has no numbers: reading one would raise."""
    checker = ValueChecker(Inner)
    assert checker.check({"a": torch.empty(3, device="meta")}, "batch") == []
    checker.require({"a": torch.empty(3, device="meta")}, "batch")
