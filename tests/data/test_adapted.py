"""Sources of batches made of others."""

from collections.abc import Callable, Iterator
from typing import TypedDict

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch import data as sources
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import BatchSource, Model, ModelOutput
from artifact_torch.data import CheckedSource, DataLoader, TensorTable, limited, mapped, repeated
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from tests.toys import Batches, Fit, Points, points


class Pair(TypedDict):
    x: Tensor
    y: Tensor


class Other(TypedDict):
    z: Tensor


def pairs(n_rows: int = 6) -> "torch_data.DataLoader[tuple[Tensor, ...]]":
    rows = torch.arange(n_rows)
    return torch_data.DataLoader(torch_data.TensorDataset(rows, rows * 10), batch_size=2)


def as_pair(batch: list[Tensor]) -> Pair:
    return Pair(x=batch[0], y=batch[1])


def as_other(batch: list[Tensor]) -> Other:
    return Other(z=batch[0])


def of_points(batch: Points) -> Pair:
    return Pair(x=batch["x"], y=batch["y"])


def of_other(batch: Other) -> Pair:
    return Pair(x=batch["z"], y=batch["z"])


def numbers(source: BatchSource[Pair], epoch: int = 1) -> list[tuple[list[int], list[int]]]:
    def as_ints(tensor: Tensor) -> list[int]:
        return [int(value) for value in tensor]

    return [(as_ints(batch["x"]), as_ints(batch["y"])) for batch in source.batches(epoch)]


def test_lists_of_torchs_loader_become_typed_dicts() -> None:
    expected = [([0, 1], [0, 10]), ([2, 3], [20, 30]), ([4, 5], [40, 50])]
    source = mapped(pairs(), lambda batch: Pair(x=batch[0], y=batch[1]))
    assert numbers(source) == numbers(source, 2) == expected
    assert numbers(mapped(pairs(), as_pair)) == expected
    assert len(source) == 3


def test_a_source_of_ones_own_is_mapped() -> None:
    table = points()
    (batch,) = mapped(Batches(table, 20), of_points).batches(1)
    assert torch.equal(batch["x"], table["x"])


def test_an_error_in_the_function_names_the_batch() -> None:
    def fails(batch: list[Tensor]) -> Pair:
        if 2 in batch[0]:
            raise KeyError("pixels")
        return as_pair(batch)

    batches = mapped(pairs(), fails).batches(3)
    next(batches)
    with pytest.raises(KeyError) as caught:
        next(batches)
    assert caught.value.__notes__ == ["mapped: batch 2 of epoch 3, a list"]


class Net(torch.nn.Module):
    def forward(self, batch: Pair) -> ModelOutput:
        raise NotImplementedError


MODEL = ("model", Net(), Model[Pair, ModelOutput])


@pytest.mark.parametrize("source", [mapped(pairs(), as_pair), limited(mapped(pairs(), as_pair), 1)])
def test_what_fits_is_accepted(source: BatchSource[Pair]) -> None:
    check_contracts(MODEL, ("train_loader", source, BatchSource[Pair]))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (mapped(pairs(), as_other), 'as_other .*\n.*Other has no key "x"'),
        (repeated(mapped(pairs(), as_other)), 'as_other .*\n.*Other has no key "x"'),
    ],
)
def test_a_function_that_gives_something_else_is_refused(source: object, expected: str) -> None:
    with pytest.raises(ContractError, match=f"^function= {expected}"):
        check_contracts(MODEL, ("train_loader", source, BatchSource[Pair]))


def test_a_function_that_takes_something_else_is_refused() -> None:
    call: Callable[..., object] = vars(sources)["mapped"]
    source = call(
        DataLoader(TensorTable(Pair(x=torch.ones(2), y=torch.ones(2))), batch_size=1), of_other
    )
    with pytest.raises(ContractError, match='^function= of_other .*\n.*has no key "z"'):
        check_contracts(MODEL, ("train_loader", source, BatchSource[Pair]))


@pytest.mark.parametrize("function", [3, lambda: None])
def test_what_cannot_be_called_with_a_batch_is_refused(function: object) -> None:
    call: Callable[..., object] = vars(sources)["mapped"]
    with pytest.raises(ConfigurationError, match="^mapped: function must be a function of one"):
        call(pairs(), function)


def shuffled(n_rows: int = 10) -> DataLoader[Pair]:
    rows = torch.arange(n_rows)
    return DataLoader(TensorTable(Pair(x=rows, y=rows)), batch_size=3, shuffle=True)


@pytest.mark.parametrize(("n_batches", "expected"), [(1, 1), (4, 4), (9, 4)])
def test_a_limited_pass_is_the_beginning_of_the_epoch(n_batches: int, expected: int) -> None:
    source = limited(shuffled(), n_batches)
    assert len(source) == expected
    for epoch in (1, 2):
        assert numbers(source, epoch) == numbers(shuffled(), epoch)[:n_batches]


def test_a_repeated_pass_is_the_same_in_every_epoch() -> None:
    source = repeated(shuffled(), 2)
    first = numbers(shuffled(), 1)[:2]
    assert numbers(source, 1) == numbers(source, 2) == numbers(source, 7) == first
    assert len(source) == 2
    assert len(repeated(shuffled())) == 1


def test_no_more_is_read_than_asked_for() -> None:
    read: list[int] = []

    class Counts:
        def batches(self, epoch: int) -> Iterator[Pair]:
            for number in range(5):
                read.append(number)
                yield as_pair([torch.ones(1), torch.ones(1)])

        def __len__(self) -> int:
            return 5

    assert len([*limited(Counts(), 2).batches(1)]) == 2
    assert read == [0, 1]


def test_torchs_loader_is_limited_as_it_is() -> None:
    class Rows(torch_data.Dataset[Pair]):
        def __getitem__(self, index: int) -> Pair:
            return as_pair([torch.tensor(index), torch.tensor(index)])

        def __len__(self) -> int:
            return 4

    loader = torch_data.DataLoader(Rows(), batch_size=2)
    assert numbers(limited(loader, 1)) == numbers(repeated(loader), 3) == [([0, 1], [0, 1])]


@pytest.mark.parametrize("name", ["limited", "repeated"])
@pytest.mark.parametrize("n_batches", [0, -1, "two", True])
def test_a_number_below_one_is_refused(name: str, n_batches: object) -> None:
    call: Callable[..., object] = vars(sources)[name]
    with pytest.raises(ConfigurationError, match=f"^{name}: n_batches must be "):
        call(shuffled(), n_batches)


@pytest.mark.parametrize(
    ("batch", "got"),
    [
        ([torch.ones(1)] * 2, "each a list of 2"),
        ((torch.ones(1),), "each a tuple of 1"),
        (torch.ones(1), "tensors"),
    ],
)
def test_batches_without_names_are_told_how_to_name_them(batch: object, got: str) -> None:
    class Gives:
        def batches(self, epoch: int) -> Iterator[Fit]:
            one: Fit = vars(self)["one"]
            yield one

        def __init__(self) -> None:
            self.one = batch

        def __len__(self) -> int:
            return 1

    with pytest.raises(DataError) as caught:
        next(CheckedSource(Gives(), "train_loader").batches(1))
    assert str(caught.value) == (
        f"train_loader: its batches are {got}, expected typed dicts; name what is in them: "
        "mapped(loader, lambda batch: Digits(pixels=batch[0], label=batch[1]))"
    )
