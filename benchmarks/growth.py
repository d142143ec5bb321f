"""How cost grows with rows, columns, categories, parameters, epochs and callbacks.

Each line is of one size; its ratio is to the smallest of its kind, so that a ratio that grows as
the size does is linear, and one that stays is constant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import final

import pandas as pd
import torch
from torch import Tensor

from artifact_torch import (
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    TrainLoss,
    steps,
)
from artifact_torch.tables import TableCodec, infer_spec
from benchmarks.data_path import columns, table_of
from benchmarks.loop.task import SMOKE, Net, Out, Rows, Size
from benchmarks.measuring import Effort, Row, compared, seconds

BATCH_SIZE = 512
WIDTH = 1_000


@final
@dataclass(frozen=True, kw_only=True)
class Axis:
    """Something that can be small or large; `make` readies one size and gives what times a unit."""

    what: str
    sizes: Sequence[int]
    make: Callable[[int], Callable[[], float]]
    scale: float
    unit: str


def measure(effort: Effort) -> Sequence[Row]:
    return [row for axis in AXES for row in _rows(axis, effort)]


def _rows(axis: Axis, effort: Effort) -> Iterator[Row]:
    """Ours alone, so that no size is made smaller by the one before."""
    sizes = axis.sizes[:1] if effort.tiny else axis.sizes
    ways = {f"{size:,}": axis.make(size) for size in sizes}
    found = compared(ways, min(effort.n_rounds, 3))
    for name in ways:
        yield found.row(name, what=axis.what.format(name), scale=axis.scale, unit=axis.unit)


def of_rows(n_rows: int) -> Callable[[], float]:
    return _a_batch({"x": torch.randn(n_rows, 12)})


def of_columns(n_columns: int) -> Callable[[], float]:
    return _a_batch(columns(torch.randn(20 * BATCH_SIZE, n_columns)))


def _a_batch(table: dict[str, Tensor]) -> Callable[[], float]:
    """Of a pass in a random order, whose drawing is shared out."""
    loader = DataLoader(table_of(table), batch_size=BATCH_SIZE, shuffle=True)

    def drain() -> None:
        for _ in loader.batches(1):
            pass

    return lambda: seconds(drain) / len(loader)


def of_categories(n_categories: int) -> Callable[[], float]:
    """A row of one column."""
    n_rows = max(200_000, n_categories)
    names = [f"category {n % n_categories}" for n in range(n_rows)]
    table = pd.DataFrame({"column": pd.Series(names, dtype=object)})
    codec = TableCodec.fit(table, infer_spec(table).with_kinds(column="category"))
    return lambda: seconds(lambda: codec.encode(table)) / n_rows


def _layers(n_parameters: int) -> Size:
    width = min(WIDTH, round(n_parameters**0.5))
    n_layers = max(1, n_parameters // width**2)
    return Size(name="", width=width, n_layers=n_layers, batch_size=64, n_batches=1)


def _one_step(size: Size) -> tuple[OptimizerStep[Rows, Out], Rows]:
    net = Net(size)
    some = torch.randn(size.batch_size, size.width)
    return OptimizerStep(net, optimizer=torch.optim.Adam, device="cpu"), Rows(x=some, target=some)


def of_parameters(n_parameters: int) -> Callable[[], float]:
    """A step."""
    step, batch = _one_step(_layers(n_parameters))
    return lambda: seconds(lambda: [step.update(batch) for _ in range(3)]) / 3


def of_epoch_ends(n_parameters: int) -> Callable[[], float]:
    """The end of an epoch, at which all parameters are looked at."""
    step, batch = _one_step(_layers(n_parameters))

    def spent() -> float:
        step.update(batch)
        return seconds(step.end_epoch)

    return spent


def of_epochs(n_epochs: int) -> Callable[[], float]:
    """One of them, of a single batch, recorded."""

    def spent() -> float:
        with TemporaryDirectory() as folder:
            trainer = _trainer(n_epochs=n_epochs, n_callbacks=0, n_batches=1, folder=folder)
            return seconds(trainer.train) / n_epochs

    return spent


def of_callbacks(n_callbacks: int) -> Callable[[], float]:
    """A step with so many of them attached."""

    def spent() -> float:
        trainer = _trainer(n_epochs=1, n_callbacks=n_callbacks, n_batches=2_000, folder=None)
        return seconds(trainer.train) / 2_000

    return spent


def _trainer(
    *, n_epochs: int, n_callbacks: int, n_batches: int, folder: str | None
) -> Trainer[Rows, Out]:
    some = torch.randn(n_batches * SMOKE.batch_size, SMOKE.width)
    loader = DataLoader(TensorTable(Rows(x=some, target=some)), batch_size=SMOKE.batch_size)
    return Trainer(
        OptimizerStep(Net(SMOKE), optimizer=torch.optim.Adam, device="cpu"),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        callbacks=[TrainLoss(f"loss_{n}", every=steps(10**9)) for n in range(n_callbacks)],
        run_folder=folder,
        checkpoint_every=10**6,
        progress=False,
    )


AXES = (
    Axis(
        what="a batch of 512, of {} rows x 12",
        sizes=(1_000, 100_000, 10_000_000),
        make=of_rows,
        scale=1e6,
        unit="us",
    ),
    Axis(
        what="a batch of 512, of {} tensors",
        sizes=(10, 100, 1_000),
        make=of_columns,
        scale=1e6,
        unit="us",
    ),
    Axis(
        what="a row encoded, of {} categories",
        sizes=(10, 1_000, 100_000),
        make=of_categories,
        scale=1e9,
        unit="ns",
    ),
    Axis(
        what="a step of {} parameters, 64 rows",
        sizes=(10_000, 1_000_000, 30_000_000),
        make=of_parameters,
        scale=1e3,
        unit="ms",
    ),
    Axis(
        what="the end of an epoch, {} parameters",
        sizes=(10_000, 1_000_000, 30_000_000),
        make=of_epoch_ends,
        scale=1e3,
        unit="ms",
    ),
    Axis(
        what="an epoch of one step, of {} epochs",
        sizes=(10, 100, 1_000),
        make=of_epochs,
        scale=1e3,
        unit="ms",
    ),
    Axis(
        what="a step with {} callbacks that see each batch",
        sizes=(1, 10, 100),
        make=of_callbacks,
        scale=1e6,
        unit="us",
    ),
)
