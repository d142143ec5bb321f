import re
import timeit
from collections import Counter, OrderedDict, UserDict, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Generic, NamedTuple, TypedDict, TypeVar

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from artifact_torch.data import resolve_device, to_device
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

CPU = torch.device("cpu")
META = torch.device("meta")  # stands for an accelerator: a tensor moves there on any machine

T = TypeVar("T")


class Columns(TypedDict):
    codes: Tensor
    mask: Tensor


class Pair(NamedTuple):
    left: Tensor
    right: Tensor


@dataclass(frozen=True)
class Frozen:
    nodes: Tensor
    name: str = "graph"


@dataclass(frozen=True, slots=True)
class FrozenSlots:
    nodes: Tensor


@dataclass
class Plain:
    nodes: Tensor
    doubled: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.doubled = self.nodes * 2
        self.undeclared = self.nodes * 3


class Named(OrderedDict[str, Tensor]):
    extra: Tensor


class Rows(list[Tensor]):
    pass


class Point(tuple[Tensor, Tensor]):
    __slots__ = ()

    def __new__(cls, x: Tensor, y: Tensor) -> "Point":
        return super().__new__(cls, (x, y))


class Colour(Enum):
    RED = 1


class Mover:
    def __init__(self, nodes: Tensor) -> None:
        self.nodes = nodes

    def to(self, device: torch.device) -> "Mover":
        return Mover(self.nodes.to(device))


class Forgetful:
    def to(self, device: torch.device) -> None:
        pass


class Opaque:
    def __init__(self) -> None:
        self.nodes = torch.zeros(2)


class OwnMapping(Mapping[str, Tensor]):
    def __getitem__(self, key: str) -> Tensor:
        return torch.zeros(1)

    def __iter__(self) -> Iterator[str]:
        return iter("a")

    def __len__(self) -> int:
        return 1


class Box(Generic[T]):
    pass


def columns() -> Columns:
    return Columns(codes=torch.zeros(2, 3), mask=torch.ones(2))


def test_a_typed_dict_of_tensors_moves_and_the_original_stays() -> None:
    batch = columns()
    moved = to_device(batch, META)
    assert (moved["codes"].device, moved["mask"].device) == (META, META)
    assert (batch["codes"].device, batch["mask"].device) == (CPU, CPU)
    assert type(moved) is dict
    assert list(moved) == ["codes", "mask"]


@pytest.mark.parametrize(
    "batch",
    [
        columns(),
        {"nested": [columns(), (torch.zeros(1), 3, "s", None)]},
        Pair(torch.zeros(1), torch.zeros(2)),
        Point(torch.zeros(1), torch.zeros(2)),
        Frozen(torch.zeros(1)),
        FrozenSlots(torch.zeros(1)),
        Plain(torch.zeros(1)),
        UserDict({"a": torch.zeros(1)}),
        MappingProxyType({"a": torch.zeros(1)}),
        Named(a=torch.zeros(1)),
        Rows([torch.zeros(1)]),
        torch.zeros(3),
        {},
        torch.Size([2, 3]),
    ],
)
def test_what_is_there_already_comes_back_as_the_same_object(batch: object) -> None:
    assert to_device(batch, CPU) is batch


def test_a_tensor_that_is_there_is_not_copied_when_another_moves() -> None:
    there = torch.zeros(2, device=META)
    here = torch.zeros(2)
    inner = [there, 1]
    moved = to_device({"inner": inner, "here": here}, META)
    assert moved["inner"] is inner
    assert to_device({"there": there, "here": here}, META)["there"] is there


@pytest.mark.parametrize(
    "leaf", [1, 2.5, 1j, True, "text", b"bytes", None, Colour.RED, np.float32(1.5), np.int64(3)]
)
def test_numbers_strings_and_enums_pass(leaf: object) -> None:
    moved = to_device({"leaf": leaf, "tensor": torch.zeros(1)}, META)
    assert moved["leaf"] is leaf


def test_named_tuples_and_other_tuples_keep_their_class() -> None:
    pair = to_device(Pair(torch.zeros(1), torch.zeros(2)), META)
    assert type(pair) is Pair
    assert (pair.left.device, pair.right.device, pair.right.shape) == (META, META, (2,))
    point = to_device({"point": Point(torch.zeros(1), torch.zeros(2))}, META)["point"]
    assert type(point) is Point
    assert point[1].device == META
    top = to_device({"top": torch.zeros(2, 2).max(dim=0)}, META)["top"]
    assert type(top) is torch.return_types.max
    assert top.indices.device == META


@pytest.mark.parametrize("build", [Frozen, FrozenSlots])
def test_frozen_dataclasses_move_as_copies(build: type[Frozen | FrozenSlots]) -> None:
    batch = build(torch.zeros(4))
    moved = to_device(batch, META)
    assert type(moved) is build
    assert moved.nodes.device == META
    assert batch.nodes.device == CPU


def test_a_dataclass_moves_with_everything_that_hangs_on_it() -> None:
    batch = Plain(torch.ones(2))
    moved = to_device(batch, META)
    devices = (moved.nodes.device, moved.doubled.device, moved.undeclared.device)
    assert devices == (META, META, META)
    assert batch.undeclared.device == CPU


def test_user_dicts_proxies_and_subclasses_of_dict_keep_their_class() -> None:
    user = UserDict({"a": torch.zeros(1)})
    moved_user = to_device(user, META)
    assert type(moved_user) is UserDict
    assert (moved_user["a"].device, user["a"].device) == (META, CPU)

    proxy = to_device(MappingProxyType({"a": torch.zeros(1)}), META)
    assert type(proxy) is MappingProxyType
    assert proxy["a"].device == META

    named = Named(b=torch.zeros(1), a=torch.zeros(2))
    named.extra = torch.zeros(3)
    moved = to_device(named, META)
    assert type(moved) is Named
    assert list(moved) == ["b", "a"]
    assert (moved["b"].device, moved.extra.device) == (META, META)
    assert (named["b"].device, named.extra.device) == (CPU, CPU)

    default = to_device(defaultdict(list, a=[torch.zeros(1)]), META)
    assert default.default_factory is list
    assert default["a"][0].device == META

    counts = Counter(a=2)
    assert to_device({"counts": counts, "x": torch.zeros(1)}, META)["counts"] == counts


def test_a_subclass_of_list_keeps_its_class() -> None:
    rows = Rows([torch.zeros(1), torch.zeros(2)])
    moved = to_device(rows, META)
    assert type(moved) is Rows
    assert [row.device for row in moved] == [META, META]
    assert rows[0].device == CPU


def test_an_object_with_its_own_method_moves_itself() -> None:
    batch = {"own": Mover(torch.zeros(1)), "packed": pack_sequence([torch.zeros(2, 3)])}
    moved = to_device(batch, META)
    own, packed = moved["own"], moved["packed"]
    assert isinstance(own, Mover)
    assert own.nodes.device == META
    assert isinstance(packed, PackedSequence)
    assert packed.data.device == META


@dataclass
class Holder:
    part: object


class Slotted:
    """Neither a dict of attributes nor a method `to`."""

    __slots__ = ("number",)


class Amount:
    """Its `to` is about something else than devices."""

    def to(self, unit: str) -> str:
        return unit.upper()


class Linked:
    """A chain longer than Python's stack, closed to a circle."""

    def __init__(self, tensor: Tensor | None) -> None:
        self.next: object = self
        for _ in range(2_000):
            link = Linked.__new__(Linked)
            link.next, self.next = self.next, link
        self.tensor = tensor


def function() -> None: ...


WITHOUT_TENSORS: list[object] = [
    [Path("a"), Path("b")],
    datetime(2026, 1, 1, tzinfo=UTC),
    {"a", "b"},
    frozenset({1}),
    deque([1, 2]),
    range(10**12),
    slice(1, 2),
    np.zeros(3),
    pd.DataFrame({"a": [1, 2]}),
    re.compile("a"),
    torch.float32,
    function,
    Box,
    Mover,
    Slotted(),
    Amount(),
    Box[int](),
    Linked(None),
    iter([1]),
    OwnMapping,
]


@pytest.mark.parametrize("value", WITHOUT_TENSORS)
@pytest.mark.parametrize("device", [CPU, META])
def test_what_holds_no_tensor_stays(value: object, device: torch.device) -> None:
    x = torch.zeros(1)
    batch = {"x": x, "other": value, "record": Holder(value)}
    moved = to_device(batch, device)
    assert moved["other"] is value
    assert moved["record"] is batch["record"]
    assert x.device == CPU


@pytest.mark.parametrize(
    "value",
    [Opaque(), OwnMapping(), {torch.zeros(1)}, deque([torch.zeros(1)]), Linked(torch.zeros(1))],
)
def test_a_tensor_in_an_object_is_left_only_where_it_belongs(value: object) -> None:
    batch = {"value": value}
    assert to_device(batch, CPU) is batch
    with pytest.raises(
        DataError, match=r'\n  batch\["value"\]: got \w+, which holds a tensor on cpu'
    ):
        to_device(batch, META)


def test_all_that_cannot_move_is_named_with_its_path() -> None:
    batch = {
        "graph": Holder(Opaque()),
        "parts": [{"deep": Opaque()}, OwnMapping()],
        3: np.zeros(2),
        "own": Forgetful(),
        "class": Box,
    }
    advice = (
        "which holds a tensor on cpu, but it cannot be rebuilt; put its tensors into a dict, list, "
        "tuple or dataclass, or give it a method to(device) that returns the moved object"
    )
    forgotten = (
        "Forgetful.to(device) returned NoneType, expected Forgetful; return the moved object"
    )
    with pytest.raises(DataError) as caught:
        to_device(batch, META)
    assert str(caught.value).splitlines() == [
        "the batch cannot be moved to meta:",
        f'  batch["graph"].part: got Opaque, {advice}',
        f'  batch["parts"][0]["deep"]: got Opaque, {advice}',
        f'  batch["parts"][1]: got OwnMapping, {advice}',
        f'  batch["own"]: {forgotten}',
    ]


def test_many_that_cannot_move_are_not_all_listed() -> None:
    with pytest.raises(DataError) as caught:
        to_device([Opaque() for _ in range(500)], META)
    assert len(str(caught.value).splitlines()) == 10
    assert str(caught.value).endswith("\n  and 492 more")


def test_a_method_that_fails_is_told_where_a_tensor_stays_behind() -> None:
    class Broken(Opaque):
        def to(self, device: torch.device) -> "Broken":
            raise OSError("disk gone")

    batch = {"own": Broken()}
    assert to_device(batch, CPU) is batch
    with pytest.raises(DataError, match=r"Broken.to\(device\) raised OSError: disk gone; put"):
        to_device(batch, META)


def test_a_batch_that_itself_cannot_move_is_named() -> None:
    with pytest.raises(DataError, match=r"\n  batch: got Opaque, which holds a tensor on cpu"):
        to_device(Opaque(), META)


TREES: st.SearchStrategy[object] = st.recursive(
    st.integers() | st.text(max_size=3) | st.integers(0, 3).map(torch.ones),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3).map(UserDict)
    ),
    max_leaves=8,
)


def sketch(value: object, device: torch.device) -> object:
    """Containers with their types; a tensor as its shape and whether it is on `device`."""
    if isinstance(value, Tensor):
        return (value.shape, value.device == device)
    if is_mapping(value):
        pairs = [(key, sketch(child, device)) for key, child in value.items()]
        return (type(value).__name__, pairs)
    if is_list(value):
        return [sketch(child, device) for child in value]
    if is_tuple(value):
        return tuple(sketch(child, device) for child in value)
    return value


@settings(deadline=None, max_examples=50)
@given(tree=TREES)
def test_any_nesting_moves_with_its_shape_and_leaves_the_original(tree: object) -> None:
    before = sketch(tree, CPU)
    moved = to_device(tree, META)
    assert sketch(moved, META) == before
    assert sketch(tree, CPU) == before
    assert to_device(moved, META) is moved


def test_a_batch_that_is_there_costs_about_a_microsecond() -> None:
    batch = columns()
    number = 2_000
    best = min(timeit.repeat(lambda: to_device(batch, CPU), number=number, repeat=7)) / number
    assert best < 10e-6  # 0.7e-6 on a quiet machine; a general walk takes twenty times as long


def test_auto_is_the_cpu_without_an_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(check_available: bool = False) -> None:
        return None

    monkeypatch.setattr(torch.accelerator, "current_accelerator", none)
    assert resolve_device("auto") == CPU


def test_auto_is_the_accelerator_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def meta(check_available: bool = False) -> torch.device:
        return META

    monkeypatch.setattr(torch.accelerator, "current_accelerator", meta)
    assert resolve_device("auto") == META


def test_a_device_is_named_as_tensors_name_it() -> None:
    assert resolve_device("cpu:0") == torch.zeros(1).device
    assert resolve_device(torch.device("cpu")) == CPU


@pytest.mark.parametrize("device", ["gpu", "cuda:x", ""])
def test_an_unknown_device_is_refused(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(check_available: bool = False) -> None:
        return None

    monkeypatch.setattr(torch.accelerator, "current_accelerator", none)
    with pytest.raises(ConfigurationError) as caught:
        resolve_device(device)
    assert str(caught.value) == (
        f"device must be one of cpu, got {device!r} (torch knows no such device); "
        "choose one of these, or 'auto'"
    )


def test_an_absent_device_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(check_available: bool = False) -> torch.device:
        return torch.device("cuda")

    monkeypatch.setattr(torch.accelerator, "current_accelerator", two)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    with pytest.raises(
        ConfigurationError, match=r"^device must be one of cpu, cuda:0, cuda:1, got 'xpu:7' \(.+\);"
    ):
        resolve_device("xpu:7")


@pytest.mark.gpu
@pytest.mark.parametrize("n", [1, 16_384, 16_385, 1_000_000])
def test_a_copy_to_a_gpu_is_read_before_the_source_changes(n: int) -> None:
    """CUDA reads a source that is not page-locked before the call returns, however busy the GPU is:
    up to 64 KiB without waiting for it.
    """
    busy = torch.ones(4096, 4096, device="cuda")
    for _ in range(20):
        busy = busy @ busy
    source = torch.ones(n)
    copied = to_device({"x": source}, torch.device("cuda:0"))["x"]
    source.fill_(2)
    assert bool((copied == 1).all())
