"""The tensors of a dataset of torch's, read a batch at a time."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar, final, runtime_checkable

import torch
import torch.utils.data as torch_data
from torch import Tensor

T = TypeVar("T")


class _Loading(Protocol):
    """What is used of torch's loader, whose own declarations are partly open."""

    @property
    def dataset(self) -> object: ...

    @property
    def collate_fn(self) -> object: ...

    @property
    def batch_sampler(self) -> Iterable[list[int]] | None: ...

    @property
    def num_workers(self) -> int: ...

    @property
    def pin_memory(self) -> bool: ...


def at_once(loader: _Loading) -> torch_data.DataLoader[Any] | None:  # Any: as torch types batches
    """A loader with the same batches, bit for bit and in the same order, for far less, in place of
    one that reads a `TensorDataset`, or a `Subset` of one, row by row and stacks the rows.

    None for any other.
    """
    is_as_torch_has_it = (
        type(loader) is torch_data.DataLoader
        and getattr(loader.collate_fn, "__name__", "") == "default_collate"
        and getattr(loader.collate_fn, "__module__", "").startswith("torch.utils.data")
        and loader.batch_sampler is not None
        and loader.num_workers == 0
        and _is_of_tensors(loader.dataset)
    )
    if not is_as_torch_has_it:
        return None
    return torch_data.DataLoader(
        _AtOnce(loader.dataset),
        batch_sampler=loader.batch_sampler,
        collate_fn=_as_it_is,
        pin_memory=loader.pin_memory,
    )


@runtime_checkable
class _Part(Protocol):
    """Torch's `Subset`."""

    @property
    def dataset(self) -> object: ...

    @property
    def indices(self) -> Sequence[int]: ...


def _is_of_tensors(dataset: object) -> bool:
    kind = type(dataset)  # a class of somebody's own may give other items
    if kind is torch_data.Subset and isinstance(dataset, _Part):
        return _is_of_tensors(dataset.dataset)
    return type(dataset) is torch_data.TensorDataset and all(
        type(tensor) is Tensor and tensor.layout is torch.strided for tensor in dataset.tensors
    )


@final
class _AtOnce(torch_data.Dataset[Any]):
    """Gives whole batches where torch asks for many items."""

    def __init__(self, dataset: object) -> None:
        self._dataset = dataset

    def __getitems__(self, rows: Sequence[int]) -> list[Tensor]:
        dataset = self._dataset
        while isinstance(dataset, _Part):
            rows = [dataset.indices[row] for row in rows]
            dataset = dataset.dataset
        tensors = dataset.tensors if isinstance(dataset, torch_data.TensorDataset) else ()
        index = torch.as_tensor(rows)
        return [tensor[index].contiguous() for tensor in tensors]


def _as_it_is(batch: T) -> T:
    return batch
