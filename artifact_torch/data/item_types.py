"""Of which type the batches of somebody else's loader are, as far as annotations say."""

from collections.abc import Iterable, Iterator
from typing import Never, Protocol, runtime_checkable

import torch.utils.data as torch_data

from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import Batch_co, Item_co


@runtime_checkable
class BatchFunction(Protocol[Batch_co]):
    """A function that makes batches, of whatever it is given."""

    def __call__(self, given: Never, /) -> Batch_co: ...


@runtime_checkable
class Items(Protocol[Item_co]):
    """A dataset of torch's: samplers may ask for items by any key, and decide how many there are."""

    def __getitem__(self, key: Never, /) -> Item_co: ...


@runtime_checkable
class Stream(Protocol[Item_co]):
    """An iterable dataset of torch's."""

    def __iter__(self) -> Iterator[Item_co]: ...


class _Loading(Protocol):
    """What is used of torch's loader, whose own declarations are partly open."""

    @property
    def dataset(self) -> object: ...

    @property
    def collate_fn(self) -> object: ...


def places_of_items(
    loader: _Loading, *, making: object, items: object, stream: object
) -> list[Place]:
    """The collate function, or the datasets whose items torch's own makes batches of, each with the
    contract that is given for it. Nothing where no annotation could say it.
    """
    if not _collates_by_default(loader):
        return places_of_function("collate_fn", loader.collate_fn, making)
    return [
        ("dataset", part, stream if _is_stream(part) else items) for part in datasets_of(loader)
    ]


def datasets_of(loader: _Loading) -> list[object]:
    """Those that torch's own collate function makes batches of, without subsets and chains."""
    return [*_datasets_in(loader.dataset)] if _collates_by_default(loader) else []


def _collates_by_default(loader: _Loading) -> bool:
    return getattr(loader.collate_fn, "__module__", "").startswith("torch.utils.data")


def places_of_function(name: str, function: object, making: object) -> list[Place]:
    """A function that makes batches; a lambda cannot be annotated."""
    is_lambda = getattr(function, "__name__", "") == "<lambda>"
    return [] if is_lambda else [(name, function, making)]


@runtime_checkable
class _Part(Protocol):
    """Torch's `Subset`."""

    @property
    def dataset(self) -> object: ...


@runtime_checkable
class _Chain(Protocol):
    """Torch's `ConcatDataset` and `ChainDataset`."""

    @property
    def datasets(self) -> Iterable[object]: ...


def _datasets_in(dataset: object) -> Iterator[object]:
    """Those that torch's subsets and chains of datasets are made of."""
    is_torchs = type(dataset).__module__.startswith("torch.utils.data")
    if is_torchs and isinstance(dataset, _Part):
        yield from _datasets_in(dataset.dataset)
    elif is_torchs and isinstance(dataset, _Chain):
        for part in dataset.datasets:
            yield from _datasets_in(part)
    else:
        yield dataset


def _is_stream(dataset: object) -> bool:
    return isinstance(dataset, torch_data.IterableDataset)
