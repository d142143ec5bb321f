"""Sources of batches that somebody else wrote: what they answer, and how to make one."""

import logging
from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from typing import Generic, TypeGuard, final

import torch.utils.data as torch_data
from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.contracts.data import (
    BatchDataset,
    BatchSource,
    Dataset,
    IterableDataset,
    ResumableSource,
    Share,
    SharedSource,
)
from artifact_torch.contracts.io import InT
from artifact_torch.contracts.step import TakesPart
from artifact_torch.data.dataset import TensorTable
from artifact_torch.errors import DataError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple
from artifact_torch.internal.randomness import kept_rng
from artifact_torch.internal.ranks import ranks

BatchT = TypeVar("BatchT")

_logger = logging.getLogger(__name__)


@final
class CheckedSource(Generic[InT]):
    """A `BatchSource` with its answers looked at; `name` is the parameter it was given for.

    Raises DataError for a length that is no int, for `batches` that gives nothing to iterate, and
    for a pass without a batch, or whose first is no dict. A pass that has not as many batches as the
    length says is told once.
    """

    def __init__(self, source: BatchSource[InT], name: str) -> None:
        self._source = source
        self._name = name
        self._is_told = False

    def batches(
        self, epoch: int, n_done: int = 0, part: TakesPart[InT] | None = None, /
    ) -> Iterator[InT]:
        """The batches of one epoch but the first `n_done`, read as they are asked for; with `part`
        this process's rows of each, and where the source can no others are read.
        """
        shares = None if part is None else shares_from(self._source, epoch, n_done, *_here())
        if part is None or shares is None:
            batches = iter(batches_from(self._source, epoch, n_done, name=self._name))
        else:
            batches, part = map(part.given, shares), None
        n_batches = n_done
        for first in islice(batches, 1):
            _require_named(first, self._name)
            yield first if part is None else part(first)
            del first  # not kept for the whole pass
            n_batches += 1
        for batch in batches if part is None else map(part, batches):
            yield batch
            n_batches += 1
        expected = len(self)
        if n_batches == 0:
            advice = "return a fresh iterator from each call of batches(epoch)"
            if expected == 0:
                advice = "give it rows, or a smaller batch_size if drop_last leaves nothing"
            raise DataError(
                f"{self._name}: gave no batch in epoch {epoch}, expected {expected or 'at least 1'}"
                f"; {advice}"
            )
        if n_batches != expected and not self._is_told:
            self._is_told = True
            _logger.warning(
                "%s: gave %d batches in epoch %d, its len() is %d; return from __len__ how many "
                "a pass has",
                self._name,
                n_batches,
                epoch,
                expected,
            )

    def __len__(self) -> int:
        return length(self._source, self._name)


def batches_from(
    source: BatchSource[BatchT], epoch: int, n_done: int, /, *, name: str
) -> Iterator[BatchT]:
    """The batches of one epoch but the first `n_done`.

    A source with `batches_from` is asked; any other loads them all, and the random numbers that
    this took are given back: those of a run are restored to where they were after batch `n_done`.
    Raises DataError, with `name`, for a source that gives nothing to iterate.
    """
    if n_done and _is_resumable(source):
        rest = source.batches_from(epoch, n_done)
        _require_iterable(rest, name)
        return rest
    batches = source.batches(epoch)
    _require_iterable(batches, name)
    return _after(n_done, iter(batches)) if n_done else batches


def shares_from(
    source: BatchSource[BatchT], epoch: int, n_done: int, rank: int, size: int, /
) -> Iterator[Share[BatchT]] | None:
    """What a `SharedSource` answers; None of any other."""
    return source.shares_from(epoch, n_done, rank, size) if _is_shared(source) else None


def _here() -> tuple[int, int]:
    here = ranks()
    return here.rank, here.size


def _is_shared(source: BatchSource[BatchT]) -> TypeGuard[SharedSource[BatchT]]:
    return isinstance(source, SharedSource)


def _is_resumable(source: BatchSource[BatchT]) -> TypeGuard[ResumableSource[BatchT]]:
    return isinstance(source, ResumableSource)


def _after(n_done: int, batches: Iterator[BatchT]) -> Iterator[BatchT]:
    with kept_rng():
        for _ in islice(batches, n_done):
            pass
    yield from batches


def length(part: Sized, name: str) -> int:
    """`len(part)`. Raises DataError where that is no number: what is typed `Any` may give one."""
    try:
        return len(part)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{name}: len({type(part).__name__}) fails ({error}); return an int of at least 0 "
            f"from __len__"
        ) from error


def _require_iterable(batches: object, name: str) -> None:
    if is_mapping(batches) or not isinstance(batches, Iterable):
        raise DataError(
            f"{name}: batches(epoch) returned {shown(batches)}, expected an iterator of batches; "
            f"yield them, or return iter(...)"
        )


def _require_named(batch: object, name: str) -> None:
    if isinstance(batch, Tensor) or is_list(batch) or is_tuple(batch):
        got = (
            "tensors"
            if isinstance(batch, Tensor)
            else f"each a {type(batch).__name__} of {len(batch)}"
        )
        raise DataError(
            f"{name}: its batches are {got}, expected typed dicts; name what is in them: "
            "mapped(loader, lambda batch: Digits(pixels=batch[0], label=batch[1]))"
        )


def is_torch_loader(part: object) -> bool:
    return isinstance(part, torch_data.DataLoader)


def is_of_columns(part: object) -> bool:
    """What is read by column and not by row: a dict of tensors, a tensor, a table of a library."""
    return is_mapping(part) or isinstance(part, Tensor) or type(part).__name__ == "DataFrame"


def remedy(part: object) -> str | None:
    """How to make a `BatchSource` of a part that is none; None where there is nothing to say."""
    if is_torch_loader(part):
        return "wrap it: TorchLoader(loader)"
    if isinstance(part, TensorTable):
        return "wrap it: DataLoader(table, batch_size=...)"
    if is_of_columns(part):
        return "make a table of tensors and wrap it: DataLoader(TensorTable(...), batch_size=...)"
    is_dataset = isinstance(part, Dataset | BatchDataset | IterableDataset)
    if is_dataset and not isinstance(part, str | type):
        return "wrap it: DataLoader(dataset, batch_size=...)"
    return None
