"""The loader: batches of a typed dataset, in an order that a seed decides."""

import re
from collections.abc import Iterator, Sequence
from typing import Generic, final

import torch
import torch.utils.data as torch_data
from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts.data import BatchDataset, Dataset, IterableDataset
from artifact_torch.contracts.io import InT
from artifact_torch.data.batches.collation import collated, stacked
from artifact_torch.data.dataset import is_table
from artifact_torch.data.passes import MappedPass, StreamedPass, epoch_generator
from artifact_torch.data.source import is_of_columns, is_torch_loader, length, remedy
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from artifact_torch.internal.arguments import boolean, integer
from artifact_torch.internal.keywords import names_ours
from artifact_torch.internal.randomness import derived_seed
from artifact_torch.internal.signatures import signature_of

T = TypeVar("T")


@final
class DataLoader(Generic[InT]):
    """Batches of `dataset`, a `BatchSource`: epoch after epoch, each pass independent of others.

    - A dataset with `take(indices: Tensor)` gives whole batches (`TensorTable`); one with
      `__getitem__` gives items, dicts of tensors or numbers, that are stacked by torch's
      `default_collate`, and is asked for many at once where it has `__getitems__`; an iterable one
      gives such items in its own order. `collated` is for any other kind of item.
    - The order depends on (`seed`, epoch) alone: on no global generator, and no global generator
      is drawn from. Two passes may run at once; a run that resumes at an epoch sees its order.
    - `n_workers` processes give the same batches in the same order, whatever their number: for
      each batch torch, `random` and numpy get a seed there that depends on (`seed`, epoch, batch).
      Starting them for each pass costs about 50 ms a worker: worth it where reading an item is
      slow, not for a `TensorTable`.
    - `pin_memory` puts batches into page-locked memory, from which they travel to an accelerator
      in the background. Ignored on a machine without an accelerator.
    - An iterable dataset may give more or fewer items than its `__len__` says: what comes is
      used, and `len(loader)` is then only an estimate.

    Raises ContractError for an object that is no dataset, ConfigurationError for other
    arguments, DataError for a dataset without rows for one batch; during a pass, DataError for an
    item or batch that cannot be read, with its number, and for a pass without any batch.
    """

    @names_ours(
        num_workers="n_workers=",
        collate_fn="DataLoader(collated(dataset, collate), ...)",
        prefetch="prefetched(DataLoader(...), n_batches)",
        prefetch_factor="prefetched(DataLoader(...), n_batches)",
    )
    def __init__(
        self,
        dataset: Dataset[InT] | BatchDataset[InT] | IterableDataset[InT],
        *,
        batch_size: int,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        n_workers: int = 0,
        pin_memory: bool = False,
    ) -> None:
        self._given = dataset
        self._rows = _rows_of(dataset)
        problems = [
            *integer("batch_size", batch_size, least=1),
            *integer("seed", seed, least=0),
            *integer("n_workers", n_workers, least=0),
            *boolean("shuffle", shuffle),
            *boolean("drop_last", drop_last),
            *boolean("pin_memory", pin_memory),
        ]
        self._name = type(dataset).__name__
        if self._rows is None:
            problems += _stream_problems(self._name, shuffle=shuffle, n_workers=n_workers)
        if problems:
            raise ConfigurationError("DataLoader: " + "; ".join(problems))
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._drop_last = drop_last
        self._seed = seed
        self._n_workers = n_workers
        self._pin_memory = pin_memory and torch.accelerator.is_available()
        self._require_rows()

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its dataset, whose items have to be what the trainer's model takes."""
        if self._rows is None:
            return [("dataset", self._given, IterableDataset[InT])]
        by_batch = self._rows is self._given
        return [("dataset", self._given, BatchDataset[InT] if by_batch else Dataset[InT])]

    def batches(self, epoch: int, /) -> Iterator[InT]:
        """The batches of one epoch, a fresh pass at each call."""
        return self._batches(epoch, 0)

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[InT]:
        """Those but the first `n_done`, which are not read; of an iterable dataset, not stacked."""
        return self._batches(epoch, n_done)

    def _batches(self, epoch: int, n_done: int) -> Iterator[InT]:
        self._require_rows()
        generator = epoch_generator(self._seed, epoch)
        one_pass = self._pass(generator, epoch, n_done)
        if not self._n_workers and not self._pin_memory:
            return iter(one_pass)
        return iter(
            torch_data.DataLoader(
                one_pass,
                batch_size=None,  # the pass gives whole batches
                collate_fn=_as_it_is,
                num_workers=self._n_workers,
                pin_memory=self._pin_memory,
                generator=generator,  # without one torch draws from the global generator
            )
        )

    def __len__(self) -> int:
        full, rest = divmod(length(self._given, "DataLoader"), self._batch_size)
        return full if self._drop_last or not rest else full + 1

    def _pass(
        self, generator: torch.Generator, epoch: int, n_done: int
    ) -> MappedPass[InT] | StreamedPass[InT]:
        if self._rows is not None:
            return MappedPass(
                self._rows,
                self._name,
                self._order(self._rows, generator) if self._shuffle else None,
                n_rows=len(self._rows),
                batch_size=self._batch_size,
                n_done=n_done,
                n_batches=len(self),
                seed=derived_seed(self._seed, epoch),
            )
        stream = self._given
        if isinstance(stream, IterableDataset):
            return StreamedPass(
                stream, self._name, self._batch_size, drop_last=self._drop_last, n_done=n_done
            )
        raise _no_dataset(stream)

    def _order(self, rows: BatchDataset[InT], generator: torch.Generator) -> Tensor:
        """Drawn on the CPU, wherever the rows lie; once per pass it goes there."""
        order = torch.randperm(len(rows), generator=generator)
        device = rows.device if is_table(rows) else None
        return order if device is None or self._n_workers else order.to(device)

    def _require_rows(self) -> None:
        n_rows = length(self._given, "DataLoader")
        if n_rows == 0:
            raise DataError(f"DataLoader: {self._name} is empty; a loader needs at least one row")
        if len(self) == 0:
            raise DataError(
                f"DataLoader: {self._name} has {n_rows} rows, too few for one batch of "
                f"batch_size={self._batch_size}, and drop_last=True drops what is left; "
                f"use a batch_size of at most {n_rows}, or drop_last=False"
            )


def _rows_of(
    dataset: Dataset[InT] | BatchDataset[InT] | IterableDataset[InT],
) -> BatchDataset[InT] | None:
    """The dataset by batches of rows; None where it can only be iterated."""
    if is_of_columns(dataset) or is_torch_loader(dataset) or isinstance(dataset, str):
        raise _no_dataset(dataset)
    if isinstance(dataset, BatchDataset) and _takes_rows(dataset):
        return dataset
    # torch's iterable datasets inherit a __getitem__ that only raises
    if isinstance(dataset, Dataset) and not isinstance(dataset, torch_data.IterableDataset):
        return collated(dataset, stacked)
    if isinstance(dataset, IterableDataset):
        return None
    raise _no_dataset(dataset)


def _takes_rows(dataset: BatchDataset[object]) -> bool:
    """Whether `take` is ours: tables of other libraries have a `take(n)`, for their first rows.

    Where rows can be read in another way, it has to say that it takes a tensor, and ask for no more.
    """
    if not isinstance(dataset, Dataset | IterableDataset):
        return True
    try:
        signature = signature_of(dataset.take)
        signature.bind(None)
        first = next(iter(signature.parameters.values()))
    except (StopIteration, TypeError, ValueError):
        return False
    return re.search(r"\b(\w*Tensor|Any|object)\b", str(first.annotation)) is not None


def _no_dataset(dataset: object) -> ContractError:
    advice = ", which has not; give it the methods that are missing"
    if is_of_columns(dataset):
        advice = "; TensorTable(...) makes a dataset of a dict of tensors"
    elif is_torch_loader(dataset):
        advice = f", which gives batches; {remedy(dataset)}"
    return ContractError(
        f"DataLoader: dataset must have __len__ and take, __getitem__ or __iter__, got "
        f"{type(dataset).__name__}{advice}"
    )


def _stream_problems(name: str, *, shuffle: bool, n_workers: int) -> list[str]:
    problems: list[str] = []
    if shuffle:
        problems.append(
            f"shuffle must be False for an iterable dataset, got True: {name} decides its own "
            f"order; shuffle inside it, or give it __getitem__"
        )
    if n_workers:
        problems.append(
            f"n_workers must be 0 for an iterable dataset, got {n_workers}: each worker would "
            f"give all of {name} again; give it __getitem__ to use workers"
        )
    return problems


def _as_it_is(batch: T) -> T:
    return batch
