from collections import OrderedDict, UserDict
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import is_
from typing import NamedTuple, TypedDict

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from artifact_torch.data.batches.structure import (
    attributes,
    number_of_rows,
    same_type,
    tuple_like,
    walk,
)
from artifact_torch.errors import DataError


class Pair(NamedTuple):
    left: Tensor
    right: Tensor


class Columns(TypedDict):
    weight: Tensor
    codes: Tensor


@dataclass(frozen=True)
class Graph:
    name: str
    nodes: Tensor


@dataclass(slots=True)
class Slotted:
    nodes: Tensor
    late: Tensor = field(init=False)


ROWS = torch.zeros(5, 2)
OTHER = torch.zeros(3)
SCALAR = torch.tensor(1.0)


BATCHES: list[object] = [
    ROWS,
    {"codes": ROWS, "other": OTHER},
    {"scale": SCALAR, "codes": ROWS},
    {"name": "first", "inner": {"deep": [1, (None, ROWS)]}, "other": OTHER},
    [ROWS, OTHER],
    Pair(left=ROWS, right=OTHER),
    OrderedDict(codes=ROWS),
    UserDict({"codes": ROWS}),
    Graph(name="g", nodes=ROWS),
    Slotted(nodes=ROWS),
    Columns(weight=SCALAR, codes=ROWS),
]


@pytest.mark.parametrize("batch", BATCHES)
def test_the_rows_of_a_batch_are_the_first_dimension_of_its_first_tensor(batch: object) -> None:
    assert number_of_rows(batch) == 5


def test_a_batch_may_have_no_rows() -> None:
    assert number_of_rows({"codes": torch.zeros(0, 4)}) == 0


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_sequences_of_several_lengths_count_once_each() -> None:
    short, long = torch.zeros(2, 3), torch.zeros(4, 3)
    assert number_of_rows({"packed": pack_sequence([long, short])}) == 2
    nested: Callable[..., Tensor] = vars(torch.nested)["nested_tensor"]
    for layout in (torch.strided, torch.jagged):
        assert number_of_rows({"nested": nested([short, long, long], layout=layout)}) == 3


@pytest.mark.parametrize("batch", [{}, {"scale": SCALAR}, "text", None, [1, 2], Graph])
def test_a_batch_without_a_tensor_of_rows_is_refused(batch: object) -> None:
    with pytest.raises(DataError) as caught:
        number_of_rows(batch)
    assert str(caught.value) == (
        "the number of rows of a batch is the first dimension of the first tensor in it, and this "
        f"{type(batch).__name__} holds no tensor of shape [rows, ...]; "
        "put one in a dict, list, tuple or dataclass of the batch"
    )


def test_same_type_gives_the_value_back_or_refuses_it() -> None:
    new = {"a": 1}
    assert same_type(new, {"b": 2}) is new
    with pytest.raises(DataError, match="expected a list again, got dict"):
        same_type(new, [1])


def test_a_tuple_keeps_its_class() -> None:
    assert tuple_like((1, 2), [3, 4]) == (3, 4)
    pair = tuple_like(Pair(ROWS, OTHER), [OTHER, ROWS])
    assert isinstance(pair, Pair)
    assert pair.left is OTHER
    wanted = [OTHER, ROWS]
    top = tuple_like(torch.zeros(2, 2).max(dim=0), [*wanted])
    assert type(top) is torch.return_types.max
    assert all(map(is_, top, wanted))


def test_attributes_are_fields_and_the_rest_of_the_object() -> None:
    slotted = Slotted(nodes=ROWS)  # `late` is not set
    assert attributes(slotted) == {"nodes": ROWS}
    graph = Graph(name="g", nodes=ROWS)
    object.__setattr__(graph, "cached", 7)
    assert attributes(graph) == {"name": "g", "nodes": ROWS, "cached": 7}
    assert attributes([1]) == {}


def test_a_walk_names_every_place() -> None:
    graph = Graph(name="g", nodes=ROWS)
    places = [path for path, _ in walk({"a": [ROWS, (1,)], 3: graph, "set": {1}}, "batch")]
    assert places == [
        "batch",
        'batch["a"]',
        'batch["a"][0]',
        'batch["a"][1]',
        'batch["a"][1][0]',
        "batch[3]",
        "batch[3].name",
        "batch[3].nodes",
        'batch["set"]',
    ]
