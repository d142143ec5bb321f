import json
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypedDict, assert_type, get_origin

import pandas as pd
import pytest
import torch
import torch.utils.data as torch_data
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch.contracts import BatchDataset, BatchSource, Dataset, IterableDataset
from artifact_torch.data import DataLoader, TensorTable
from artifact_torch.errors import ConfigurationError, ContractError, DataError

# torch warns where there are fewer cores than workers, which is no fault here
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Batch(TypedDict):
    x: Tensor


class Anything(TypedDict, total=False):
    batch_size: int
    seed: int
    n_workers: int
    shuffle: bool
    drop_last: bool
    pin_memory: bool


class Items:
    """Row by row, with what the row's reader drew at random."""

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows

    def __getitem__(self, index: int) -> Batch:
        if index == 7:
            raise OSError("disk gone")
        return Batch(x=torch.tensor(index))

    def __len__(self) -> int:
        return self.n_rows


class Noise(torch_data.Dataset[Batch]):
    def __getitem__(self, index: int) -> Batch:
        return Batch(x=torch.cat([torch.rand(1), torch.tensor([random.random()])]))

    def __len__(self) -> int:
        return 6


class Stream:
    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows

    def __iter__(self) -> Iterator[Batch]:
        return (Batch(x=torch.tensor(index)) for index in range(self.n_rows))

    def __len__(self) -> int:
        return self.n_rows


class TorchStream(torch_data.IterableDataset[Batch]):
    def __iter__(self) -> Iterator[Batch]:
        return (Batch(x=torch.tensor(index)) for index in range(5))

    def __len__(self) -> int:
        return 5


def table(n_rows: int) -> TensorTable[Batch]:
    return TensorTable(Batch(x=torch.arange(n_rows)))


def values(source: BatchSource[Batch], epoch: int = 1) -> list[list[int]]:
    return [[int(value) for value in batch["x"]] for batch in source.batches(epoch)]


class Case(NamedTuple):
    n_rows: int
    batch_size: int
    drop_last: bool


CASES = st.builds(Case, st.integers(1, 40), st.integers(1, 45), st.booleans()).filter(
    lambda case: not case.drop_last or case.n_rows >= case.batch_size
)


@settings(deadline=None)
@given(case=CASES, seed=st.integers(0, 2**40), epoch=st.integers(1, 1000))
def test_an_epoch_gives_every_row_once(case: Case, seed: int, epoch: int) -> None:
    n_rows, batch_size, drop_last = case
    loader = DataLoader(
        table(n_rows), batch_size=batch_size, shuffle=True, drop_last=drop_last, seed=seed
    )
    batches = values(loader, epoch)
    sizes = [len(batch) for batch in batches]
    expected = [batch_size] * (n_rows // batch_size)
    if n_rows % batch_size and not drop_last:
        expected.append(n_rows % batch_size)
    assert sizes == expected
    assert len(loader) == len(expected)
    rows = [row for batch in batches for row in batch]
    assert len(set(rows)) == len(rows)
    assert set(rows) <= set(range(n_rows))
    assert values(loader, epoch) == batches


@pytest.mark.parametrize("dataset", [table(5), Items(5), Stream(5), TorchStream()])
def test_each_kind_of_dataset_gives_the_same_batches(
    dataset: TensorTable[Batch] | Items | Stream | TorchStream,
) -> None:
    loader = DataLoader[Batch](dataset, batch_size=2)
    assert values(loader) == [[0, 1], [2, 3], [4]]
    assert len(loader) == 3
    dropping = DataLoader[Batch](dataset, batch_size=2, drop_last=True)
    assert values(dropping) == [[0, 1], [2, 3]]
    assert len(dropping) == 2


def test_the_type_comes_from_the_dataset() -> None:
    assert_type(DataLoader(table(3), batch_size=1), DataLoader[Batch])
    assert_type(DataLoader(Items(3), batch_size=1), DataLoader[Batch])
    assert_type(DataLoader(Stream(3), batch_size=1), DataLoader[Batch])
    assert_type(DataLoader(TorchStream(), batch_size=1), DataLoader[Batch])
    assert_type(DataLoader(Noise(), batch_size=1), DataLoader[Batch])
    assert_type(DataLoader([Batch(x=torch.zeros(1))], batch_size=1), DataLoader[Batch])
    assert_type(next(DataLoader(table(3), batch_size=1).batches(1)), Batch)


def test_the_order_depends_on_seed_and_epoch() -> None:
    orders = {
        (seed, epoch): str(
            values(DataLoader(table(30), batch_size=7, shuffle=True, seed=seed), epoch)
        )
        for seed in range(4)
        for epoch in range(1, 5)
    }
    assert len(set(orders.values())) == 16
    torch.default_generator.manual_seed(1)  # the global generator decides nothing
    again = DataLoader(table(30), batch_size=7, shuffle=True, seed=3)
    assert str(values(again, 4)) == orders[3, 4]


def test_without_shuffling_every_epoch_is_in_order() -> None:
    loader = DataLoader(table(4), batch_size=3, seed=5)
    assert values(loader, 1) == values(loader, 2) == [[0, 1, 2], [3]]


def test_two_passes_do_not_disturb_each_other() -> None:
    loader = DataLoader(table(20), batch_size=3, shuffle=True)
    alone = values(loader, 1), values(loader, 2)
    first, second = loader.batches(1), loader.batches(2)
    pairs = list(zip(first, second, strict=True))
    got = tuple([[int(value) for value in pair[side]["x"]] for pair in pairs] for side in (0, 1))
    assert got == alone


@pytest.mark.parametrize("n_workers", [0, 2])
@pytest.mark.parametrize("pin_memory", [False, True])
def test_the_global_generators_are_left_alone(n_workers: int, pin_memory: bool) -> None:
    loader = DataLoader(
        table(20), batch_size=3, shuffle=True, n_workers=n_workers, pin_memory=pin_memory
    )
    before, python_before = torch.get_rng_state(), random.getstate()
    values(loader)
    assert torch.equal(torch.get_rng_state(), before)
    assert random.getstate() == python_before


@pytest.mark.parametrize("build", [table, Items])
def test_workers_give_the_same_batches_in_the_same_order(
    build: Callable[[int], TensorTable[Batch] | Items],
) -> None:
    dataset = build(7)
    alone = DataLoader[Batch](dataset, batch_size=2, shuffle=True, seed=4)
    shared = DataLoader[Batch](dataset, batch_size=2, shuffle=True, seed=4, n_workers=2)
    assert values(shared, 3) == values(alone, 3)
    assert len(shared) == len(alone)


def test_a_worker_draws_by_seed_epoch_and_batch() -> None:
    def drawn(seed: int, epoch: int) -> list[float]:
        loader = DataLoader(Noise(), batch_size=3, seed=seed, n_workers=2)
        return [float(value) for batch in loader.batches(epoch) for value in batch["x"].flatten()]

    first = drawn(0, 1)
    torch.default_generator.manual_seed(99)
    assert drawn(0, 1) == first
    everything = [*first, *drawn(0, 2), *drawn(1, 1)]
    assert len(set(everything)) == len(everything)  # also the two batches of one pass differ


def test_leaving_a_pass_early_is_allowed() -> None:
    loader = DataLoader(table(50), batch_size=1, n_workers=1)
    batches = loader.batches(1)
    assert int(next(batches)["x"]) == 0
    del batches
    assert values(loader)[0] == [0]


def test_pinning_is_ignored_without_an_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    loader = DataLoader(table(4), batch_size=2, pin_memory=True)  # warnings are errors here
    assert values(loader) == [[0, 1], [2, 3]]


@pytest.mark.gpu
@pytest.mark.parametrize("dataset", [table(4), Items(4), Stream(4)])
def test_batches_are_pinned_with_an_accelerator(
    dataset: TensorTable[Batch] | Items | Stream,
) -> None:
    loader = DataLoader[Batch](dataset, batch_size=2, pin_memory=True)
    assert all(batch["x"].is_pinned() for batch in loader.batches(1))
    assert values(loader) == [[0, 1], [2, 3]]


def loader_of(arguments: Anything) -> object:
    return DataLoader(
        table(3),
        batch_size=arguments.get("batch_size", 1),
        seed=arguments.get("seed", 0),
        n_workers=arguments.get("n_workers", 0),
        shuffle=arguments.get("shuffle", False),
        drop_last=arguments.get("drop_last", False),
        pin_memory=arguments.get("pin_memory", False),
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": "nope"}, "batch_size must be an int of at least 1, got 'nope'"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"n_workers": -1}, "n_workers must be at least 0, got -1"),
        ({"shuffle": "yes"}, "shuffle must be True or False, got 'yes'"),
        ({"drop_last": 1}, "drop_last must be True or False, got 1"),
        ({"pin_memory": None}, "pin_memory must be True or False, got None"),
        (
            {"batch_size": 0, "seed": -2},
            "batch_size must be at least 1, got 0; seed must be at least 0, got -2",
        ),
    ],
)
def test_wrong_arguments_are_refused_together(arguments: Anything, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loader_of(arguments)
    assert str(caught.value) == f"DataLoader: {problem}"


def test_an_empty_dataset_is_refused() -> None:
    """D13: a loader without batches would run all epochs and train nothing."""
    for dataset in (table(0), Items(0), Stream(0)):
        with pytest.raises(DataError) as caught:
            DataLoader[Batch](dataset, batch_size=2)
        name = type(dataset).__name__
        assert str(caught.value) == (
            f"DataLoader: {name} is empty; a loader needs at least one row"
        )


def test_a_dataset_too_small_for_one_batch_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        DataLoader(table(3), batch_size=4, drop_last=True)
    assert str(caught.value) == (
        "DataLoader: TensorTable has 3 rows, too few for one batch of batch_size=4, and "
        "drop_last=True drops what is left; use a batch_size of at most 3, or drop_last=False"
    )


def test_a_dataset_that_became_empty_is_refused() -> None:
    items = Items(3)
    loader = DataLoader(items, batch_size=2)
    items.n_rows = 0
    with pytest.raises(DataError, match="Items is empty"):
        loader.batches(2)


@pytest.mark.parametrize("dataset", [Stream(4), TorchStream()])
def test_an_iterable_dataset_cannot_be_shuffled_or_shared(dataset: Stream | TorchStream) -> None:
    name = type(dataset).__name__
    with pytest.raises(ConfigurationError) as caught:
        DataLoader[Batch](dataset, batch_size=2, shuffle=True, n_workers=3)
    assert str(caught.value) == (
        "DataLoader: shuffle must be False for an iterable dataset, got True: "
        f"{name} decides its own order; shuffle inside it, or give it __getitem__; "
        "n_workers must be 0 for an iterable dataset, got 3: each worker would give all of "
        f"{name} again; give it __getitem__ to use workers"
    )


@pytest.mark.parametrize("n_workers", [0, 1])
def test_an_item_that_cannot_be_read_is_named(n_workers: int) -> None:
    loader = DataLoader(Items(9), batch_size=3, n_workers=n_workers)
    with pytest.raises(DataError, match=r"item 7 of Items cannot be read: OSError: disk gone"):
        values(loader)


class TensorsByName(dict[str, Tensor]):
    """Satisfies nothing that a loader can read rows from."""

    def take(self, indices: Tensor) -> Batch:
        raise NotImplementedError


def test_a_dict_of_tensors_is_no_dataset() -> None:
    with pytest.raises(ContractError) as caught:
        DataLoader(TensorsByName(x=torch.zeros(3)), batch_size=1)
    assert str(caught.value) == (
        "DataLoader: dataset must have __len__ and take, __getitem__ or __iter__, got "
        "TensorsByName; TensorTable(...) makes a dataset of a dict of tensors"
    )


class Records(Items):
    """As tables of other libraries: `take` gives the first rows."""

    def take(self, n: int) -> list[Batch]:
        return [self[index] for index in range(n)]


class Untold(Items):
    """Its `take` says nothing about what it takes."""

    def __init__(self, n_rows: int) -> None:
        super().__init__(n_rows)
        self.take = self.first

    def first(self, n: int) -> list[Batch]:
        raise NotImplementedError

    first.__annotations__.clear()


class StreamOfRecords(Stream):
    def take(self, n: "int") -> Iterator[Batch]:
        raise NotImplementedError


class Both(Items):
    """Ours: whole batches, and single items for others."""

    def __getitem__(self, index: int) -> Batch:
        raise NotImplementedError

    def take(self, indices: "torch.Tensor") -> Batch:
        return Batch(x=indices)


class AsksForMore(Items):
    """Its `take` takes rows, and something else that we have not."""

    def take(self, indices: object, axis: int) -> Batch:
        raise NotImplementedError


class ReadsMany(Items):
    """As torch has it; with a `take(n)` beside it, as Hugging Face's datasets."""

    def __getitem__(self, index: int) -> Batch:
        raise NotImplementedError

    def __getitems__(self, indices: list[int]) -> list[Batch]:
        assert all(type(index) is int for index in indices)
        return [Batch(x=torch.tensor(index)) for index in indices]

    def take(self, n: int) -> "ReadsMany":
        raise NotImplementedError


@pytest.mark.parametrize(
    "dataset",
    [
        Records(5),
        Untold(5),
        StreamOfRecords(5),
        Both(5),
        AsksForMore(5),
        ReadsMany(5),
    ],
)
def test_take_is_ours_only_where_it_says_that_it_takes_rows(dataset: Items | Stream) -> None:
    loader = DataLoader[Batch](dataset, batch_size=2)
    assert values(loader) == [[0, 1], [2, 3], [4]]
    (place,) = loader.contract_places
    others: dict[type, type] = {Both: BatchDataset, StreamOfRecords: IterableDataset}
    assert get_origin(place[2]) is others.get(type(dataset), Dataset)


def built(make: Callable[..., object], dataset: object, **named: object) -> object:
    """What the checkers would refuse."""
    return make(dataset, **named, batch_size=2)


def test_what_is_read_by_column_or_gives_batches_is_no_dataset() -> None:
    rows: torch_data.TensorDataset = torch_data.TensorDataset(torch.zeros(4))
    for part, advice in (
        (pd.DataFrame({"a": [1, 2]}), "got DataFrame; TensorTable"),
        (torch.zeros(3), "got Tensor; TensorTable"),
        (torch_data.DataLoader(rows), "got DataLoader, which gives batches; wrap it: TorchLoader"),
    ):
        with pytest.raises(ContractError, match=advice):
            built(DataLoader, part)


def test_a_length_that_is_no_int_is_told() -> None:
    class Long(Items):
        def __len__(self) -> int:
            length: int = json.loads("4.0")  # typed Any
            return length

    with pytest.raises(DataError, match=r"^DataLoader: len\(Long\) fails .*int of at least 0"):
        DataLoader(Long(3), batch_size=1)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"num_workers": 2}, "DataLoader: num_workers= is n_workers= here"),
        ({"prefetch": 2}, "DataLoader: prefetch= is prefetched(DataLoader(...), n_batches) here"),
        (
            {"collate_fn": list, "num_workers": 2},
            (
                "DataLoader: collate_fn= is DataLoader(collated(dataset, collate), ...) here; "
                "num_workers= is n_workers= here"
            ),
        ),
    ],
)
def test_keywords_of_torch_name_ours(keywords: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        built(DataLoader, table(3), **keywords)
    assert str(caught.value) == said
    with pytest.raises(TypeError, match="no_such_keyword"):
        built(DataLoader, table(3), no_such_keyword=1)


def test_a_dataset_without_length_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Items):
        __len__ = Items.__len__

    monkeypatch.setattr(Endless, "__len__", None)  # the way to say that there is none
    with pytest.raises(ContractError) as caught:
        DataLoader(Endless(3), batch_size=1)
    assert str(caught.value) == (
        "DataLoader: dataset must have __len__ and take, __getitem__ or __iter__, got Endless, "
        "which has not; give it the methods that are missing"
    )
