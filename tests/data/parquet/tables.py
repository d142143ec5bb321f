"""Files for the tests next to it, and what the programs in them make of them."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor

from artifact_torch import ParquetColumns

pyarrow: Any = import_module("pyarrow")  # Any: it has no types
parquet: Any = import_module("pyarrow.parquet")


class Rows(TypedDict):
    id: Tensor  # [batch]
    x: Tensor  # [batch, 2]


def write(
    path: Path, columns: Mapping[str, object], *, row_group_size: int = 10, **options: object
) -> Path:
    """A file with these columns: lists, numpy arrays or pyarrow's own."""
    parquet.write_table(pyarrow.table(columns), path, row_group_size=row_group_size, **options)
    return path


def numbered(path: Path, ids: Sequence[int], *, row_group_size: int = 10) -> Path:
    """Rows that are known by their `id`; `a` is half of it, `b` a third."""
    columns = {
        "id": pyarrow.array(ids, type=pyarrow.int64()),
        "a": pyarrow.array([each / 2 for each in ids], type=pyarrow.float32()),
        "b": pyarrow.array([each / 3 for each in ids], type=pyarrow.float32()),
    }
    return write(path, columns, row_group_size=row_group_size)


def rows(columns: ParquetColumns) -> Rows:
    """The columns of `numbered`."""
    return Rows(id=columns.column("id"), x=columns.matrix(["a", "b"]))


def expected(ids: Tensor) -> Tensor:
    """What `x` is for these rows."""
    return torch.stack([ids.double() / 2, ids.double() / 3], dim=1).float()


def listed(tensor: Tensor) -> list[int]:
    """The numbers in it; torch leaves open which."""
    numbers: list[int] = tensor.detach().numpy().tolist()
    return numbers
