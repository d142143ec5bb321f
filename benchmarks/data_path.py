"""A pass over the batches of a table in memory: ours beside `index_select` and torch's loader."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeGuard

import torch
import torch.utils.data as torch_data
from torch import Tensor

from artifact_torch import DataLoader, TensorTable
from artifact_torch.contracts import ModelInput
from benchmarks.loop.task import batches_of
from benchmarks.measuring import Compared, Effort, Row, timed

BATCH_SIZE = 512
N_COLUMNS = 12
MANY = 100


def measure(effort: Effort) -> Sequence[Row]:
    n_rows = effort.of(50_000, 2_000)
    table = torch.randn(n_rows, N_COLUMNS)
    wide = torch.randn(n_rows, MANY)
    sizes = f"{n_rows:,} x {N_COLUMNS}"
    return [
        *_rows(
            timed(
                {
                    "index_select": partial(_drain, lambda: selected(table)),
                    "ours": partial(_drain, _ours({"x": table}, shuffle=True)),
                    "torch's DataLoader": partial(_drain, lambda: _of_torch(table)),
                },
                effort.n_rounds,
            ),
            f"{sizes}, shuffled",
            goal=1.2,
        ),
        *_rows(
            timed(
                {
                    "slices": partial(_drain, lambda: batches_of(table, BATCH_SIZE)),
                    "ours": partial(_drain, _ours({"x": table}, shuffle=False)),
                },
                effort.n_rounds,
            ),
            f"{sizes}, in order",
        ),
        *_rows(
            timed(
                {
                    "index_select of one matrix": partial(_drain, lambda: selected(wide)),
                    "ours, one matrix": partial(_drain, _ours({"x": wide}, shuffle=True)),
                    "ours, a tensor each column": partial(
                        _drain, _ours(columns(wide), shuffle=True)
                    ),
                },
                effort.n_rounds,
            ),
            f"{n_rows:,} x {MANY}, shuffled",
        ),
    ]


def selected(table: Tensor) -> Iterator[Tensor]:
    """By hand."""
    for rows in batches_of(torch.randperm(len(table)), BATCH_SIZE):
        yield table.index_select(0, rows)


def columns(table: Tensor) -> dict[str, Tensor]:
    return {f"c{n}": column.contiguous() for n, column in enumerate(table.T)}


def table_of(tensors: dict[str, Tensor]) -> TensorTable[ModelInput]:
    """Of keys that no typed dict names."""
    assert _is_input(tensors)
    return TensorTable(tensors)


def _is_input(tensors: object) -> TypeGuard[ModelInput]:
    return isinstance(tensors, dict)


def _ours(tensors: dict[str, Tensor], *, shuffle: bool) -> Callable[[], Iterable[object]]:
    loader = DataLoader(table_of(tensors), batch_size=BATCH_SIZE, shuffle=shuffle)
    return lambda: loader.batches(1)


def _of_torch(table: Tensor) -> Iterable[object]:
    dataset = torch_data.TensorDataset(table)
    return torch_data.DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)


def _drain(batches: Callable[[], Iterable[object]]) -> None:
    for _ in batches():
        pass


def _rows(times: Compared, what: str, goal: float | None = None) -> list[Row]:
    return [
        times.row(name, what=f"{what}: {name}", scale=1e3, unit="ms", goal=goal_of)
        for name, goal_of in ((name, goal if name == "ours" else None) for name in times.times)
    ]
