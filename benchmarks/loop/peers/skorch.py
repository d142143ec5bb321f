"""skorch: its net without callbacks and without a split for validation."""

from collections.abc import Iterator
from importlib import import_module
from typing import final

import torch
from torch import Tensor

from benchmarks.loop.task import LEARNING_RATE, Repeated, Task


@final
class _Pairs:
    """(input, target), which is what skorch asks of an iterator."""

    def __init__(self, batches: Repeated) -> None:
        self._batches = batches

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return ((batch["x"], batch["target"]) for batch in self._batches)


def train(task: Task) -> None:
    pairs = _Pairs(Repeated(task.source))

    def iterator(dataset: object, **options: object) -> _Pairs:
        del dataset, options
        return pairs

    net = import_module("skorch").NeuralNet(
        task.net.layers,
        criterion=torch.nn.MSELoss,
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        max_epochs=task.n_epochs,
        iterator_train=iterator,
        train_split=None,
        callbacks="disable",
        verbose=0,
    )
    some = torch.zeros(1, 1)
    net.fit(some, some)  # the rows come from the iterator
