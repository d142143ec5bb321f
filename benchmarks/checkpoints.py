"""How long training waits for a save, beside `torch.save` of the same state.

Models with the moments of Adam; the wait of `save` where the one before is written, and the time
until it is on the disk. Then the wait over many epochs with a log that grows.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import final

import torch
from torch import nn

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment
from benchmarks.loop.task import Updates
from benchmarks.measuring import Effort, Row, compared, seconds


def state_of(n_parameters: int) -> dict[str, object]:
    """A model of square layers and its optimizer, after one update."""
    width = 1024 if n_parameters > 4_000_000 else 256
    model = nn.Sequential(*(nn.Linear(width, width) for _ in range(n_parameters // width**2)))
    optimizer = torch.optim.Adam(model.parameters())
    torch.autograd.backward(model(torch.ones(1, width)).sum())
    _update(optimizer)
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "log": []}


def _update(optimizer: Updates) -> None:
    optimizer.step()


def measure(effort: Effort) -> Sequence[Row]:
    with TemporaryDirectory() as folder:
        sizes = (100_000,) if effort.tiny else (500_000, 60_000_000)
        rows = [row for n in sizes for row in _of_size(n, Path(folder) / str(n), effort)]
        return [*rows, *_over_epochs(effort.of(50_000, 200), Path(folder) / "epochs")]


@final
class _Saves:
    """One save after another; each is on the disk before the next one."""

    def __init__(self, folder: Path, state: Mapping[str, object]) -> None:
        self._state = state
        self._checkpointer = FolderCheckpointer(folder, keep=2)
        self._checkpointer.begin(0, state)
        self._n_done = 0
        self.waits: list[float] = []

    def to_disk(self) -> float:
        """Seconds until it is there; of those, training waited the first `waits`."""
        self._n_done += 1
        moment = Moment(epoch=self._n_done, step=self._n_done)
        start = time.perf_counter()
        self._checkpointer.save(moment, self._state)
        self.waits.append(time.perf_counter() - start)
        self._checkpointer.drain(600)
        return time.perf_counter() - start


def _of_size(n_parameters: int, folder: Path, effort: Effort) -> list[Row]:
    state = state_of(n_parameters)
    saves = _Saves(folder, state)

    def plain() -> None:
        torch.save(state, folder / "plain.bin")

    found = compared(
        {"torch.save": lambda: seconds(plain, time.perf_counter), "on the disk": saves.to_disk},
        min(effort.n_rounds, 5),
    )
    what = f"{n_parameters / 1e6:g} M parameters"
    base = found.median("torch.save")
    wait = median(saves.waits[1:])
    return [
        found.row("torch.save", what=f"{what}: torch.save", scale=1e3, unit="ms"),
        Row(what=f"{what}: training waits", value=wait * 1e3, unit="ms", ratio=wait / base),
        found.row("on the disk", what=f"{what}: synced to the disk", scale=1e3, unit="ms"),
    ]


def _over_epochs(n_epochs: int, folder: Path) -> list[Row]:
    """As the log grows by a row an epoch, the first ten and the last ten of a hundred saves."""
    state = state_of(100_000)
    log: list[object] = []
    checkpointer = FolderCheckpointer(folder)
    checkpointer.begin(0, {**state, "log": log})
    waits: list[float] = []
    for epoch in range(1, n_epochs + 1):
        log.append({"epoch": epoch, "step": epoch, "loss": 1 / epoch})
        if epoch % (n_epochs // 100) == 0:
            moment = Moment(epoch=epoch, step=epoch)
            waits.append(
                seconds(lambda: checkpointer.save(moment, {**state, "log": log}), time.perf_counter)  # noqa: B023
            )
            checkpointer.drain(600)
    first, last = median(waits[:10]), median(waits[-10:])
    return [
        Row(what="after the first epochs: training waits", value=first * 1e3, unit="ms", ratio=1.0),
        Row(
            what=f"after {n_epochs:,} epochs: training waits",
            value=last * 1e3,
            unit="ms",
            ratio=last / first,
        ),
    ]
