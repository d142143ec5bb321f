"""The loader: batches of a typed dataset, in an order that a seed decides."""

from collections.abc import Iterator, Sequence
from typing import Generic, final

import torch
import torch.utils.data as torch_data
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place, check_contracts
from artifact_torch.contracts.data import BatchDataset, Dataset, IterableDataset
from artifact_torch.contracts.io import InT
from artifact_torch.data.collation import collated, stacked
from artifact_torch.data.order import epoch_generator, row_order
from artifact_torch.data.passes import MappedPass, StreamedPass
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from artifact_torch.internal.arguments import boolean, integer
from artifact_torch.internal.narrowing import is_mapping

T = TypeVar("T")


@final
class DataLoader(Generic[InT]):
    """Batches of `dataset`, a `BatchSource`: epoch after epoch, each pass independent of others.

    - A dataset with `take` gives whole batches (`TensorTable`); one with `__getitem__` gives items,
      dicts of tensors or numbers, that are stacked by torch's `default_collate`; an iterable one
      gives such items in its own order. `collated` is for any other kind of item.
    - The order depends on (`seed`, epoch) alone: on no global generator, and no global generator
      is drawn from. Two passes may run at once; a run that resumes at an epoch sees its order.
    - `n_workers` processes give the same batches in the same order. Each has a torch, `random`
      and numpy seed that depends on (`seed`, epoch, worker). Starting them for each pass costs
      about 50 ms a worker: worth it where reading an item is slow, not for a `TensorTable`.
    - `pin_memory` puts batches into page-locked memory, from which they travel to an accelerator
      in the background. Ignored on a machine without an accelerator.
    - An iterable dataset may give more or fewer items than its `__len__` says: what comes is
      used, and `len(loader)` is then only an estimate.

    Raises ContractError for an object that is no dataset, ConfigurationError for other
    arguments, DataError for a dataset without rows for one batch; during a pass, DataError for an
    item or batch that cannot be read, with its number, and for a pass without any batch.
    """

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
        _require_dataset(dataset)
        self._given = dataset
        check_contracts(*self.contract_places)
        problems = [
            *integer("batch_size", batch_size, least=1),
            *integer("seed", seed, least=0),
            *integer("n_workers", n_workers, least=0),
            *boolean("shuffle", shuffle),
            *boolean("drop_last", drop_last),
            *boolean("pin_memory", pin_memory),
        ]
        if _is_stream(dataset):
            problems += _stream_problems(dataset, shuffle=shuffle, n_workers=n_workers)
        if problems:
            raise ConfigurationError("DataLoader: " + "; ".join(problems))
        self._dataset = _readable(dataset)
        self._name = type(dataset).__name__
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
        dataset = self._given
        if isinstance(dataset, BatchDataset):
            return [("dataset", dataset, BatchDataset[InT])]
        if _is_stream(dataset):
            return [("dataset", dataset, IterableDataset[InT])]
        return [("dataset", dataset, Dataset[InT])]

    def batches(self, epoch: int, /) -> Iterator[InT]:
        """The batches of one epoch, a fresh pass at each call."""
        self._require_rows()
        generator = epoch_generator(self._seed, epoch)
        one_pass = self._pass(generator)
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
        full, rest = divmod(len(self._dataset), self._batch_size)
        return full if self._drop_last or not rest else full + 1

    def _pass(self, generator: torch.Generator) -> MappedPass[InT] | StreamedPass[InT]:
        if isinstance(self._dataset, BatchDataset):
            order = row_order(len(self._dataset), generator if self._shuffle else None)
            return MappedPass(
                self._dataset, self._name, order, batch_size=self._batch_size, n_batches=len(self)
            )
        return StreamedPass(self._dataset, self._name, self._batch_size, drop_last=self._drop_last)

    def _require_rows(self) -> None:
        n_rows = len(self._dataset)
        if n_rows == 0:
            raise DataError(f"DataLoader: {self._name} is empty; a loader needs at least one row")
        if len(self) == 0:
            raise DataError(
                f"DataLoader: {self._name} has {n_rows} rows, too few for one batch of "
                f"batch_size={self._batch_size}, and drop_last=True drops what is left; "
                f"use a batch_size of at most {n_rows}, or drop_last=False"
            )


def _require_dataset(dataset: object) -> None:
    name = type(dataset).__name__
    if is_mapping(dataset) or isinstance(dataset, torch.Tensor | str):
        raise ContractError(
            f"DataLoader: dataset must have __len__ and take, __getitem__ or __iter__ that give "
            f"dicts of tensors, got {name}; TensorTable(...) makes a dataset of a dict of tensors"
        )
    if not isinstance(dataset, Dataset | BatchDataset | IterableDataset):
        raise _no_dataset(dataset)


def _no_dataset(dataset: object) -> ContractError:
    return ContractError(
        f"DataLoader: dataset must have __len__ and take, __getitem__ or __iter__, got "
        f"{type(dataset).__name__}, which has not; give it the methods that are missing"
    )


def _is_stream(dataset: object) -> bool:
    """Torch's iterable datasets inherit a `__getitem__` that only raises."""
    if isinstance(dataset, torch_data.IterableDataset):
        return True
    return not isinstance(dataset, BatchDataset | Dataset)


def _readable(
    dataset: Dataset[InT] | BatchDataset[InT] | IterableDataset[InT],
) -> BatchDataset[InT] | IterableDataset[InT]:
    if isinstance(dataset, BatchDataset):
        return dataset
    if isinstance(dataset, Dataset) and not _is_stream(dataset):
        return collated(dataset, stacked)
    if isinstance(dataset, IterableDataset):
        return dataset
    raise _no_dataset(dataset)


def _stream_problems(dataset: object, *, shuffle: bool, n_workers: int) -> list[str]:
    name = type(dataset).__name__
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
