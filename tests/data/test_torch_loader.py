from collections.abc import Iterator
from typing import TypedDict, assert_type

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.contracts import BatchSource
from artifact_torch.data import TorchLoader
from artifact_torch.errors import ConfigurationError, DataError

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Batch(TypedDict):
    x: Tensor


class Items(torch_data.Dataset[Batch]):
    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows

    def __getitem__(self, index: int) -> Batch:
        return Batch(x=torch.tensor(index))

    def __len__(self) -> int:
        return self.n_rows


class Stream(torch_data.IterableDataset[Batch]):
    def __iter__(self) -> Iterator[Batch]:
        return (Batch(x=torch.tensor(index)) for index in range(3))


class Sized(Stream):
    def __len__(self) -> int:
        return 3


class Silent(Sized):
    def __iter__(self) -> Iterator[Batch]:
        return iter(())


class ByEpoch(torch_data.Sampler[int]):
    epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        return iter([self.epoch, self.epoch + 1])

    def __len__(self) -> int:
        return 2


class OwnGenerator(torch_data.Sampler[int]):
    """Draws with a generator that is not torch's."""

    def __init__(self) -> None:
        self.generator = iter(range(1000))

    def __iter__(self) -> Iterator[int]:
        return iter([next(self.generator) % 4 for _ in range(2)])

    def __len__(self) -> int:
        return 2


def values(source: BatchSource[Batch], epoch: int = 1) -> list[list[int]]:
    return [[int(value) for value in batch["x"]] for batch in source.batches(epoch)]


def test_the_batches_are_those_of_torchs_loader() -> None:
    loader = TorchLoader(torch_data.DataLoader(Items(5), batch_size=2))
    assert_type(loader, TorchLoader[Batch])
    assert_type(next(loader.batches(1)), Batch)
    assert values(loader) == values(loader, 2) == [[0, 1], [2, 3], [4]]
    assert len(loader) == 3


def shuffled(kind: str) -> torch_data.DataLoader[Batch]:
    items = Items(12)
    if kind == "shuffle":
        return torch_data.DataLoader(items, batch_size=5, shuffle=True)
    if kind == "workers":
        return torch_data.DataLoader(items, batch_size=5, shuffle=True, num_workers=1)
    if kind == "persistent":
        return torch_data.DataLoader(
            items, batch_size=5, shuffle=True, num_workers=1, persistent_workers=True
        )
    if kind == "subset":
        return torch_data.DataLoader(
            items, batch_size=5, sampler=torch_data.SubsetRandomSampler(range(12))
        )
    if kind == "weighted":
        sampler = torch_data.WeightedRandomSampler([1.0] * 12, num_samples=12)
        return torch_data.DataLoader(items, batch_size=5, sampler=sampler)
    own = torch_data.BatchSampler(torch_data.RandomSampler(items), batch_size=5, drop_last=False)
    return torch_data.DataLoader(items, batch_sampler=own)


KINDS = ["shuffle", "workers", "persistent", "subset", "weighted", "own batches"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_depends_on_seed_and_epoch_alone(kind: str) -> None:
    torch.default_generator.manual_seed(0)
    loader = shuffled(kind)
    first = values(TorchLoader(loader, seed=3), 1)
    others = [values(TorchLoader(loader, seed=3), 2), values(TorchLoader(loader, seed=4), 1)]
    assert first not in others
    assert others[0] != others[1]
    torch.default_generator.manual_seed(1)
    assert values(TorchLoader(loader, seed=3), 1) == first
    assert values(TorchLoader(shuffled(kind), seed=3), 1) == first


@pytest.mark.parametrize("kind", KINDS)
def test_the_global_generator_is_left_alone(kind: str) -> None:
    loader = TorchLoader(shuffled(kind))
    before = torch.get_rng_state()
    values(loader)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_loaders_own_generator_is_set_aside_and_given_back() -> None:
    own = torch.Generator().manual_seed(5)
    before = own.get_state()
    sampler = torch_data.RandomSampler(Items(6), generator=own)
    loader = torch_data.DataLoader(Items(6), batch_size=2, sampler=sampler, generator=own)
    batches = TorchLoader(loader).batches(1)
    next(batches)
    assert getattr(sampler, "generator", None) is own
    assert getattr(loader, "generator", None) is own
    list(batches)
    assert torch.equal(own.get_state(), before)


def test_two_passes_do_not_disturb_each_other() -> None:
    loader = TorchLoader(shuffled("shuffle"))
    alone = values(loader, 1), values(loader, 2)
    pairs = list(zip(loader.batches(1), loader.batches(2), strict=True))
    got = tuple([[int(value) for value in pair[side]["x"]] for pair in pairs] for side in (0, 1))
    assert got == alone


def test_a_sampler_that_asks_for_the_epoch_is_told() -> None:
    loader = TorchLoader(torch_data.DataLoader(Items(9), batch_size=2, sampler=ByEpoch()))
    assert [values(loader, epoch) for epoch in (1, 5)] == [[[1, 2]], [[5, 6]]]


def test_the_sampler_under_a_batch_sampler_is_told_too() -> None:
    batches = torch_data.BatchSampler(ByEpoch(), batch_size=1, drop_last=False)
    loader = TorchLoader(torch_data.DataLoader(Items(9), batch_sampler=batches))
    assert values(loader, 4) == [[4], [5]]


def test_a_distributed_sampler_shuffles_by_epoch() -> None:
    def sampled(epoch: int) -> list[list[int]]:
        sampler: torch_data.DistributedSampler[Batch] = torch_data.DistributedSampler(
            Items(8), num_replicas=2, rank=1, seed=7
        )
        return values(TorchLoader(torch_data.DataLoader(Items(8), 4, sampler=sampler)), epoch)

    assert sampled(1) == sampled(1)
    assert sampled(1) != sampled(2)


def test_a_sampler_with_another_kind_of_generator_keeps_it() -> None:
    sampler = OwnGenerator()
    loader = TorchLoader(torch_data.DataLoader(Items(4), batch_size=2, sampler=sampler))
    assert values(loader, 1) == [[0, 1]]
    assert values(loader, 1) == [[2, 3]]


def test_an_empty_loader_is_refused() -> None:
    """D13: a loader without batches would run all epochs and train nothing."""
    too_small = torch_data.DataLoader(Items(2), batch_size=3, drop_last=True)
    with pytest.raises(DataError) as caught:
        TorchLoader(too_small)
    assert str(caught.value) == (
        "TorchLoader: the loader gives no batch (its length is 0); a loader needs at least one "
        "row, and at least batch_size rows with drop_last=True"
    )


def test_a_pass_without_a_batch_is_an_error() -> None:
    loader = TorchLoader(torch_data.DataLoader(Silent(), batch_size=2))
    with pytest.raises(DataError, match=r"gives no batch \(it stopped at once\)"):
        values(loader)


def test_a_stream_that_knows_its_length_fits() -> None:
    loader = TorchLoader(torch_data.DataLoader(Sized(), batch_size=2))
    assert (values(loader), len(loader)) == ([[0, 1], [2]], 2)


def test_a_loader_without_length_is_refused() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^TorchLoader: seed must be at least 0, got -1; loader must know its length, got "
        r"one that does not \(.+has no len\(\)\); give its dataset __len__$",
    ):
        TorchLoader(torch_data.DataLoader(Stream(), batch_size=2), seed=-1)
