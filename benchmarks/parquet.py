"""A table in Parquet against the same table in memory: seconds a batch as ratios, and peak memory.

Whole epochs, in turn, in one process: of the file everything is counted that an epoch costs, the
first read included; of memory the permutation too. Run: `python -m benchmarks.parquet [ROWS]`; with
50,000,000 rows it needs 7 GB of disk and 5 of memory.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict

import torch
from torch import Tensor

from artifact_torch import DataLoader, ParquetColumns, ParquetLoader, TensorTable
from artifact_torch.contracts import BatchSource

N_ROWS, N_COLUMNS, N_ROUNDS, PART = 4_000_000, 20, 3, 1_048_576
NAMES = [f"x{number}" for number in range(N_COLUMNS)]
COMPRESSIONS = ("none", "snappy", "zstd")
STEP_SECONDS, N_STEPS = 0.0003, 20_000


class Rows(TypedDict):
    x: Tensor  # [batch, N_COLUMNS]


def rows(columns: ParquetColumns) -> Rows:
    """All columns as one matrix."""
    return Rows(x=columns.matrix(NAMES))


def write(path: Path, compression: str, n_rows: int, row_group_size: int) -> None:
    """In row groups of `row_group_size`: with two digits, as measured values have, which becomes a
    dictionary; without compression with all digits, which nothing makes smaller.
    """
    pyarrow: Any = import_module("pyarrow")  # Any: it has no types
    parquet: Any = import_module("pyarrow.parquet")
    schema = pyarrow.schema([(name, pyarrow.float32()) for name in NAMES])
    generator = torch.Generator().manual_seed(0)
    with parquet.ParquetWriter(path, schema, compression=compression) as writer:
        for start in range(0, n_rows, PART):
            n = min(PART, n_rows - start)
            values = [torch.randn(n, generator=generator) for _ in NAMES]
            if compression != "none":
                values = [each.mul(100).round().div(100) for each in values]
            table = pyarrow.table([each.numpy() for each in values], schema=schema)
            writer.write_table(table, row_group_size=row_group_size)


def parquet_loader(path: Path, batch_size: int) -> ParquetLoader[Rows]:
    """As a user would write it."""
    return ParquetLoader(path, rows, batch_size=batch_size, shuffle=True)


def seconds(loader: BatchSource[Rows], epoch: int, step: Callable[[], None]) -> tuple[float, float]:
    """Of one batch: on the wall, and of all cores together."""
    wall, cpu = time.perf_counter(), time.process_time()
    n_batches = 0
    for batch in loader.batches(epoch):
        n_batches += 1
        step()
        del batch
        if n_batches == N_STEPS and step is computing:
            break
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall / n_batches, cpu / n_batches


def nothing() -> None:
    """A step that takes no time: the reader is what is waited for."""


def computing() -> None:
    """A step of `STEP_SECONDS` that holds this core, and not the interpreter for long."""
    end = time.perf_counter() + STEP_SECONDS
    while time.perf_counter() < end:
        _MATRIX.mm(_MATRIX)


_MATRIX = torch.randn(128, 128)


def compare(folder: Path, n_rows: int) -> None:
    """One line for each compression, batch size and step."""
    table = torch.empty(n_rows, N_COLUMNS)
    for start in range(0, n_rows, PART):
        table[start : start + PART].normal_()
    for batch_size in (512, 4096):
        memory = DataLoader(TensorTable(Rows(x=table)), batch_size=batch_size, shuffle=True, seed=0)
        for compression in COMPRESSIONS:
            loader = parquet_loader(folder / f"{compression}.parquet", batch_size)
            for step in (nothing, computing) if batch_size == 512 else (nothing,):
                report(f"{compression} {batch_size} {step.__name__}", loader, memory, step)


def report(
    name: str, loader: BatchSource[Rows], memory: BatchSource[Rows], step: Callable[[], None]
) -> None:
    """Medians over the rounds, and of the ratios of each round."""
    pairs = [
        (seconds(loader, epoch, step), seconds(memory, epoch, step))
        for epoch in range(1, N_ROUNDS + 1)
    ]
    ours, theirs, ratios = (
        [statistics.median(each[kind] for each in column) for kind in (0, 1)]
        for column in (
            [file for file, _ in pairs],
            [table for _, table in pairs],
            [(file[0] / table[0], file[1] / table[1]) for file, table in pairs],
        )
    )
    print(
        f"{name:24} wall {ours[0] * 1e6:7.1f} / {theirs[0] * 1e6:7.1f} us = {ratios[0]:.2f}   "
        f"cpu {ours[1] * 1e6:7.1f} / {theirs[1] * 1e6:7.1f} us = {ratios[1]:.2f}",
        flush=True,
    )


def peak(path: str, n_batches: int) -> None:
    """In a process of its own: what importing takes, and the most that an epoch took, in MiB."""
    import_module("pyarrow.parquet")
    before = most_memory()
    for number, _ in enumerate(parquet_loader(Path(path), 512).batches(1), 1):
        if number == n_batches:
            break
    print(f"peak {most_memory()} MiB, of which {before} by imports alone", flush=True)


def most_memory() -> int:
    """Of this program alone: `ru_maxrss` has that of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main(n_rows: int) -> None:
    """All of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for compression in COMPRESSIONS:
            path = folder / f"{compression}.parquet"
            write(path, compression, n_rows, row_group_size=1_048_576)
            print(f"{compression}: {path.stat().st_size >> 20} MiB, ", end="", flush=True)
            program = [sys.executable, "-m", "benchmarks.parquet", str(path), str(n_rows)]
            subprocess.run(program, check=True)  # noqa: S603  (our own program)
        compare(folder, n_rows)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [path, n_batches]:
            peak(path, int(n_batches))
        case [n_rows]:
            main(int(n_rows))
        case _:
            main(N_ROWS)
