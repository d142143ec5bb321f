"""A rank's rows of a batch that all ranks have."""

from collections.abc import Sequence
from typing import Final, Generic, TypeGuard, final

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from artifact_torch.contracts import InT, OutT, Sharing, TakesPart, TrainingStep
from artifact_torch.data.batches.structure import (
    contents,
    is_container,
    number_of_rows,
    rebuilt,
    same_type,
)
from artifact_torch.errors import DataError
from artifact_torch.internal.arguments import is_array
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.ranks import Ranks

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
    first tensor.
    """

    def __init__(self, here: Ranks) -> None:
        self._here = here
        self.weight: float = 1.0
        """Of the last part in the average over the ranks: 1.0 where each has as many rows."""
        self.is_spare: bool = False
        """Whether the last part is a row that counts on another rank."""

    def __call__(self, batch: InT, /) -> InT:
        """Raises `DataError` for a batch without rows that can be told apart."""
        n_rows, (rank, size) = number_of_rows(batch), (self._here.rank, self._here.size)
        start, stop = n_rows * rank // size, n_rows * (rank + 1) // size
        self.weight = (stop - start) * size / n_rows if n_rows else 1.0
        self.is_spare = start == stop
        if self.is_spare:
            start, stop = 0, 1
        return same_type(_cut(batch, n_rows, slice(start, stop)), batch)


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


def _is_of_rows(values: Sequence[object]) -> bool:
    return all(isinstance(each, _TEXTS) for each in values)


_NO_ROWS: Final = (
    "the batch holds {}, of which no rows can be given to each process; pad it to a tensor of shape "
    "[rows, ...] in the dataset, and pack it in forward"
)
