"""Many columns of one kind as one matrix: a batch of a hundred takes one call of torch, not a hundred."""

from collections.abc import Mapping, Sequence
from typing import Final, final
from weakref import ref

import torch
from torch import Tensor

_FEWEST: Final = 32
"""Columns in a block: of fewer, each by itself is about as fast."""

_MOST_BYTES: Final = 2**30
"""In all blocks of a table, which are copies."""


@final
class Block:
    """Columns of one dtype with one value a row, `[rows]` each, copied into one matrix.

    A batch of them is one matrix as well, in which each column lies in one piece. What is written
    into the given tensors later is seen, as far as torch counts it (`Tensor._version`): what NumPy or
    `.data` writes is not. The given tensors are not kept.
    """

    def __init__(self, columns: Mapping[str, Tensor]) -> None:
        self.names: Final = tuple(columns)
        self._matrix = torch.stack([*columns.values()], 1)
        self._versions = [column._version for column in columns.values()]  # noqa: SLF001 torch's own name
        self._given = [ref(column) for column in columns.values()]

    @property
    def device(self) -> torch.device:
        return self._matrix.device

    def take(self, rows: Tensor) -> Sequence[Tensor]:
        """The columns in order, those rows of them; `rows` on this device."""
        self._look()
        return _by_column(self._matrix.index_select(0, rows))

    def between(self, start: int, stop: int) -> Sequence[Tensor]:
        """The columns in order, consecutive rows of them."""
        self._look()
        return _by_column(self._matrix[start:stop])

    def _look(self) -> None:
        """What was written into the given columns, 5 microseconds for a hundred."""
        for position, given in enumerate(self._given):
            column = given()
            if column is not None and column._version != self._versions[position]:  # noqa: SLF001
                self._versions[position] = column._version  # noqa: SLF001
                self._matrix[:, position] = column

    def __getstate__(self) -> dict[str, object]:
        """For another process, which the given tensors do not reach."""
        return {**vars(self), "_given": [], "_versions": []}


def _by_column(rows: Tensor) -> Sequence[Tensor]:
    """Rows of the matrix as columns of a new one. Not as views, which would share one count of
    changes: a model may write into one column while another is needed for the gradient.
    """
    n_rows = len(rows)
    columns = rows.t().clone(memory_format=torch.contiguous_format)
    return torch.unsafe_split(columns.view(-1), n_rows) if n_rows else columns.unbind()


def blocks_of(tensors: Mapping[str, Tensor]) -> list[Block]:
    """As many columns as it pays for; the rest is left out."""
    kinds: dict[tuple[torch.dtype, torch.device], dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if _fits(tensor):
            kinds.setdefault((tensor.dtype, tensor.device), {})[name] = tensor
    columns = [each for each in kinds.values() if len(each) >= _FEWEST]
    n_bytes = sum(tensor.nbytes for each in columns for tensor in each.values())
    return [Block(each) for each in columns] if n_bytes <= _MOST_BYTES else []


def _fits(tensor: Tensor) -> bool:
    is_plain = type(tensor) is Tensor and tensor.layout is torch.strided
    return is_plain and tensor.dim() == 1 and not (tensor.requires_grad or tensor.is_inference())
