"""A loader of torch's own, with its item type and with an order that a seed decides."""

from collections.abc import Generator, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import Generic, Protocol, final, runtime_checkable

import torch
import torch.utils.data as torch_data

from artifact_torch.contracts.io import InT
from artifact_torch.data.passes import epoch_generator
from artifact_torch.data.source import is_torch_loader
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.arguments import integer


@final
class TorchLoader(Generic[InT]):
    """The batches of a `torch.utils.data.DataLoader`, a `BatchSource`.

    Their type is taken to be the item type of the loader's dataset, which is true of torch's
    `default_collate` over typed dicts of tensors; for other collate functions use
    `DataLoader(collated(dataset, collate), ...)`.

    The order depends on (`seed`, epoch) alone: the loader and its samplers are lent a generator
    for the start of each pass and get their own back, and a sampler with `set_epoch` (such as
    `DistributedSampler`) is told the epoch. Nothing is drawn from the global generator, unless a
    sampler of your own does. With `persistent_workers` torch allows one pass at a time, and seeds
    the workers only at their start.

    Raises ConfigurationError for a loader that cannot say its length, or a negative seed;
    DataError for an empty loader, and for a pass without any batch.
    """

    def __init__(self, loader: torch_data.DataLoader[InT], *, seed: int = 0) -> None:
        _require_loader(loader, seed)
        self._loader = loader
        self._seed = seed
        self._parts = _parts(loader)

    def batches(self, epoch: int, /) -> Iterator[InT]:
        """The batches of one epoch. The first one is read when it is asked for."""
        for part in self._parts:
            if isinstance(part, _EpochAware):
                part.set_epoch(epoch)
        with _lent_generators(self._parts, self._seed, epoch):
            batches = iter(self._loader)  # draws the workers' seed
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


def _require_loader(loader: Sized, seed: object) -> None:
    problems = integer("seed", seed, least=0)
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
