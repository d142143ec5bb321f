from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict, assert_type

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.contracts import BatchDataset
from artifact_torch.data import DataLoader, collated
from artifact_torch.data.batches.collation import stacked
from artifact_torch.errors import ContractError, DataError


class Item(TypedDict):
    codes: Tensor
    age: float


class Words(TypedDict):
    letters: Tensor
    starts: Tensor


@dataclass(frozen=True)
class Word:
    text: str


WORDS = [Word("ab"), Word("c"), Word("def")]


def joined(words: list[Word]) -> Words:
    lengths = torch.tensor([0, *(len(word.text) for word in words)])
    letters = torch.tensor([ord(letter) for word in words for letter in word.text])
    return Words(letters=letters, starts=lengths.cumsum(0)[:-1])


def test_items_of_any_type_become_batches_of_another() -> None:
    dataset = collated(WORDS, joined)
    assert_type(dataset, BatchDataset[Words])
    assert len(dataset) == 3
    batch = dataset.take(torch.tensor([2, 0]))
    assert torch.equal(batch["letters"], torch.tensor([100, 101, 102, 97, 98]))
    assert torch.equal(batch["starts"], torch.tensor([0, 3]))


def test_a_loader_takes_the_type_of_the_batches() -> None:
    loader = DataLoader(collated(WORDS, joined), batch_size=2)
    assert_type(loader, DataLoader[Words])
    assert [len(batch["starts"]) for batch in loader.batches(1)] == [2, 1]


class Stream(torch_data.IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_a_dataset_without_items_by_number_is_refused() -> None:
    def counted(items: list[int]) -> Item:
        return Item(codes=torch.tensor(items), age=0.0)

    with pytest.raises(ContractError) as caught:
        collated(Stream(), counted)
    assert str(caught.value) == (
        "collated: dataset must have __len__ and a __getitem__ that takes a row number, "
        "got Stream; give it both methods"
    )


class Library:
    """As datasets of Hugging Face: several rows are read in one call, where they are many."""

    def __init__(self, lost: int | None = None) -> None:
        self.calls: list[list[int]] = []
        self.lost = lost

    def __getitem__(self, index: int) -> Word:
        raise NotImplementedError

    def __getitems__(self, indices: list[int]) -> list[Word]:
        self.calls.append(indices)
        return [WORDS[index] for index in indices if index != self.lost]

    def __len__(self) -> int:
        return 3


def test_a_dataset_that_reads_many_items_at_once_is_asked_once() -> None:
    library = Library()
    loader = DataLoader(collated(library, joined), batch_size=2)
    assert [len(batch["starts"]) for batch in loader.batches(1)] == [2, 1]
    assert library.calls == [[0, 1], [2]]


def test_items_that_cannot_be_read_at_once_are_named() -> None:
    with pytest.raises(DataError, match=r"^items \[1, 7\] of Library cannot be read: IndexError"):
        collated(Library(), joined).take(torch.tensor([1, 7]))
    with pytest.raises(DataError) as caught:
        collated(Library(lost=1), joined).take(torch.tensor([0, 1]))
    assert str(caught.value) == ("items [0, 1] of Library: __getitems__ returned 1, expected 2")


def test_a_subset_of_torchs_is_read_item_by_item_where_its_dataset_is() -> None:
    words: torch_data.Subset[Word] = torch_data.Subset(ByItem(), [2, 0])
    (batch,) = DataLoader(collated(words, joined), batch_size=2).batches(1)
    assert torch.equal(batch["letters"], torch.tensor([100, 101, 102, 97, 98]))


class ByItem(torch_data.Dataset[Word]):
    def __getitem__(self, index: int) -> Word:
        return WORDS[index]


def test_an_item_that_cannot_be_read_is_named() -> None:
    with pytest.raises(DataError) as caught:
        collated(WORDS, joined).take(torch.tensor([1, 7]))
    assert str(caught.value) == (
        "item 7 of list cannot be read: IndexError: list index out of range"
    )
    assert isinstance(caught.value.__cause__, IndexError)


def test_items_that_cannot_be_collated_are_named() -> None:
    def failing(words: list[Word]) -> Words:
        raise KeyError(words[0].text)

    with pytest.raises(DataError) as caught:
        collated(WORDS, failing).take(torch.tensor([2, 1]))
    assert str(caught.value) == ("items [2, 1] of list cannot be made one batch: KeyError: 'def'")


def test_dicts_of_tensors_and_numbers_are_stacked() -> None:
    batch = stacked([Item(codes=torch.tensor([i, 2 * i]), age=i / 2) for i in range(3)])
    assert torch.equal(batch["codes"], torch.tensor([[0, 0], [1, 2], [2, 4]]))
    ages: object = batch["age"]
    assert isinstance(ages, Tensor)
    assert torch.equal(ages, torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64))
    assert type(batch) is dict


def test_a_key_that_only_some_items_have_is_not_dropped_in_silence() -> None:
    items: list[dict[str, Tensor]] = [
        {"a": torch.zeros(1)},
        {"b": torch.zeros(1), "a": torch.zeros(1)},
    ]
    with pytest.raises(DataError) as caught:
        stacked(items)
    assert str(caught.value) == (
        "all items must have the same keys: the first one of the batch has ['a'], "
        "number 2 has ['a', 'b']"
    )


def test_items_that_are_no_dicts_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        stacked([(torch.zeros(1), torch.zeros(1))])
    assert str(caught.value) == (
        "an item must be a dict of tensors or numbers, got tuple; "
        "collated(dataset, collate) makes batches of other items, TensorTable(...) of tensors"
    )
