import logging
import random
from collections.abc import Callable, Iterator
from typing import TypedDict, assert_type

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor, nn

from artifact_torch import data
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import BatchSource, Model, ModelOutput
from artifact_torch.data import TorchLoader, as_source
from artifact_torch.errors import ConfigurationError, ContractError, DataError

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


class OwnTorchGenerator(torch_data.Sampler[int]):
    """Draws from a generator that it may be lent."""

    generator: torch.Generator | None = None

    def __iter__(self) -> Iterator[int]:
        return iter([0, 1])

    def __len__(self) -> int:
        return 2


class Other(TypedDict):
    z: Tensor


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


def test_without_a_seed_it_is_that_of_the_loaders_own_generator() -> None:
    def of(generator: torch.Generator | None) -> torch_data.DataLoader[Batch]:
        return torch_data.DataLoader(Items(9), batch_size=2, shuffle=True, generator=generator)

    assert TorchLoader(of(None)).seed == 0
    own = TorchLoader(of(torch.Generator().manual_seed(5)))
    assert own.seed == 5
    assert values(own) == values(TorchLoader(of(None), seed=5))
    assert TorchLoader(of(torch.Generator().manual_seed(-1))).seed >= 0


class OfBatch(nn.Module):
    def forward(self, batch: Batch) -> ModelOutput:
        raise NotImplementedError


class Others(torch_data.Dataset[Other]):
    def __getitem__(self, index: int) -> Other:
        raise NotImplementedError

    def __len__(self) -> int:
        return 4


class OtherStream(torch_data.IterableDataset[Other]):
    def __iter__(self) -> Iterator[Other]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 4


def to_batch(rows: list[Other]) -> Batch:
    raise NotImplementedError


def to_other(rows: list[Other]) -> Other:
    raise NotImplementedError


def check(source: object) -> None:
    check_contracts(
        ("model", OfBatch(), Model[Batch, ModelOutput]),
        ("train_loader", source, BatchSource[Batch]),
    )


MATCHING: list[torch_data.DataLoader[object]] = [
    torch_data.DataLoader(Items(4)),
    torch_data.DataLoader(torch_data.Subset(Items(4), [1, 2])),
    torch_data.DataLoader(Sized()),
    torch_data.DataLoader(Others(), collate_fn=to_batch),
]


@pytest.mark.parametrize("loader", MATCHING)
def test_a_dataset_of_the_models_items_fits(loader: torch_data.DataLoader[object]) -> None:
    check(TorchLoader(loader))


OTHER: list[tuple[torch_data.DataLoader[object], str]] = [
    (torch_data.DataLoader(Others()), "dataset of train_loader= Others"),
    (torch_data.DataLoader(torch_data.Subset(Others(), [1, 2])), "dataset of train_loader= Others"),
    (
        torch_data.DataLoader(torch_data.ConcatDataset([Items(2), Others()])),
        "dataset of train_loader= Others",
    ),
    (torch_data.DataLoader(OtherStream()), "dataset of train_loader= OtherStream"),
    (torch_data.DataLoader(torch_data.ChainDataset([Sized(), OtherStream()])), "= OtherStream"),
    (torch_data.DataLoader(Items(4), collate_fn=to_other), "collate_fn= to_other"),
]


@pytest.mark.parametrize(("loader", "named"), OTHER)
def test_a_dataset_of_other_items_is_refused(
    loader: torch_data.DataLoader[object], named: str
) -> None:
    with pytest.raises(ContractError, match=f"{named} .*\n.*has no key"):
        check(TorchLoader(loader))


def test_what_is_a_source_already_is_left_alone() -> None:
    source = TorchLoader(torch_data.DataLoader(Items(4)))
    assert as_source(source, "train_loader") is source
    neither: object = [1]
    call: Callable[..., object] = vars(data)["as_source"]
    assert call(neither, "train_loader") is neither


def test_a_wrapped_loader_says_where_its_order_comes_from(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        in_order = as_source(torch_data.DataLoader(Items(4), batch_size=2), "loader")
        assert caplog.records == []
        source = as_source(torch_data.DataLoader(Items(9), batch_size=2, shuffle=True), "loader")
    assert_type(source, BatchSource[Batch])
    assert values(in_order) == [[0, 1], [2, 3]]
    assert values(source, 3) == values(
        TorchLoader(torch_data.DataLoader(Items(9), batch_size=2, shuffle=True), seed=0), 3
    )
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage() == (
        "loader: the order of torch's loader depends on (seed=0, epoch) and not on "
        "torch.manual_seed; TorchLoader(loader, seed=...) chooses another seed"
    )


class Draws(torch_data.Sampler[int]):
    """From Python's generator: nobody can repeat it."""

    def __iter__(self) -> Iterator[int]:
        return iter(random.sample(range(4), 4))

    def __len__(self) -> int:
        return 4


NOT_KEPT: list[tuple[torch_data.DataLoader[Batch], str]] = [
    (torch_data.DataLoader(Items(4), sampler=Draws()), "Draws is told no epoch"),
    (
        torch_data.DataLoader(Items(4), num_workers=1, persistent_workers=True),
        "its persistent workers are seeded at their start alone",
    ),
    (
        torch_data.DataLoader(Items(4), num_workers=1, in_order=False),
        "in_order=False gives batches in the order in which its workers finish",
    ),
]


@pytest.mark.parametrize(("loader", "said"), NOT_KEPT)
def test_what_a_resumed_run_may_not_see_again_is_told(
    loader: torch_data.DataLoader[Batch], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    as_source(loader, "train_loader")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    start = "train_loader: a resumed run may not see what it would have seen: "
    assert record.getMessage().startswith(start + said)


@pytest.mark.parametrize("sampler", [ByEpoch(), OwnTorchGenerator(), [2, 0, 1]])
def test_nothing_is_said_where_all_is_kept(
    sampler: torch_data.Sampler[int] | list[int], caplog: pytest.LogCaptureFixture
) -> None:
    as_source(torch_data.DataLoader(Items(4), sampler=sampler), "train_loader")
    assert caplog.records == []


def test_tensors_without_names_are_refused_with_what_names_them() -> None:
    rows = torch_data.TensorDataset(torch.zeros(4), torch.zeros(4))
    call: Callable[..., object] = vars(data)["as_source"]
    for dataset in (rows, torch_data.Subset(rows, [0])):
        with pytest.raises(ContractError) as caught:
            call(torch_data.DataLoader(dataset), "train_loader")
        assert str(caught.value) == (
            "train_loader: a TensorDataset has no names for its tensors, expected typed dicts; give "
            "them: mapped(loader, lambda pair: Digits(pixels=pair[0], label=pair[1])), or "
            "DataLoader(TensorTable(Digits(...)), batch_size=...)"
        )
    call(torch_data.DataLoader(rows, collate_fn=to_batch), "train_loader")
