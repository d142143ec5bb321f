import pickle
from collections.abc import Iterator
from typing import TypedDict

import pytest
import torch
from torch import Tensor

from artifact_torch.data import TensorTable
from artifact_torch.data.batches.structure import same_type
from artifact_torch.data.passes import MappedPass, StreamedPass
from artifact_torch.errors import DataError


class Batch(TypedDict):
    x: Tensor


class Stream:
    def __init__(self, n_items: int, fails_at: int | None = None) -> None:
        self.n_items = n_items
        self.fails_at = fails_at
        self.n_read = 0

    def __iter__(self) -> Iterator[Batch]:
        for number in range(self.n_items):
            if number == self.fails_at:
                raise OSError("disk gone")
            self.n_read += 1
            yield Batch(x=torch.tensor(number))

    def __len__(self) -> int:
        return 5


def values(batches: Iterator[Batch]) -> list[list[int]]:
    return [[int(value) for value in batch["x"]] for batch in batches]


def test_a_batch_is_found_by_its_number() -> None:
    table = TensorTable(Batch(x=torch.arange(10, 15)))
    one_pass = MappedPass(
        table, "table", torch.tensor([4, 0, 2, 1, 3]), n_rows=5, batch_size=2, n_batches=3
    )
    assert len(one_pass) == 3
    assert values(iter([one_pass[1], one_pass[2]])) == [[12, 11], [13]]
    assert values(iter(one_pass)) == [[14, 10], [12, 11], [13]]


def test_a_pass_travels_to_a_spawned_worker() -> None:
    table = TensorTable(Batch(x=torch.arange(3)))
    one_pass = MappedPass(
        table, "table", torch.tensor([2, 0, 1]), n_rows=3, batch_size=2, n_batches=2
    )
    arrived = same_type(pickle.loads(pickle.dumps(one_pass)), one_pass)  # noqa: S301  our own
    assert str(arrived[0]) == str(one_pass[0])


def test_rows_that_cannot_be_taken_are_named() -> None:
    table = TensorTable(Batch(x=torch.arange(3)))
    one_pass = MappedPass(
        table, "Rows", torch.tensor([0, 1, 2, 9]), n_rows=4, batch_size=2, n_batches=2
    )
    with pytest.raises(
        DataError,
        match=r"^Rows\.take failed for the rows \[2, 9\] \(batch 1 of the pass\): \w+Error: .+; "
        r"it gets an int64 tensor of row numbers$",
    ):
        one_pass[1]


def test_a_stream_comes_in_batches_and_only_as_far_as_asked() -> None:
    stream = Stream(5)
    batches = iter(StreamedPass(stream, "Stream", 2, drop_last=False))
    assert values(iter([next(batches)])) == [[0, 1]]
    assert stream.n_read == 2
    assert values(batches) == [[2, 3], [4]]
    assert values(iter(StreamedPass(stream, "Stream", 2, drop_last=True))) == [[0, 1], [2, 3]]


def test_a_stream_may_be_longer_or_shorter_than_it_says() -> None:
    assert values(iter(StreamedPass(Stream(3), "Stream", 2, drop_last=False))) == [[0, 1], [2]]
    assert len(values(iter(StreamedPass(Stream(9), "Stream", 2, drop_last=False)))) == 5


@pytest.mark.parametrize(("n_items", "drop_last"), [(0, False), (1, True)])
def test_a_pass_without_a_batch_is_an_error(n_items: int, drop_last: bool) -> None:
    with pytest.raises(DataError) as caught:
        list(StreamedPass(Stream(n_items), "Stream", 2, drop_last=drop_last))
    assert str(caught.value) == (
        f"Stream gave {n_items} items in this pass, which makes no batch of batch_size=2; "
        "its __len__ says 5: each iter() must be a fresh pass"
    )


def test_an_item_that_cannot_be_read_is_named() -> None:
    batches = iter(StreamedPass(Stream(5, fails_at=3), "Stream", 2, drop_last=False))
    assert values(iter([next(batches)])) == [[0, 1]]
    with pytest.raises(DataError) as caught:
        next(batches)
    assert str(caught.value) == "item 3 of Stream cannot be read: OSError: disk gone"
    assert isinstance(caught.value.__cause__, OSError)


class Ragged(Stream):
    def __iter__(self) -> Iterator[Batch]:
        for number in (1, 1, 1, 2):
            yield Batch(x=torch.zeros(number))


def test_items_that_cannot_be_stacked_are_named() -> None:
    batches = iter(StreamedPass(Ragged(4), "Ragged", 2, drop_last=False))
    next(batches)
    with pytest.raises(
        DataError, match=r"^items 2 to 3 of Ragged cannot be made one batch: RuntimeError: stack"
    ):
        next(batches)
