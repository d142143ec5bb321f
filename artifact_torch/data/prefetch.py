"""Batches that are read while others are computed with."""

import logging
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import methodcaller
from typing import Final, Generic, final

import numpy as np
import torch
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts.data import Batches, BatchSource, Share
from artifact_torch.contracts.io import InT
from artifact_torch.data.read_ahead import read_ahead
from artifact_torch.data.source import batches_from, shares_from
from artifact_torch.data.torch_loader import as_source
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import integer

T = TypeVar("T")

_logger = logging.getLogger(__name__)


def prefetched(loader: Batches[InT], n_batches: int = 1) -> BatchSource[InT]:
    """The same batches in the same order, up to `n_batches` of them read ahead by a thread.

    Worth it where reading a batch takes a millisecond or more and most of that outside of Python:
    on a disk, in a network, in a decoder. Python itself runs in one thread at a time: for a dataset
    that computes in Python, `DataLoader(n_workers=...)`. What `mapped` makes, and page-locked memory
    (`pin_memory`), are the thread's work too: `prefetched(mapped(loader, function))`.

    An error comes at the batch that it belongs to. No thread is left where a pass is: each ends
    when it has read so many ahead. A thread shares the global random generators, so that a source
    that draws from them, as the first batch of each pass shows, is read in turn, and told so once;
    one that draws only now and then is not recognised. Raises ConfigurationError for a number below 1.
    """
    problems = integer("n_batches", n_batches, least=1)
    if problems:
        raise ConfigurationError(f"prefetched: {problems[0]}")
    return _Prefetched[InT](as_source(loader, "prefetched"), n_batches)


@final
@dataclass(eq=False)
class _Prefetched(Generic[InT]):
    source: BatchSource[InT]
    n_batches: int
    draws: bool = False

    @property
    def contract_places(self) -> Sequence[Place]:
        return [("loader", self.source, BatchSource[InT])]

    def batches(self, epoch: int, /) -> Iterator[InT]:
        return self.batches_from(epoch, 0)

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[InT]:
        yield from self._ahead(iter(batches_from(self.source, epoch, n_done, name="prefetched")))

    def shares_from(
        self, epoch: int, n_done: int, rank: int, size: int, /
    ) -> Iterator[Share[InT]] | None:
        shares = shares_from(self.source, epoch, n_done, rank, size)
        return None if shares is None else self._ahead(shares)

    def _ahead(self, batches: Iterator[T]) -> Iterator[T]:
        if not self.draws:
            before = _generators()
            first = [*islice(batches, 1)]  # here, where it draws what it would have drawn
            self.draws = _generators() != before
            if self.draws:
                _logger.warning(_DRAWS, type(self.source).__name__)
            batches = chain(first, batches)
        yield from batches if self.draws else read_ahead(batches, self.n_batches)

    def __len__(self) -> int:
        return len(self.source)


_DRAWS = (
    "prefetched: reading a batch of %s drew random numbers, so batches are read in turn; draw in "
    "worker processes, DataLoader(dataset, n_workers=...), which read ahead by themselves"
)


def _generators() -> tuple[object, ...]:
    """Where the global ones are; about 50 microseconds."""
    torchs = [torch.get_rng_state()]
    if _has_gpu(torch.cuda):
        torchs.append(torch.cuda.get_rng_state())
    words = [state.numpy().tobytes() for state in torchs]
    numpy = pickle.dumps(np.random.get_state(legacy=False))  # noqa: NPY002  not to be compared as it is
    return random.getstate(), numpy, words


_has_gpu: Final = methodcaller("is_initialized")  # untyped
