"""Which rows of a batch a process computes."""

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor

from artifact_torch.contracts import InT, TakesPart
from artifact_torch.data.batches.structure import walk
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.ranks import gathered


def parts(batches: Iterator[InT], part: TakesPart[InT] | None) -> Iterator[InT]:
    """This process's rows of each; batches that are its own as they are."""
    return batches if part is None else _parts(batches, part)


def _parts(batches: Iterator[InT], part: TakesPart[InT]) -> Iterator[InT]:
    for batch in batches:
        yield part(batch)


def same_first(batches: Iterator[InT]) -> Iterator[InT]:
    """The same. Raises `ConfigurationError` on all ranks where the first batch of one is another."""
    for batch in batches:
        digests = gathered(_digest(batch))
        others = [str(rank) for rank, each in enumerate(digests) if each != digests[0]]
        if others:
            raise agreed(
                ConfigurationError(
                    f"train_loader: the first batch on rank {', '.join(others)} is not that of rank 0, "
                    "and each process takes its rows of one batch; give all the same rows, in an order "
                    "by a seed: DataLoader(..., shuffle=True, seed=0)"
                )
            )
        yield batch
        break
    yield from batches


def _digest(batch: object) -> str:
    """Of its tensors, wherever they are."""
    total = hashlib.blake2b(digest_size=8)
    for path, value in walk(batch):
        if isinstance(value, Tensor) and not (value.is_nested or value.is_sparse):
            held = value.detach().cpu().contiguous()
            total.update(f"{path} {held.dtype} {list(held.shape)}".encode())
            total.update(held.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()
