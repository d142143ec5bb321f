"""The work that every loop does: the same model, the same batches, and a clock inside them.

Plain torch: also the published package, in an environment of its own, is handed this.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypedDict, final

import torch
from torch import Tensor, nn


class Updates(Protocol):
    """What a loop uses of an optimizer; torch leaves the type of `step` open."""

    def zero_grad(self) -> None: ...

    def step(self) -> object: ...


class _Splits(Protocol):
    """What is used of an index tensor; torch leaves the type of its argument open."""

    def split(self, split_size: int, /) -> Sequence[Tensor]: ...


def batches_of(order: _Splits, batch_size: int) -> Sequence[Tensor]:
    """The row numbers of each batch."""
    return order.split(batch_size)


class Rows(TypedDict):
    x: Tensor  # [batch, width]
    target: Tensor  # [batch, width]


class Out(TypedDict):
    loss: Tensor  # []


@final
@dataclass(frozen=True, kw_only=True)
class Size:
    """Of the model and its batches."""

    name: str
    width: int
    n_layers: int
    batch_size: int
    n_batches: int


LEARNING_RATE = 1e-3
TINY = Size(name="tiny step", width=64, n_layers=1, batch_size=64, n_batches=500)
"""Small enough that a loop's own cost shows."""
USUAL = Size(name="usual step", width=128, n_layers=2, batch_size=128, n_batches=250)
"""The step of a small table's model."""
SMOKE = Size(name="tiny step", width=8, n_layers=1, batch_size=8, n_batches=20)


@final
class Net(nn.Module):
    """Linear layers and the mean square of what they are off."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(size.width, size.width) for _ in range(size.n_layers))
        )

    def forward(self, rows: Rows) -> Out:
        predicted: Tensor = self.layers(rows["x"])
        return Out(loss=nn.functional.mse_loss(predicted, rows["target"]))


@final
class Source:
    """The same batches in the same order for every loop; it notes how long each epoch takes.

    From the moment an epoch's first batch is asked for until it has none left: what a loop does to
    a batch, and nothing of how it begins, ends an epoch, or comes to an end.
    """

    def __init__(self, size: Size) -> None:
        self.size: Final = size
        n_rows = size.batch_size * size.n_batches
        generator = torch.Generator().manual_seed(1)
        self._x = torch.randn(n_rows, size.width, generator=generator)
        self._target = torch.randn(n_rows, size.width, generator=generator)
        self.seconds: dict[int, float] = {}
        """Of processor time, by epoch."""

    def batches(self, epoch: int, /) -> Iterator[Rows]:
        order = torch.randperm(len(self._x), generator=torch.Generator().manual_seed(epoch))
        start = time.process_time()
        try:
            for rows in batches_of(order, self.size.batch_size):
                yield Rows(
                    x=self._x.index_select(0, rows), target=self._target.index_select(0, rows)
                )
        finally:
            self.seconds[epoch] = time.process_time() - start

    def __len__(self) -> int:
        return self.size.n_batches


@final
class Repeated:
    """The source as an iterable that is iterated once an epoch, as most loops want it.

    An epoch begins with its first batch: some loops make an iterator that they do not use.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._epoch = 0

    def __iter__(self) -> Iterator[Rows]:
        self._epoch += 1
        yield from self._source.batches(self._epoch)

    def __len__(self) -> int:
        return len(self._source)


@final
@dataclass(kw_only=True)
class Task:
    """Train `net` for `n_epochs` on `source`; the first epoch warms up and is not counted."""

    net: Net
    source: Source
    n_epochs: int = 2
    adam: Callable[[Iterable[nn.Parameter]], torch.optim.Adam] = field(
        default=partial(torch.optim.Adam, lr=LEARNING_RATE)
    )

    def optimizer(self) -> Updates:
        """Over all parameters."""
        return self.adam(self.net.parameters())

    @property
    def seconds(self) -> float:
        """Of the epochs that count."""
        return sum(self.source.seconds[epoch] for epoch in range(2, self.n_epochs + 1))


class Contender(Protocol):
    """A way to do it, in its leanest honest form."""

    def __call__(self, task: Task, /) -> None: ...


def task_of(size: Size) -> Task:
    """The same at each call."""
    torch.default_generator.manual_seed(0)
    return Task(net=Net(size), source=Source(size))


def by_hand(task: Task) -> None:
    """What a researcher writes."""
    net, optimizer = task.net, task.optimizer()
    for epoch in range(1, task.n_epochs + 1):
        net.train()
        for batch in task.source.batches(epoch):
            optimizer.zero_grad()
            output: Out = net(batch)
            torch.autograd.backward(output["loss"])
            optimizer.step()
