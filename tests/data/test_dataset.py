from collections.abc import Callable
from typing import TypedDict, assert_type

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.overrides import TorchFunctionMode

from artifact_torch.contracts import BatchDataset
from artifact_torch.data import TensorTable
from artifact_torch.errors import ConfigurationError


class Columns(TypedDict):
    codes: Tensor
    weight: Tensor


class Anything(TypedDict, total=False):
    codes: object
    mask: object
    weight: object


def table_of(columns: dict[str, object]) -> None:
    """What a caller without a type checker could pass."""
    wrong = Anything()
    for name in ("codes", "mask", "weight"):
        if name in columns:
            wrong[name] = columns[name]
    TensorTable(wrong)


@settings(deadline=None)
@given(indices=st.lists(st.integers(0, 6), max_size=20))
def test_a_batch_is_the_rows_that_were_asked_for(indices: list[int]) -> None:
    codes = torch.arange(14).reshape(7, 2)
    weight = torch.arange(7.0) / 10
    batch = TensorTable(Columns(codes=codes, weight=weight)).take(torch.tensor(indices).long())
    assert list(batch) == ["codes", "weight"]
    assert batch["codes"].shape == (len(indices), 2)
    assert batch["weight"].shape == (len(indices),)
    for row, index in enumerate(indices):
        assert torch.equal(batch["codes"][row], torch.tensor([2 * index, 2 * index + 1]))
        assert torch.equal(batch["weight"][row], weight[index])


def test_the_type_is_the_users_typed_dict() -> None:
    table = TensorTable(Columns(codes=torch.zeros(3, 2), weight=torch.zeros(3)))
    dataset: BatchDataset[Columns] = table
    assert_type(table.take(torch.tensor([0])), Columns)
    assert len(dataset) == 3
    assert isinstance(table, BatchDataset)


def test_nothing_is_copied_and_a_batch_never_shares_memory_with_the_table() -> None:
    codes = torch.zeros(4, 2)
    table = TensorTable(Columns(codes=codes, weight=torch.zeros(4)))
    codes[1, 0] = 5.0
    batch = table.take(torch.arange(4))
    assert batch["codes"][1, 0].item() == 5.0
    batch["codes"].zero_()
    assert codes[1, 0].item() == 5.0


def test_a_table_may_lie_on_another_device() -> None:
    columns = Columns(codes=torch.zeros(4, 2, device="meta"), weight=torch.zeros(4))
    batch = TensorTable(columns).take(torch.tensor([1, 2]))
    assert batch["codes"].device == torch.device("meta")
    assert batch["codes"].shape == (2, 2)
    assert batch["weight"].device == torch.device("cpu")


def test_keys_that_are_added_later_are_not_in_the_table() -> None:
    columns = Anything(codes=torch.zeros(2))
    table = TensorTable(columns)
    columns["mask"] = torch.zeros(9)
    assert list(table.take(torch.tensor([0]))) == ["codes"]


def test_an_empty_dict_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        table_of({})
    assert str(caught.value) == (
        "TensorTable: columns must have at least one key, got an empty dict"
    )


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        table_of({"codes": torch.zeros(3, 2), "weight": torch.zeros(4)})
    assert str(caught.value) == (
        "TensorTable: all tensors must have the same number of rows: codes has 3, weight has 4"
    )


def test_all_problems_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        table_of({"codes": [1, 2], "mask": torch.tensor(1.0), "weight": torch.zeros(4)})
    assert str(caught.value) == (
        "TensorTable: codes must be a tensor, got list; torch.as_tensor makes one of arrays and "
        "lists; mask must have the shape [rows, ...], got a tensor without rows"
    )


class Counting(TorchFunctionMode):
    """How many of torch's functions are called."""

    n_calls = 0

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        self.n_calls += 1
        return func(*args, **(kwargs or {}))


def test_a_batch_costs_nothing_per_row() -> None:
    """D4.2: a batch of 8,000 rows takes as many calls of torch as one of a single row."""
    table = TensorTable(Columns(codes=torch.zeros(8_000, 11), weight=torch.zeros(8_000)))
    everything, one = torch.arange(8_000), torch.tensor([0])
    with Counting() as at_once:
        table.take(everything)
    with Counting() as one_row:
        table.take(one)
    assert at_once.n_calls == one_row.n_calls > 0
