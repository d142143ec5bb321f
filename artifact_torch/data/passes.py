"""One pass over a dataset, in the form in which torch's own loader can serve it from workers."""

from collections.abc import Iterator
from itertools import islice
from typing import Generic, final

import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.contracts.data import BatchDataset, IterableDataset
from artifact_torch.contracts.io import InT
from artifact_torch.data.collation import described, stacked
from artifact_torch.data.order import row_numbers, shortened
from artifact_torch.errors import DataError


@final
class MappedPass(torch_data.Dataset[InT], Generic[InT]):
    """Batches by number. A worker is sent the number alone: it has the order since its start."""

    def __init__(
        self,
        dataset: BatchDataset[InT],
        name: str,
        order: Tensor,
        *,
        batch_size: int,
        n_batches: int,
    ) -> None:
        self._dataset = dataset
        self._name = name
        self._order = order
        self._batch_size = batch_size
        self._n_batches = n_batches

    def __getitem__(self, index: int) -> InT:
        start = index * self._batch_size
        rows = self._order[start : start + self._batch_size]
        try:
            return self._dataset.take(rows)
        except DataError:
            raise
        except Exception as error:
            raise DataError(
                f"{self._name}.take failed for the rows {shortened(row_numbers(rows))} (batch {index} of the "
                f"pass): {described(error)}; it gets an int64 tensor of row numbers"
            ) from error

    def __iter__(self) -> Iterator[InT]:
        for index in range(self._n_batches):
            yield self[index]

    def __len__(self) -> int:
        return self._n_batches


@final
class StreamedPass(torch_data.IterableDataset[InT], Generic[InT]):
    """Batches of consecutive items of an iterable dataset."""

    def __init__(
        self, dataset: IterableDataset[InT], name: str, batch_size: int, *, drop_last: bool
    ) -> None:
        self._dataset = dataset
        self._name = name
        self._batch_size = batch_size
        self._drop_last = drop_last

    def __iter__(self) -> Iterator[InT]:
        items = self._items()
        n_items = 0
        is_empty = True
        while chunk := list(islice(items, self._batch_size)):
            n_items += len(chunk)
            if len(chunk) < self._batch_size and self._drop_last:
                break
            is_empty = False
            yield self._batch(chunk, n_items)
        if is_empty:
            raise DataError(
                f"{self._name} gave {n_items} items in this pass, which makes no batch of "
                f"batch_size={self._batch_size}; its __len__ says {len(self._dataset)}: "
                f"each iter() must be a fresh pass"
            )

    def _batch(self, chunk: list[InT], n_items: int) -> InT:
        try:
            return stacked(chunk)
        except Exception as error:
            raise DataError(
                f"items {n_items - len(chunk)} to {n_items - 1} of {self._name} cannot be made "
                f"one batch: {described(error)}"
            ) from error

    def _items(self) -> Iterator[InT]:
        number = 0
        try:
            for item in self._dataset:
                yield item
                number += 1
        except Exception as error:
            raise DataError(
                f"item {number} of {self._name} cannot be read: {described(error)}"
            ) from error
