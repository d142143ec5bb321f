"""One pass over a dataset, in the form in which torch's own loader can serve it from workers."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import islice, repeat
from typing import Generic, final

import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch.contracts.data import BatchDataset, IterableDataset
from artifact_torch.contracts.io import InT
from artifact_torch.data.batches.collation import failed, row_numbers, shortened, stacked
from artifact_torch.data.dataset import is_table
from artifact_torch.errors import DataError
from artifact_torch.internal.randomness import derived_seed, kept_rng, seed_all


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """A generator for one pass, decided by the two numbers and nothing else. Neighbouring seeds
    and epochs share nothing: both are hashed.
    """
    generator = torch.Generator()
    generator.manual_seed(derived_seed(seed, epoch))
    return generator


@final
@dataclass(frozen=True, eq=False)
class MappedPass(torch_data.Dataset[InT], Generic[InT]):
    """Batches by number, from `n_done`. A worker is sent the number alone: it has the order since its
    start, and draws for each batch from a seed of its own, so that a pass may begin anywhere.

    Without an `order` the rows come as they are.
    """

    dataset: BatchDataset[InT]
    name: str
    order: Tensor | None
    _: KW_ONLY
    n_rows: int
    batch_size: int
    n_batches: int
    n_done: int = 0
    seed: int = 0

    def __getitem__(self, position: int) -> InT:
        """For torch's loader."""
        index = self.n_done + position
        if torch_data.get_worker_info() is not None:
            seed_all(derived_seed(self.seed, index))
        return self._read(index, None if self.order is None else self._rows(index))

    def __iter__(self) -> Iterator[InT]:
        chosen = repeat(None) if self.order is None else self._in_order(self.order)
        for index, rows in zip(range(self.n_done, self.n_batches), chosen, strict=False):
            yield self._read(index, rows)

    def __len__(self) -> int:
        return max(self.n_batches - self.n_done, 0)

    def _in_order(self, order: Tensor) -> Iterator[Tensor]:
        """Many batches in one call, which takes a third of the time; not all, of which there may be
        millions.
        """
        left = order[self.n_done * self.batch_size :]
        for part in torch.unsafe_split(left, 1024 * self.batch_size):  # split() is untyped
            yield from torch.unsafe_split(part, self.batch_size)

    def _read(self, index: int, rows: Tensor | None) -> InT:
        dataset = self.dataset
        try:
            if rows is None and is_table(dataset):
                start = index * self.batch_size
                return dataset.between(start, start + self.batch_size)
            return dataset.take(self._rows(index) if rows is None else rows)
        except DataError:
            raise
        except Exception as error:
            numbers = shortened(row_numbers(self._rows(index)))
            told = failed(
                f"{self.name}.take failed for the rows {numbers} (batch {index} of the pass)", error
            )
            raise DataError(f"{told}; it gets an int64 tensor of row numbers") from error

    def _rows(self, index: int) -> Tensor:
        start = index * self.batch_size
        stop = min(start + self.batch_size, self.n_rows)
        return torch.arange(start, stop) if self.order is None else self.order[start:stop]


@final
@dataclass(frozen=True, eq=False)
class StreamedPass(torch_data.IterableDataset[InT], Generic[InT]):
    """Batches of consecutive items of an iterable dataset."""

    dataset: IterableDataset[InT]
    name: str
    batch_size: int
    _: KW_ONLY
    drop_last: bool
    n_done: int = 0

    def __iter__(self) -> Iterator[InT]:
        items = self._items()
        n_items, is_empty = 0, self.n_done == 0
        if self.n_done:
            with kept_rng():  # as after these items, which is where a restored run is
                n_items = sum(1 for _ in islice(items, self.n_done * self.batch_size))
        while chunk := list(islice(items, self.batch_size)):
            first, n_items = n_items, n_items + len(chunk)
            if len(chunk) < self.batch_size and self.drop_last:
                break
            try:
                batch = stacked(chunk)
            except Exception as error:
                which = f"items {first} to {n_items - 1} of {self.name}"
                raise failed(f"{which} cannot be made one batch", error) from error
            is_empty = False
            yield batch
        if is_empty:
            raise DataError(
                f"{self.name} gave {n_items} items in this pass, which makes no batch of "
                f"batch_size={self.batch_size}; its __len__ says {len(self.dataset)}: "
                f"each iter() must be a fresh pass"
            )

    def _items(self) -> Iterator[InT]:
        number = 0
        try:
            for item in self.dataset:
                yield item
                number += 1
        except Exception as error:
            raise failed(f"item {number} of {self.name} cannot be read", error) from error
