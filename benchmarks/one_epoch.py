"""Where the time of an epoch goes: the same epoch with more and more of it done, each in turn.

Each line is the difference to the way before: no profiler, whose own cost would be in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import final

import torch
from torch import nn

from artifact_torch import DataLoader, EpochBoundStopper, OptimizerStep, TensorTable, Trainer
from benchmarks.loop.task import (
    LEARNING_RATE,
    SMOKE,
    USUAL,
    Net,
    Out,
    Rows,
    Size,
    Updates,
    batches_of,
)
from benchmarks.measuring import Effort, Row, compared, seconds

N_EPOCHS = 3


@final
class Epochs:
    """Some epochs on one table, done to a certain depth."""

    def __init__(self, size: Size) -> None:
        self._size = size
        n_rows = size.batch_size * size.n_batches
        self._rows = Rows(x=torch.randn(n_rows, size.width), target=torch.randn(n_rows, size.width))
        self._net = Net(size)
        self._adam = partial(torch.optim.Adam, lr=LEARNING_RATE)
        self._optimizer: Updates = _made(self._adam, self._net)

    def _batches(self) -> Iterator[Rows]:
        x, target = self._rows["x"], self._rows["target"]
        for _ in range(N_EPOCHS):
            for rows in batches_of(torch.randperm(len(x)), self._size.batch_size):
                yield Rows(x=x.index_select(0, rows), target=target.index_select(0, rows))

    def load(self) -> None:
        for _ in self._batches():
            pass

    def forward(self) -> None:
        for batch in self._batches():
            self._net(batch)

    def backward(self) -> None:
        for batch in self._batches():
            self._optimizer.zero_grad()
            output: Out = self._net(batch)
            torch.autograd.backward(output["loss"])

    def by_hand(self) -> None:
        for batch in self._batches():
            self._optimizer.zero_grad()
            output: Out = self._net(batch)
            torch.autograd.backward(output["loss"])
            self._optimizer.step()

    def trained(self, folder: Path | None = None) -> None:
        """By the trainer; with a folder, recorded and saved after each epoch."""
        loader = DataLoader(TensorTable(self._rows), batch_size=self._size.batch_size, shuffle=True)
        Trainer(
            OptimizerStep(self._net, optimizer=self._adam, device="cpu"),
            train_loader=loader,
            stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
            run_folder=folder,
            progress=False,
        ).train()

    def recorded(self) -> None:
        with TemporaryDirectory() as folder:
            self.trained(Path(folder))


def _made(adam: Callable[[Iterable[nn.Parameter]], Updates], net: Net) -> Updates:
    return adam(net.parameters())


def measure(effort: Effort) -> Sequence[Row]:
    size = SMOKE if effort.tiny else USUAL
    epochs = Epochs(size)
    ways: Mapping[str, Callable[[], None]] = {
        "batches, by index_select": epochs.load,
        "forward": epochs.forward,
        "backward": epochs.backward,
        "Adam": epochs.by_hand,
        "the trainer, its build and its checks included": epochs.trained,
        "run folder, and a checkpoint each epoch": epochs.recorded,
    }
    times = compared(
        {name: partial(seconds, way) for name, way in ways.items()}, effort.n_rounds
    ).times
    whole = median(times["run folder, and a checkpoint each epoch"])
    names = [*times]
    more = [median(times[names[0]])]
    for before, name in pairwise(names):
        more.append(median(b - a for a, b in zip(times[before], times[name], strict=True)))
    return [
        Row(
            what=f"an epoch of {size.n_batches} steps, all included",
            value=whole / N_EPOCHS * 1e3,
            unit="ms",
            ratio=1.0,
        ),
        *(
            Row(what=f"of it {name}", value=each / N_EPOCHS * 1e3, unit="ms", ratio=each / whole)
            for name, each in zip(names, more, strict=True)
        ),
    ]
