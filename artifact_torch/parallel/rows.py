"""A rank's rows of a batch that all ranks have."""

import hashlib
from collections.abc import Sequence
from typing import Final, Generic, TypeGuard, final

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from artifact_torch.contracts import InT, OutT, Share, Sharing, TakesPart, TrainingStep
from artifact_torch.data.batches.structure import (
    contents,
    is_container,
    number_of_rows,
    rebuilt,
    same_type,
    walk,
)
from artifact_torch.errors import DataError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.arguments import is_array, shown
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.ranks import Ranks, gathered

_TEXTS: Final = (str, int, float, bool, bytes, type(None))


def part_of(step: TrainingStep[InT, OutT]) -> TakesPart[InT] | None:
    """Takes this process's rows of a batch; None where a batch is its own."""
    return step.part if _shares(step) else None


def _shares(step: TrainingStep[InT, OutT]) -> TypeGuard[Sharing[InT]]:
    return isinstance(step, Sharing)


@final
class PartOfRank(Generic[InT]):
    """Consecutive rows of a batch: of `n` rows on `size` ranks, those from `n * rank // size` on.

    Of each tensor and array whose first dimension is the number of rows, and of lists of so many
    texts or numbers; whatever else a batch holds is every rank's. The number of rows is that of the
    first tensor. The first batch, and more and more seldom others, are compared among the ranks.

    A source that reads for each rank alone may give it more rows than another.
    """

    def __init__(self, here: Ranks) -> None:
        self._here = here
        self.weight: float = 1.0
        """Of the last part in the average over the ranks: 1.0 where each has as many rows."""
        self._n_calls = 0
        self.is_spare: bool = False
        """Whether the last part is a row that counts on another rank."""

    def __call__(self, batch: InT, /) -> InT:
        """Raises `DataError` for a batch without rows that can be told apart, and on all ranks where
        they have different ones.
        """
        if self._compares():
            _require_same(_digest(batch))
        n_rows, (rank, size) = number_of_rows(batch), (self._here.rank, self._here.size)
        start, stop = n_rows * rank // size, n_rows * (rank + 1) // size
        self.weight = (stop - start) * size / n_rows if n_rows else 1.0
        self.is_spare = start == stop
        if self.is_spare:
            start, stop = 0, 1
        return same_type(_cut(batch, n_rows, slice(start, stop)), batch)

    def given(self, share: Share[InT], /) -> InT:
        """Raises `DataError` for what is no share; on all ranks where they have shares of different
        batches, or together not all rows of one.
        """
        if self._compares():
            _require_share(share)
            _require_same((share.of, share.n_of_all))
            _require_all(share)
        self.weight = share.n_rows * self._here.size / share.n_of_all
        self.is_spare = share.n_rows == 0
        return share.batch

    def _compares(self) -> bool:
        """At the 1st, 2nd, 4th, ... call."""
        self._n_calls += 1
        return self._n_calls & (self._n_calls - 1) == 0

    def taken_weight(self) -> float:
        """Of the last part, once; 1.0 where none was taken since: a batch that all ranks compute."""
        weight, self.weight = self.weight, 1.0
        return weight


def _cut(value: object, n_rows: int, rows: slice) -> object:
    if isinstance(value, Tensor):
        if value.is_nested:
            raise DataError(_NO_ROWS.format("a nested tensor"))
        return value[rows] if value.dim() and value.size(0) == n_rows else value
    if is_array(value):
        return value[rows] if value.ndim and len(value) == n_rows else value
    if isinstance(value, PackedSequence):
        raise DataError(_NO_ROWS.format("a PackedSequence"))
    if is_list(value) and len(value) == n_rows and _is_of_rows(value):
        return value[rows]
    if not is_container(value):
        return value
    items, held = contents(value)
    new_items = {key: _cut(child, n_rows, rows) for key, child in items.items()}
    return rebuilt(
        value, new_items, {name: _cut(child, n_rows, rows) for name, child in held.items()}
    )


def _require_same(batch: bytes | tuple[object, int]) -> None:
    """By its digest, or by what a share says of it."""
    of_ranks = gathered(batch)
    others = [rank for rank, each in enumerate(of_ranks) if each != of_ranks[0]]
    if others:
        remedy = _WHOLE if all(isinstance(each, bytes) for each in of_ranks) else _SHARES
        raise agreed(
            DataError(
                f"the batch of rank {', '.join(map(str, others))} is another than that of rank 0, and "
                f"each rank is to compute its rows of the same one; {remedy}"
            )
        )


def _require_share(share: object) -> None:
    """What a source of somebody's gave, which no checker may have seen."""
    expected = (
        "Share(batch=..., n_rows=..., n_of_all=..., of=...) of `artifact_torch.contracts`, n_rows from 0 to "
        "n_of_all, and that at least 1"
    )
    if isinstance(share, Share):
        n_rows, n_of_all = share.n_rows, share.n_of_all
        if 0 <= n_rows <= n_of_all and n_of_all:
            return
        raise DataError(f"shares_from gave n_rows={n_rows}, n_of_all={n_of_all}; return {expected}")
    raise DataError(f"shares_from gave {shown(share)}; return {expected}")


def _require_all(share: Share[object]) -> None:
    n_rows = gathered(share.n_rows)
    if sum(n_rows) != share.n_of_all:
        raise agreed(
            DataError(
                f"the ranks were given {' + '.join(map(str, n_rows))} rows of a batch of {share.n_of_all}; "
                "shares_from of the source has to give each row of a batch to one rank"
            )
        )


def _digest(batch: object) -> bytes:
    """Of what is in its tensors, arrays, texts and numbers."""
    found = hashlib.blake2b(digest_size=16)
    for path, part in walk(batch):
        found.update(path.encode())
        if isinstance(part, Tensor) and part.layout is torch.strided and not part.is_nested:
            held = part.detach().cpu().contiguous().reshape(-1)
            found.update(held.view(torch.uint8).numpy().tobytes())
        elif is_array(part):
            found.update(part.tobytes())
        elif isinstance(part, _TEXTS):
            found.update(repr(part).encode())
    return found.digest()


def _is_of_rows(values: Sequence[object]) -> bool:
    return all(isinstance(each, _TEXTS) for each in values)


_WHOLE: Final = (
    "give the loader a seed that is the same on all, such as seed=0, or call seed_everything(0) "
    "before it is made; a DistributedSampler goes: the step takes the rows of its rank itself"
)
_SHARES: Final = (
    "the source, ParquetLoader(...), has to be made alike on all: of the same files, with the same "
    "batch_size, seed, buffer_rows and streams"
)
_NO_ROWS: Final = (
    "the batch holds {}, of which no rows can be given to each process; pad it to a tensor of shape "
    "[rows, ...] in the dataset, and pack it in forward"
)
