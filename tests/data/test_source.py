"""Sources of batches by other hands: what they answer, and what to do with what is none."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import TypedDict

import pandas as pd
import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.contracts import BatchSource
from artifact_torch.data import DataLoader, TensorTable
from artifact_torch.data.source import CheckedSource, length, remedy
from artifact_torch.errors import DataError


class Batch(TypedDict):
    x: Tensor


class Source:
    """Answers what it is told to, typed as `json.loads` types it: `Any`."""

    def __init__(self, n_batches: str, gives: Callable[[], object]) -> None:
        self.n_batches = n_batches
        self.gives = gives

    def batches(self, epoch: int) -> Iterator[Batch]:
        batches: Iterator[Batch] = vars(self)["gives"]()
        return batches

    def __len__(self) -> int:
        n_batches: int = json.loads(self.n_batches)
        return n_batches


def two() -> Iterator[Batch]:
    return iter([Batch(x=torch.zeros(1)), Batch(x=torch.ones(1))])


def checked(n_batches: str, gives: Callable[[], object]) -> CheckedSource[Batch]:
    return CheckedSource(Source(n_batches, gives), "train_loader")


def test_a_right_source_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    source: BatchSource[Batch] = checked("2", two)
    assert len(source) == 2
    assert [float(batch["x"]) for batch in source.batches(1)] == [0.0, 1.0]
    assert [float(batch["x"]) for batch in checked("2", lambda: [*two()]).batches(1)] == [0.0, 1.0]
    assert caplog.records == []


def test_batches_are_read_as_they_are_asked_for() -> None:
    read: list[int] = []

    def slow() -> Iterator[Batch]:
        for number in range(3):
            read.append(number)
            yield Batch(x=torch.zeros(1))

    batches = checked("3", slow).batches(1)
    assert read == []
    next(batches)
    assert read == [0]


@pytest.mark.parametrize(
    ("given", "shown"), [(5, "5"), (None, "None"), ({"x": 1}, "a dict"), (Batch, "the class")]
)
def test_what_cannot_be_iterated_is_told(given: object, shown: str) -> None:
    with pytest.raises(DataError) as caught:
        next(checked("2", lambda: given).batches(1))
    assert str(caught.value).startswith(f"train_loader: batches(epoch) returned {shown}")


@pytest.mark.parametrize("n_batches", ["4.0", "-1", "null"])
def test_a_length_that_is_none_is_told(n_batches: str) -> None:
    with pytest.raises(DataError, match=r"^train_loader: len\(Source\) fails .*int of at least 0"):
        len(checked(n_batches, two))
    with pytest.raises(DataError, match="^part: "):
        length(Source(n_batches, two), "part")


def test_a_pass_without_a_batch_is_an_error() -> None:
    with pytest.raises(DataError) as caught:
        next(checked("2", lambda: iter([])).batches(3))
    assert str(caught.value) == (
        "train_loader: gave no batch in epoch 3, expected 2; "
        "return a fresh iterator from each call of batches(epoch)"
    )


@pytest.mark.parametrize("n_batches", ["100", "1"])
def test_another_number_of_batches_is_told_once(
    n_batches: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = checked(n_batches, two)
    with caplog.at_level(logging.WARNING):
        for epoch in (1, 2):
            assert len(list(source.batches(epoch))) == 2
    (record,) = caplog.records
    assert record.getMessage().startswith(
        f"train_loader: gave 2 batches in epoch 1, its len() is {n_batches}"
    )


def test_a_pass_that_is_left_early_is_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    batches = checked("2", two).batches(1)
    next(batches)
    del batches
    assert caplog.records == []


def test_the_remedy_is_what_the_user_writes() -> None:
    table = TensorTable(Batch(x=torch.zeros(2)))
    rows: torch_data.TensorDataset = torch_data.TensorDataset(torch.zeros(4))
    loader: object = torch_data.DataLoader(rows)
    in_words: list[tuple[object, str | None]] = [
        (loader, "wrap it: TorchLoader(loader)"),
        (table, "wrap it: DataLoader(table, batch_size=...)"),
        (rows, "wrap it: DataLoader(dataset, batch_size=...)"),
        ([Batch(x=torch.zeros(1))], "wrap it: DataLoader(dataset, batch_size=...)"),
    ]
    for part, expected in in_words:
        assert remedy(part) == expected
    for part in (Batch(x=torch.zeros(2)), pd.DataFrame(), torch.zeros(3)):
        assert "DataLoader(TensorTable(...), batch_size=...)" in str(remedy(part))
    for part in (DataLoader(table, batch_size=1), 5, None, "text", TensorTable):
        assert remedy(part) is None
