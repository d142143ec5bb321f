"""A table that lies in memory as tensors, and gives whole batches."""

from typing import Generic, final

from torch import Tensor

from artifact_torch.contracts.io import InT
from artifact_torch.data.batches.structure import same_type
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_plain_dict


@final
class TensorTable(Generic[InT]):
    """A dataset made of one typed dict of tensors, each `[rows, ...]`: `TensorTable(VAEInput(...))`.

    A `BatchDataset`: a batch costs one `index_select` per tensor and nothing per row. The tensors
    are not copied, so they may lie on the accelerator. A batch always is a copy, also of
    consecutive rows, where torch copies as fast as it slices and copies: a model that changes its
    input in place must not change the table.

    Raises ConfigurationError, with all problems at once, unless there is a key, each value is a
    tensor with at least one dimension, and all first dimensions are equal.
    """

    def __init__(self, columns: InT) -> None:
        self._columns = columns
        self._tensors = _tensors_of(columns)
        self._n_rows = next(iter(self._tensors.values())).shape[0]

    def take(self, indices: Tensor, /) -> InT:
        """The rows `indices` (`[batch]`, integer, on any device), each tensor where it lies."""
        batch = {
            name: tensor.index_select(0, indices.to(tensor.device))
            for name, tensor in self._tensors.items()
        }
        return same_type(batch, self._columns)

    def __len__(self) -> int:
        return self._n_rows


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
