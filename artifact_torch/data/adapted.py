"""A source of batches made of another: other batches, fewer of them, the same ones again."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, final, overload, runtime_checkable

import torch.utils.data as torch_data
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts.data import Batches, BatchSource, Share
from artifact_torch.contracts.io import Batch_co, InT
from artifact_torch.data.item_types import BatchFunction, places_of_function
from artifact_torch.data.source import batches_from, shares_from
from artifact_torch.data.torch_loader import as_source, wrapped
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import function_of_one, integer

GivenT = TypeVar("GivenT")
Given_contra = TypeVar("Given_contra", contravariant=True)

_logger = logging.getLogger(__name__)


@overload
def mapped(
    loader: BatchSource[GivenT], function: Callable[[GivenT], InT], /
) -> BatchSource[InT]: ...


@overload
def mapped(  # Any: torch types what its loader iterates so
    loader: torch_data.DataLoader[object], function: Callable[[Any], InT], /
) -> BatchSource[InT]: ...


def mapped(
    loader: BatchSource[GivenT] | torch_data.DataLoader[object],
    function: Callable[[Any], InT],
    /,
) -> BatchSource[InT]:
    """What `function` makes of each batch, for instance typed dicts of the tuples or lists that
    torch's loader gives: `mapped(loader, lambda pair: Digits(pixels=pair[0], label=pair[1]))`.

    It is called where the batch is used, not in worker processes, and with whole batches: each of
    several processes reads all rows, also of a source that could give it its own alone. Raises
    ConfigurationError for what cannot be called with a batch; an error inside `function` names the
    batch in a note.
    """
    problems = function_of_one("function", function, "lambda pair: Digits(pixels=pair[0])")
    if problems:
        raise ConfigurationError(f"mapped: {problems[0]}")
    if isinstance(loader, torch_data.DataLoader):
        # its items have a type, the lists that it makes of tuples have none
        places = places_of_function("function", function, BatchFunction[InT])
        return _Mapped[InT](wrapped(loader, "mapped"), function, places)
    places = [
        ("loader", loader, BatchSource[GivenT]),
        *places_of_function("function", function, BatchMapping[GivenT, InT]),
    ]
    return _Mapped[InT](loader, function, places)


def limited(loader: Batches[InT], n_batches: int) -> BatchSource[InT]:
    """At most the first `n_batches` of every pass; the order of an epoch is the one it has anyway.

    Raises ConfigurationError for a number below 1.
    """
    return _head("limited", loader, n_batches, epoch=None)


def repeated(loader: Batches[InT], n_batches: int = 1) -> BatchSource[InT]:
    """The first `n_batches` of epoch 1, in every epoch: a model that works can overfit them.

    They are read anew each time, so that what a dataset draws at random is drawn again. Raises
    ConfigurationError for a number below 1.
    """
    return _head("repeated", loader, n_batches, epoch=1)


def _head(
    name: str, loader: Batches[InT], n_batches: int, *, epoch: int | None
) -> BatchSource[InT]:
    problems = integer("n_batches", n_batches, least=1)
    if problems:
        raise ConfigurationError(f"{name}: {problems[0]}")
    return _Head[InT](as_source(loader, name), n_batches, epoch, name)


@runtime_checkable
class BatchMapping(Protocol[Given_contra, Batch_co]):
    """The function, where the type of what it is given is known."""

    def __call__(self, given: Given_contra, /) -> Batch_co: ...


@final
@dataclass(eq=False)
class _Mapped(Generic[InT]):
    source: BatchSource[Any]  # what its function takes, which mapped() has seen to
    function: Callable[[Any], InT]
    places: Sequence[Place]
    is_told: bool = False

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its function, and what it takes as far as that has a type."""
        return self.places

    def batches(self, epoch: int, /) -> Iterator[InT]:
        return self.batches_from(epoch, 0)

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[InT]:
        number = n_done
        for batch in batches_from(self.source, epoch, n_done, name="mapped"):
            number += 1
            try:
                made = self.function(batch)
            except Exception as error:
                kind = type(batch).__name__
                error.add_note(f"mapped: batch {number} of epoch {epoch}, a {kind}")
                raise
            yield made

    def shares_from(self, epoch: int, n_done: int, rank: int, size: int, /) -> None:
        """None: what its function makes of some rows need not be some rows of what it makes of all."""
        if not self.is_told and shares_from(self.source, epoch, n_done, rank, size) is not None:
            self.is_told = True
            _logger.warning(_WHOLE, type(self.source).__name__)

    def __len__(self) -> int:
        return len(self.source)


_WHOLE = (
    "mapped: its function is given whole batches, so that each process reads all rows of %s, which "
    "could give each its own; make what it makes in the source, or in the model's forward"
)


@final
@dataclass(frozen=True, eq=False)
class _Head(Generic[InT]):
    source: BatchSource[InT]
    n_batches: int
    epoch: int | None
    name: str

    @property
    def contract_places(self) -> Sequence[Place]:
        return [("loader", self.source, BatchSource[InT])]

    def batches(self, epoch: int, /) -> Iterator[InT]:
        return self.batches_from(epoch, 0)

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[InT]:
        rest = batches_from(self.source, self.epoch or epoch, n_done, name=self.name)
        return islice(rest, max(self.n_batches - n_done, 0))

    def shares_from(
        self, epoch: int, n_done: int, rank: int, size: int, /
    ) -> Iterator[Share[InT]] | None:
        rest = shares_from(self.source, self.epoch or epoch, n_done, rank, size)
        return None if rest is None else islice(rest, max(self.n_batches - n_done, 0))

    def __len__(self) -> int:
        return min(len(self.source), self.n_batches)
