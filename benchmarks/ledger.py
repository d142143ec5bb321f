"""What a ledger costs a step: digests of the batch, the gradients and all parameters, exactly.

The same updates without a ledger and with one, some at a time in turn; and what each kind of digest
takes of the tensors of one update, by themselves and with warm caches.
"""

import hashlib
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ctypes import Array, c_char
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import torch
from torch import Tensor

from artifact_torch import OptimizerStep, RunFolder
from artifact_torch.trainer.digests import Crc, Sums, feed, hashing
from artifact_torch.trainer.loop.ledger_updates import LedgerUpdates
from benchmarks.loop.task import SMOKE, USUAL, Out, Rows, Size, Task, by_hand, task_of
from benchmarks.measuring import Effort, Row, compared, seconds

MILLISECOND = Size(name="step of 1 ms", width=128, n_layers=4, batch_size=128, n_batches=250)
LARGE_BATCHES = Size(
    name="step of 1 ms, large batches", width=64, n_layers=2, batch_size=1024, n_batches=120
)
GOAL = 1.01
_XXHASH = "xxh3_128"
_N_AT_ONCE = 20


def measure(effort: Effort) -> Sequence[Row]:
    torch.set_num_threads(1)
    sizes = [SMOKE] if effort.tiny else [USUAL, MILLISECOND, LARGE_BATCHES]
    rows = [row for size in sizes for row in _trained(size, effort)]
    return [*rows, *_digested(sizes[-1 if effort.tiny else 1], effort)]


def _trained(size: Size, effort: Effort) -> list[Row]:
    """The same step goes on, some updates at a time: what slows the machine down slows all ways."""
    task = task_of(size)
    step = OptimizerStep(task.net, optimizer=task.adam, device="cpu")
    batches = [*task.source.batches(1)][:_N_AT_ONCE]
    name, _ = hashing()
    with TemporaryDirectory() as folder, ExitStack() as open_ones:
        kept = {f"a ledger, {name}": _opened(Path(folder) / name, step, open_ones)}
        if name == _XXHASH:
            with patch("artifact_torch.trainer.digesting.hashing", lambda: ("crc32", Crc)):
                kept["a ledger, crc32 (no xxhash)"] = _opened(Path(folder) / "c", step, open_ones)
        ways = {"no ledger": partial(_block, step, batches, None)}
        ways |= {way: partial(_block, step, batches, updates) for way, updates in kept.items()}
        times = compared(ways, effort.of(10 * effort.n_rounds, 2))
    return [
        times.row(
            way,
            what=f"{size.name}: {way}",
            scale=1e6 / len(batches),
            unit="us",
            goal=GOAL if _XXHASH in way else None,
        )
        for way in ways
    ]


def _opened(folder: Path, step: OptimizerStep[Rows, Out], until: ExitStack) -> LedgerUpdates:
    updates = LedgerUpdates(RunFolder(folder), step)
    updates.begin()
    until.callback(updates.end)
    return updates


def _block(
    step: OptimizerStep[Rows, Out], batches: Sequence[Rows], kept: LedgerUpdates | None
) -> float:
    """Seconds of an update of each batch; the ledger sees it as the trainer has it see."""
    update = step.update if kept is None else kept.around(step.update)
    start = time.process_time()
    for batch in batches:
        n_steps = step.n_steps
        output = update(batch)
        if kept is not None:
            kept.on_batch(n_steps + 1, batch, output)
        del output
    return time.process_time() - start


def _digested(size: Size, effort: Effort) -> list[Row]:
    """Each way over the same tensors: those of one update."""
    task: Task = task_of(size)
    by_hand(task)
    parameters = [each.detach() for each in task.net.parameters()]
    gradients = [found for each in task.net.parameters() if (found := each.grad) is not None]
    batch = next(iter(task.source.batches(1)))
    tensors = [batch["x"], batch["target"], *gradients, *parameters]
    n_bytes = sum(each.numel() * each.element_size() for each in tensors)
    n = effort.of(200, 2)
    rows: list[Row] = []
    for name, way in _ways().items():
        each = compared({name: partial(_repeated, way, tensors, n)}, effort.n_rounds)
        what = f"{n_bytes / 1e3:,.0f} kB in {len(tensors)} tensors: {name}"
        rows.append(Row(what=what, value=each.median(name) * 1e6 / n, unit="us"))
    return rows


def _repeated(
    way: Callable[[Sequence[Tensor]], object], tensors: Sequence[Tensor], n: int
) -> float:
    return seconds(lambda: [way(tensors) for _ in range(n)])


def _bytes(tensor: Tensor) -> "Array[c_char]":
    size = tensor.numel() * tensor.element_size()
    return (c_char * size).from_address(tensor.data_ptr())


def _ways() -> Mapping[str, Callable[[Sequence[Tensor]], object]]:
    """By which it could be done; the first, or without xxhash the second, is how it is."""
    name, new = hashing()
    sums = Sums(torch.device("cpu"))

    def hashed(tensors: Sequence[Tensor]) -> None:
        feed(new(), tensors)

    def by_crc(tensors: Sequence[Tensor]) -> None:
        feed(Crc(), tensors)

    ways: dict[str, Callable[[Sequence[Tensor]], object]] = {
        name: hashed,
        "crc32": by_crc,
        "sums of words times odd numbers (accelerators)": sums.of,
        "adler32": lambda tensors: [zlib.adler32(_bytes(each)) for each in tensors],
        "blake2b": lambda tensors: [hashlib.blake2b(_bytes(each)) for each in tensors],
        "torch.hash_tensor (an xor: blind to order)": lambda tensors: [
            torch.hash_tensor(each) for each in tensors
        ],
        "sums of int64 views (blind to order)": lambda tensors: [
            each.view(-1).view(torch.int64).sum() for each in tensors
        ],
    }
    return ways
