"""Batches made of single items."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeGuard, final, runtime_checkable

import torch.utils.data
from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.contracts.data import BatchDataset, Dataset
from artifact_torch.data.batches.structure import same_type
from artifact_torch.errors import ContractError, DataError
from artifact_torch.internal.narrowing import is_mapping

ItemT = TypeVar("ItemT")
BatchT = TypeVar("BatchT")


def collated(
    dataset: Dataset[ItemT], collate: Callable[[list[ItemT]], BatchT]
) -> BatchDataset[BatchT]:
    """Items of any type as batches of another: `DataLoader(collated(graphs, to_batch), ...)`.

    `collate` gets the items of one batch, in its order; a dataset with `__getitems__`, as torch has
    it, is asked for them in one call. With worker processes that are spawned
    rather than forked it must be importable: no lambda. Raises ContractError for a dataset
    without items by number; during a pass DataError, from the original, for an item that cannot
    be read and for items that cannot be collated.
    """
    _require_items(dataset)
    return _Collated(dataset, collate)


def _require_items(dataset: object) -> None:
    # torch's iterable datasets inherit a __getitem__ that only raises
    if not isinstance(dataset, Dataset) or isinstance(dataset, torch.utils.data.IterableDataset):
        raise ContractError(
            f"collated: dataset must have __len__ and a __getitem__ that takes a row number, "
            f"got {type(dataset).__name__}; give it both methods"
        )


@final
class _Collated(Generic[ItemT, BatchT]):
    def __init__(self, dataset: Dataset[ItemT], collate: Callable[[list[ItemT]], BatchT]) -> None:
        self._dataset = dataset
        self._collate = collate

    def take(self, indices: Tensor, /) -> BatchT:
        rows = row_numbers(indices)
        items = self._items(rows)
        try:
            return self._collate(items)
        except Exception as error:
            which = f"items {shortened(rows)} of {type(self._dataset).__name__}"
            raise failed(f"{which} cannot be made one batch", error) from error

    def __len__(self) -> int:
        return len(self._dataset)

    def _items(self, rows: list[int]) -> list[ItemT]:
        dataset = self._dataset
        if _reads_many(dataset):
            return self._at_once(dataset, rows)
        items: list[ItemT] = []
        try:
            for row in rows:
                items.append(dataset[row])  # noqa: PERF401  their number tells which row failed
        except Exception as error:
            which = f"item {rows[len(items)]} of {type(dataset).__name__}"
            raise failed(f"{which} cannot be read", error) from error
        return items

    def _at_once(self, dataset: "_ReadsMany[ItemT]", rows: list[int]) -> list[ItemT]:
        which = f"items {shortened(rows)} of {type(dataset).__name__}"
        try:
            items = dataset.__getitems__(rows)
        except Exception as error:
            raise failed(f"{which} cannot be read", error) from error
        if len(items) != len(rows):
            raise DataError(f"{which}: __getitems__ returned {len(items)}, expected {len(rows)}")
        return items


@runtime_checkable
class _ReadsMany(Protocol[ItemT]):
    """What torch asks a dataset for where it offers it: several items in one call."""

    def __getitems__(self, indices: list[int], /) -> list[ItemT]: ...


def _reads_many(dataset: Dataset[ItemT]) -> TypeGuard[_ReadsMany[ItemT]]:
    return isinstance(dataset, _ReadsMany)


def stacked(items: list[ItemT]) -> ItemT:
    """Dicts of tensors or numbers as one dict of tensors, by torch's `default_collate`.

    A new first dimension is the batch; a Python float becomes float64, as it does in torch.
    Raises DataError for items that are no dicts or have different keys, which torch would drop.
    """
    _require_same_keys(items)
    return same_type(_collation(torch.utils.data).default_collate(items), items[0])


def _require_same_keys(items: Sequence[object]) -> None:
    keys = items[0].keys() if is_mapping(items[0]) else None
    for position, item in enumerate(items):
        if not is_mapping(item):
            raise DataError(
                f"an item must be a dict of tensors or numbers, got {type(item).__name__}; "
                "collated(dataset, collate) makes batches of other items, TensorTable(...) of tensors"
            )
        if item.keys() != keys:
            raise DataError(
                f"all items must have the same keys: the first one of the batch has "
                f"{sorted(map(str, keys or ()))}, number {position + 1} has "
                f"{sorted(map(str, item))}"
            )


def failed(what: str, error: Exception) -> DataError:
    """The error to raise from `error`, saying `what` it kept from happening."""
    why = str(error) if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
    return DataError(f"{what}: {why}")


class _Numbers(Protocol):
    """What is used of an index tensor; torch leaves the list's element type open."""

    def tolist(self) -> list[int]: ...


def row_numbers(indices: _Numbers) -> list[int]:
    return indices.tolist()


def shortened(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return f"[{shown}, ...]" if len(rows) > 8 else f"[{shown}]"


class _Collation(Protocol):
    """What is used of `torch.utils.data`; torch leaves the function's parameter untyped."""

    def default_collate(self, batch: list[ItemT], /) -> object: ...


def _collation(module: _Collation) -> _Collation:
    return module
