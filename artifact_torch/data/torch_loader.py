"""A loader of torch's own, with its item type and with an order that a seed decides."""

import logging
from collections.abc import Generator, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import Final, Generic, Protocol, final, runtime_checkable

import torch
import torch.utils.data as torch_data
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts.data import Batches, BatchSource
from artifact_torch.contracts.io import InT
from artifact_torch.data.at_once import at_once
from artifact_torch.data.item_types import (
    BatchFunction,
    Items,
    Stream,
    datasets_of,
    places_of_items,
)
from artifact_torch.data.passes import epoch_generator
from artifact_torch.data.source import is_of_columns, is_torch_loader, remedy
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from artifact_torch.internal.arguments import integer, shown

BatchT = TypeVar("BatchT")

_logger = logging.getLogger(__name__)


def as_source(loader: Batches[InT], name: str) -> BatchSource[InT]:
    """`loader` as it is, one of torch's own wrapped: `TorchLoader(loader)`.

    What torch's loader promised and the wrapped one does not, or cannot keep on resume, is logged
    under `name`, the parameter it was given for. Anything else comes back for the contract check.
    Raises ContractError for a loader over a `TensorDataset`, as `TorchLoader` for one without batches.
    """
    if isinstance(loader, torch_data.DataLoader) and not isinstance(loader, BatchSource):
        if any(isinstance(part, torch_data.TensorDataset) for part in datasets_of(loader)):
            raise ContractError(
                f"{name}: a TensorDataset has no names for its tensors, expected typed dicts; give "
                "them: mapped(loader, lambda pair: Digits(pixels=pair[0], label=pair[1])), or "
                "DataLoader(TensorTable(Digits(...)), batch_size=...)"
            )
        return wrapped(loader, name)
    if is_of_columns(loader):  # a table of a library may make attributes as they are asked for
        raise ContractError(
            f"{name}= got {shown(loader)}, expected a source of batches; {remedy(loader)}"
        )
    return loader


def wrapped(loader: torch_data.DataLoader[BatchT], name: str) -> "TorchLoader[BatchT]":
    """A `TorchLoader` that was not asked for, with what is to be said about it."""
    source = TorchLoader(loader)
    if any(isinstance(part, _Drawing) for part in _parts(loader)[1:]):
        _logger.info(_SEEDED, name, source.seed)
    for what in _not_kept(loader):
        _logger.warning("%s: a resumed run may not see what it would have seen: %s", name, what)
    return source


_SEEDED: Final = (
    "%s: the order of torch's loader depends on (seed=%d, epoch) and not on torch.manual_seed; "
    "TorchLoader(loader, seed=...) chooses another seed"
)


@final
class TorchLoader(Generic[BatchT]):
    """The batches of a `torch.utils.data.DataLoader`, a `BatchSource`.

    Their type is taken to be the item type of the loader's dataset, which is true of torch's
    `default_collate` over typed dicts of tensors; `mapped` names the parts of tuples, and makes
    typed dicts of what another collate function gives. A `TensorDataset`, which torch reads row by
    row, is read by whole batches, to the same bits.

    The order depends on (`seed`, epoch) alone: the loader and its samplers are lent a generator
    for the start of each pass and get their own back, and a sampler with `set_epoch` (such as
    `DistributedSampler`) is told the epoch. Nothing is drawn from the global generator, unless a
    sampler of your own does. Without `seed` it is that of the generator that the loader or a
    sampler was given, else 0. With `persistent_workers` torch allows one pass at a time, and seeds
    the workers only at their start.

    Raises ConfigurationError for a loader that cannot say its length, or a negative seed;
    DataError for an empty loader, and for a pass without any batch.
    """

    def __init__(self, loader: torch_data.DataLoader[BatchT], *, seed: int | None = None) -> None:
        _require_loader(loader, seed)
        self._loader = loader
        whole = at_once(loader)
        self._read = loader if whole is None else whole
        self._parts = [*_parts(loader), *([] if whole is None else [whole])]
        self.seed: int = _own_seed(self._parts) if seed is None else seed
        """Decides the order, with the epoch."""

    @property
    def contract_places(self) -> Sequence[Place]:
        """What says of which type its batches are: the dataset, or the collate function."""
        return places_of_items(
            self._loader, making=BatchFunction[BatchT], items=Items[BatchT], stream=Stream[BatchT]
        )

    def batches(self, epoch: int, /) -> Iterator[BatchT]:
        """The batches of one epoch. The first one is read when it is asked for."""
        for part in self._parts:
            if isinstance(part, _EpochAware):
                part.set_epoch(epoch)
        with _lent_generators(self._parts, self.seed, epoch):
            batches = iter(self._read)  # draws the workers' seed
            try:
                first = next(batches)  # torch's samplers draw the order here, once for the pass
            except StopIteration:
                raise _no_batch("it stopped at once") from None
        yield first
        yield from batches

    def __len__(self) -> int:
        return len(self._loader)


@runtime_checkable
class _EpochAware(Protocol):
    def set_epoch(self, epoch: int, /) -> object: ...


@runtime_checkable
class _Drawing(Protocol):
    """Torch's loader and random samplers; without a generator they draw from the global one."""

    generator: object


@runtime_checkable
class _Sampling(Protocol):
    @property
    def sampler(self) -> object: ...


class _Loading(_Sampling, Protocol):
    """What is used of torch's loader, whose own declarations are partly open."""

    @property
    def batch_sampler(self) -> object: ...

    @property
    def persistent_workers(self) -> bool: ...

    @property
    def in_order(self) -> bool: ...


def _require_loader(loader: Sized, seed: object) -> None:
    problems = [] if seed is None else integer("seed", seed, least=0)
    n_batches = 1
    if not is_torch_loader(loader):
        problems.append(
            f"loader must be a torch.utils.data.DataLoader, got {type(loader).__name__}"
        )
    else:
        try:
            n_batches = len(loader)
        except TypeError as error:
            problems.append(
                f"loader must know its length, got one that does not ({error}); "
                f"give its dataset __len__"
            )
    if n_batches == 0:
        raise _no_batch("its length is 0")
    if problems:
        raise ConfigurationError("TorchLoader: " + "; ".join(problems))


def _no_batch(reason: str) -> DataError:
    return DataError(
        f"TorchLoader: the loader gives no batch ({reason}); a loader needs at least one row, "
        f"and at least batch_size rows with drop_last=True"
    )


def _parts(loader: _Loading) -> list[object]:
    """The loader and every sampler of torch's that it may draw from, each once."""
    parts: list[object] = [loader, loader.sampler, loader.batch_sampler]
    if isinstance(loader.batch_sampler, _Sampling):
        parts.append(loader.batch_sampler.sampler)
    return list({id(part): part for part in parts}.values())


def _own_seed(parts: Sequence[object]) -> int:
    for part in parts:
        if isinstance(part, _Drawing) and isinstance(part.generator, torch.Generator):
            return part.generator.initial_seed() % 2**63  # torch's seeds may be negative
    return 0


def _not_kept(loader: _Loading) -> Iterator[str]:
    for part in _parts(loader)[1:]:
        is_torchs = type(part).__module__.startswith("torch.")
        if not (is_torchs or isinstance(part, _EpochAware | _Drawing | Sequence | None)):
            yield (
                f"{type(part).__name__} is told no epoch and lent no generator; if it draws by "
                "itself, give it set_epoch(epoch), or an attribute generator: torch.Generator | "
                "None that it draws from"
            )
    if loader.persistent_workers:
        yield "its persistent workers are seeded at their start alone, which matters where they draw"
    if not loader.in_order:
        yield "in_order=False gives batches in the order in which its workers finish"


@contextmanager
def _lent_generators(parts: Sequence[object], seed: int, epoch: int) -> Generator[None]:
    owned: list[tuple[_Drawing, object]] = []
    for part in parts:
        # A sampler of your own may draw with another kind of generator, which stays.
        if isinstance(part, _Drawing) and isinstance(part.generator, torch.Generator | None):
            owned.append((part, part.generator))
            # To each its own: what one part draws must not shift the draws of another.
            part.generator = epoch_generator(seed, epoch)
    try:
        yield
    finally:
        for part, own in owned:
            part.generator = own
