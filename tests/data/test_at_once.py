"""A `TensorDataset` behind torch's loader is read by batches: torch itself says what they are."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.data import TorchLoader
from artifact_torch.data.at_once import at_once

# torch warns where there are fewer cores than workers, which is no fault here
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")

N_ROWS = 10
Pair = tuple[Tensor, ...]


def tensors() -> torch_data.TensorDataset:
    by_column = torch.arange(4.0 * N_ROWS).reshape(4, N_ROWS).t()  # not contiguous
    return torch_data.TensorDataset(by_column, torch.arange(N_ROWS), torch.rand(N_ROWS, 2, 2) > 0.5)


class Draws(torch_data.Sampler[int]):
    """Draws its rows from the global generator, and counts some from the end."""

    def __iter__(self) -> Iterator[int]:
        return iter([random.randrange(N_ROWS) - N_ROWS for _ in range(7)])

    def __len__(self) -> int:
        return 7


LOADERS: dict[str, Callable[[], torch_data.DataLoader[Pair]]] = {
    "shuffled": lambda: torch_data.DataLoader(tensors(), batch_size=3, shuffle=True),
    "dropping": lambda: torch_data.DataLoader(tensors(), batch_size=4, drop_last=True),
    "subset": lambda: torch_data.DataLoader(
        torch_data.Subset(torch_data.Subset(tensors(), [8, 1, 2, 9, 4]), [3, 0, 1]), batch_size=2
    ),
    "own sampler": lambda: torch_data.DataLoader(tensors(), batch_size=3, sampler=Draws()),
    "own batches": lambda: torch_data.DataLoader(tensors(), batch_sampler=[[1, 2], [9], [0, 0, 3]]),
    "weighted": lambda: torch_data.DataLoader(
        tensors(),
        batch_size=3,
        sampler=torch_data.WeightedRandomSampler([1.0] * N_ROWS, num_samples=8),
    ),
}


def row_by_row(_loader: object) -> None:
    """No loader is better than torch's."""


@pytest.mark.parametrize("kind", LOADERS)
def test_the_batches_are_those_of_torch(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*, whole: bool) -> list[list[Tensor]]:
        torch.default_generator.manual_seed(0)
        random.seed(0)
        source = TorchLoader(LOADERS[kind](), seed=4)
        with monkeypatch.context() as patch:
            if whole:  # no row is read
                patch.setattr(torch_data.TensorDataset, "__getitem__", None)
            batches = [[*batch] for epoch in (1, 2) for batch in source.batches(epoch)]
        return [*batches, [torch.rand(1), torch.tensor(random.random())]]

    got = read(whole=True)
    monkeypatch.setattr("artifact_torch.data.torch_loader.at_once", row_by_row)
    expected = read(whole=False)
    assert len(got) == len(expected) > 2
    for batch, other in zip(got, expected, strict=True):
        assert type(batch) is type(other)
        for tensor, of_torch in zip(batch, other, strict=True):
            assert torch.equal(tensor, of_torch)
            assert tensor.dtype == of_torch.dtype
            assert tensor.stride() == of_torch.stride()


class Doubled(torch_data.TensorDataset):
    """Gives other items than the tensors'."""

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        return tuple(tensor[index] * 2 for tensor in self.tensors)


def first(items: list[Any]) -> Tensor:
    return torch.stack([item[0] for item in items])


class Own(torch_data.DataLoader[Pair]):
    pass


class Rows(torch_data.Dataset[Pair]):
    def __getitem__(self, index: int) -> Pair:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


SPARSE = torch.eye(3).to_sparse()

OTHERS: list[torch_data.DataLoader[Pair]] = [
    torch_data.DataLoader(Doubled(torch.arange(3)), batch_size=2),
    torch_data.DataLoader(torch_data.Subset(Doubled(torch.arange(3)), [0]), batch_size=2),
    torch_data.DataLoader(tensors(), batch_size=2, collate_fn=first),
    torch_data.DataLoader(tensors(), batch_size=None),
    torch_data.DataLoader(tensors(), batch_size=2, num_workers=1),
    torch_data.DataLoader(torch_data.TensorDataset(SPARSE), batch_size=2),
    torch_data.DataLoader(Rows(), batch_size=1),
    Own(tensors(), batch_size=2),
]


@pytest.mark.parametrize("loader", OTHERS)
def test_any_other_loader_is_left_as_it_is(loader: torch_data.DataLoader[Pair]) -> None:
    assert at_once(loader) is None


def test_a_batch_shares_no_memory_with_the_dataset() -> None:
    dataset = tensors()
    before = [tensor.clone() for tensor in dataset.tensors]
    for batch in TorchLoader(torch_data.DataLoader(dataset, batch_size=N_ROWS)).batches(1):
        for tensor in batch:
            tensor.fill_(1)
    assert all(map(torch.equal, dataset.tensors, before))


def test_a_row_that_is_not_there_is_an_error_of_torchs() -> None:
    loader = torch_data.DataLoader(tensors(), batch_sampler=[[0, N_ROWS]])
    with pytest.raises(IndexError, match="out of bounds"):
        list(TorchLoader(loader).batches(1))
