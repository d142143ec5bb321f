"""Where batches come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, final, runtime_checkable

import torch.utils.data
from torch import Tensor

from artifact_torch.contracts.io import Batch_co, InT, Item_co


@runtime_checkable
class Dataset(Protocol[Item_co]):
    """Items by position: what `torch.utils.data.Dataset` means, with the item's type kept."""

    def __getitem__(self, index: int, /) -> Item_co:
        """Item number `index`, from 0 to `len(self) - 1`. Called by the loader, once per epoch."""
        ...

    def __len__(self) -> int: ...


@runtime_checkable
class BatchDataset(Protocol[Batch_co]):
    """A dataset that can hand out a whole batch at once, which spares one call per row."""

    def take(self, indices: Tensor, /) -> Batch_co:
        """The rows `indices` (`[batch]`, int64, on the CPU) as one batch."""
        ...

    def __len__(self) -> int: ...


@runtime_checkable
class IterableDataset(Protocol[Item_co]):
    """Items in their own order; each `iter()` is a fresh pass."""

    def __iter__(self) -> Iterator[Item_co]: ...

    def __len__(self) -> int:
        """Items in one pass."""
        ...


@runtime_checkable
class BatchSource(Protocol[Batch_co]):
    """What the trainer and the routines read batches from.

    Not `__iter__`: torch's own loader iterates `Any` and would satisfy every batch type.
    """

    def batches(self, epoch: int, /) -> Iterator[Batch_co]:
        """The batches of one epoch (1, 2, 3, ...), a fresh pass at each call.

        They may lie on any device: the caller moves them to the model's.
        """
        ...

    def __len__(self) -> int:
        """Batches in one epoch."""
        ...


Batches: TypeAlias = BatchSource[InT] | torch.utils.data.DataLoader[InT]
"""What is taken where batches are read: a source, or torch's own loader as it is.

Torch's loader names the items of its dataset: `default_collate` gives a batch of the same keys. By
name, not by `__iter__`, which torch types `Any`.
"""


@runtime_checkable
class ResumableSource(Protocol[Batch_co]):
    """A source that need not load what a run has seen before it was interrupted within an epoch."""

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[Batch_co]:
        """The batches of the epoch but the first `n_done`, with the same random numbers as if those
        had been loaded too.
        """
        ...


@final
@dataclass(frozen=True, kw_only=True)
class Share(Generic[Batch_co]):
    """Some rows of a batch of several processes, which one of them computes."""

    batch: Batch_co
    """These rows. Where there are none, one row of any: it is computed, and counts nowhere."""
    n_rows: int
    """How many they are, 0 or more."""
    n_of_all: int
    """How many the whole batch has; at least 1."""
    of: object
    """Says which batch of which source this is, in plain values: equal on all ranks, which is looked at."""


@runtime_checkable
class SharedSource(Protocol[Batch_co]):
    """A source of which each of several processes reads its rows alone, where any other is read as a
    whole by all.

    `batches` still gives whole batches, the same that one process has.
    """

    def shares_from(
        self, epoch: int, n_done: int, rank: int, size: int, /
    ) -> Iterator[Share[Batch_co]] | None:
        """The rows of process `rank` of `size`, of each batch of the epoch but the first `n_done`: as
        many shares on every rank as there are batches, which hold each row of them once. None where
        it is not made for so many: then each reads whole batches. All ranks are answered alike.
        """
        ...
