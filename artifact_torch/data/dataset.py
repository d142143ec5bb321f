"""A table that lies in memory as tensors, and gives whole batches."""

from typing import Generic, TypeGuard, final

import torch
from torch import Tensor

from artifact_torch.contracts.data import BatchDataset
from artifact_torch.contracts.io import InT
from artifact_torch.data.batches.structure import same_type
from artifact_torch.data.blocks import blocks_of
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_plain_dict


@final
class TensorTable(Generic[InT]):
    """A dataset made of one typed dict of tensors, each `[rows, ...]`: `TensorTable(VAEInput(...))`.

    A `BatchDataset`: a batch costs one `index_select` per tensor and nothing per row. The tensors
    are not copied, so they may lie on the accelerator, where the rows are chosen then. A batch
    always is a copy, also of consecutive rows, of which a small one costs what a slice does: whatever
    a model, callback or worker does to it, by whatever library, the table is as it was.

    Many columns take one call, not one each: where 32 keys or more have one dtype and one value a
    row (`[rows]`), the table keeps a matrix of them, up to 1 GiB in all; the given tensors may go.
    What torch writes into those later is in the next batch, what NumPy writes is not. Keys of one
    such batch share their memory: to keep one of them for long, `.clone()` it.

    Raises ConfigurationError, with all problems at once, unless there is a key, each value is a
    tensor with at least one dimension, and all first dimensions are equal.
    """

    def __init__(self, columns: InT) -> None:
        tensors = _tensors_of(columns)
        self._n_rows = next(iter(tensors.values())).shape[0]
        self._blocks = blocks_of(tensors)
        together = {name for block in self._blocks for name in block.names}
        self._alone = {name: each for name, each in tensors.items() if name not in together}
        # of all keys, in their order; whoever checks the table reads them here
        self._keys = {
            name: each[:0].clone() if name in together else each for name, each in tensors.items()
        }
        self._columns = same_type(self._keys, columns)

    @property
    def device(self) -> torch.device | None:
        """Where all of it lies; None where it is in several places."""
        devices = {each.device for each in self._alone.values()}
        devices |= {block.device for block in self._blocks}
        return devices.pop() if len(devices) == 1 else None

    def take(self, indices: Tensor, /) -> InT:
        """The rows `indices` (`[batch]`, integer, on any device), each tensor where it lies."""
        batch = self._keys.copy()
        for name, tensor in self._alone.items():
            batch[name] = tensor.index_select(0, _on(tensor.device, indices))
        for block in self._blocks:
            batch.update(zip(block.names, block.take(_on(block.device, indices)), strict=True))
        return same_type(batch, self._columns)

    def between(self, start: int, stop: int, /) -> InT:
        """The rows from `start` to before `stop`: what `take` gives for them, for less."""
        batch = self._keys.copy()
        stop = min(stop, self._n_rows)
        for name, tensor in self._alone.items():
            batch[name] = _copied(tensor, start, stop)
        for block in self._blocks:
            batch.update(zip(block.names, block.between(start, stop), strict=True))
        return same_type(batch, self._columns)

    def __len__(self) -> int:
        return self._n_rows


def is_table(dataset: BatchDataset[InT]) -> TypeGuard[TensorTable[InT]]:
    return isinstance(dataset, TensorTable)


def _on(device: torch.device, indices: Tensor) -> Tensor:
    return indices if indices.device == device else indices.to(device)


def _copied(tensor: Tensor, start: int, stop: int) -> Tensor:
    """Consecutive rows; where they lie in one piece, in little more than the time of a slice."""
    if type(tensor) is Tensor and tensor.layout is torch.strided and tensor.is_contiguous():
        return torch.narrow_copy(tensor, 0, start, stop - start)
    return tensor.index_select(0, torch.arange(start, stop, device=tensor.device))


def _tensors_of(columns: object) -> dict[str, Tensor]:
    problems: list[str] = []
    tensors: dict[str, Tensor] = {}
    if not is_plain_dict(columns):
        problems.append(f"columns must be a dict of tensors, got {type(columns).__name__}")
    elif not columns:
        problems.append("columns must have at least one key, got an empty dict")
    else:
        for name, column in columns.items():
            if not isinstance(column, Tensor):
                problems.append(
                    f"{name} must be a tensor, got {type(column).__name__}; "
                    f"torch.as_tensor makes one of arrays and lists"
                )
            elif not column.dim():
                problems.append(
                    f"{name} must have the shape [rows, ...], got a tensor without rows"
                )
            else:
                tensors[str(name)] = column
    if len({tensor.shape[0] for tensor in tensors.values()}) > 1:
        counts = ", ".join(f"{name} has {tensor.shape[0]}" for name, tensor in tensors.items())
        problems.append(f"all tensors must have the same number of rows: {counts}")
    if problems:
        raise ConfigurationError("TensorTable: " + "; ".join(problems))
    return tensors
