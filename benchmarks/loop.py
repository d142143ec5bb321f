"""The trainer's loop against the same loop written by hand: seconds per step, as a ratio.

Both run in one process, in turn, on the same model, batches and seed; the median over the rounds
is printed, and both must end with the same weights bit for bit. Run: `make bench`.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from tempfile import mkdtemp
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    GradientNorm,
    LearningRate,
    LossCallback,
    OptimizerStep,
    ParameterNorm,
    PeakMemory,
    StepBoundStopper,
    TensorTable,
    TimeBoundStopper,
    Trainer,
    TrainLoss,
    WatchActivations,
    WatchGradients,
    minutes,
    steps,
)
from artifact_torch.contracts import Optimizer
from artifact_torch.inside import Mean, Norm, each

N_ROWS, BATCH_SIZE, N_EPOCHS, N_ROUNDS, WIDTH = 32_768, 64, 2, 9, 64


class Rows(TypedDict):
    x: Tensor  # [batch, WIDTH]


class Out(TypedDict):
    loss: Tensor  # []


class Small(nn.Module):
    """Small enough that a loop's own cost would show."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, WIDTH)

    def forward(self, rows: Rows) -> Out:
        """The mean square of one linear layer."""
        predicted: Tensor = self.layer(rows["x"])
        return Out(loss=predicted.square().mean())


ADAM = partial(torch.optim.Adam, lr=1e-3)


def model() -> Small:
    """The same weights at each call."""
    torch.default_generator.manual_seed(0)
    return Small()


def loader() -> DataLoader[Rows]:
    """The same batches at each call."""
    table = torch.randn(N_ROWS, WIDTH, generator=torch.Generator().manual_seed(0))
    return DataLoader(TensorTable(Rows(x=table)), batch_size=BATCH_SIZE, shuffle=True, seed=0)


def by_hand(net: Small, batches: DataLoader[Rows], optimizer: Optimizer) -> None:
    """What a researcher writes."""
    for epoch in range(1, N_EPOCHS + 1):
        net.train()
        for batch in batches.batches(epoch):
            optimizer.zero_grad()
            output: Out = net(batch)
            torch.autograd.backward(output["loss"])
            optimizer.step()


def seconds_by_hand() -> tuple[float, Tensor]:
    """Seconds for all steps, and the weights after."""
    net = model()
    batches, optimizer = loader(), ADAM(net.parameters())
    start = time.perf_counter()
    by_hand(net, batches, optimizer)
    return time.perf_counter() - start, net.layer.weight.detach()


def attached(net: Small) -> Trainer[Rows, Out]:
    """A trainer with a part of every kind, none of which is due within an epoch."""
    far = steps(10**9)
    return Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=loader(),
        stop=[
            EpochBoundStopper(max_n_epochs=N_EPOCHS),
            StepBoundStopper(max_n_steps=10**9),
            TimeBoundStopper(max_minutes=10**6),
        ],
        checkpointer=FolderCheckpointer(mkdtemp(), every=minutes(10**6)),
        callbacks=[
            LearningRate(every=far),
            GradientNorm(every=far),
            ParameterNorm(every=far),
            PeakMemory(every=far),
            WatchActivations("means", each(Mean), net, every=far),
            WatchGradients("gradients", each(Norm), net, every=far),
        ],
        routines=[DataLoaderRoutine(loader(), scores=[LossCallback("loss")], every=far)],
        sanity=False,
        progress=False,
    )


def bare(net: Small) -> Trainer[Rows, Out]:
    """A trainer with nothing but what it needs."""
    return Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
        progress=False,
    )


def seen(net: Small) -> Trainer[Rows, Out]:
    """One callback that sees every batch."""
    return Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
        callbacks=[TrainLoss(every=steps(10**9))],
        progress=False,
    )


def seconds_by(make: Callable[[Small], Trainer[Rows, Out]]) -> tuple[float, Tensor]:
    """The epochs through a trainer, without what happens at their ends."""
    net = model()
    trainer = make(net)
    return trainer.train().seconds.training, net.layer.weight.detach()


def main() -> None:
    """Print the table."""
    makes = {"trainer": bare, "nothing due": attached, "train loss": seen}
    hand: list[float] = []
    ours: dict[str, list[float]] = {name: [] for name in makes}
    for _ in range(N_ROUNDS):
        seconds, expected = seconds_by_hand()
        hand.append(seconds)
        for name, make in makes.items():
            seconds, weights = seconds_by(make)
            ours[name].append(seconds)
            assert torch.equal(weights, expected)
    n_steps = N_EPOCHS * (N_ROWS // BATCH_SIZE)
    print(f"{n_steps} steps, {N_ROUNDS} rounds, medians")
    print(f"by hand      {statistics.median(hand) / n_steps * 1e6:7.1f} microseconds per step")
    for name, times in ours.items():
        each_step = statistics.median(times) / n_steps * 1e6
        to_hand = statistics.median(a / b for a, b in zip(times, hand, strict=True))
        more = [(a - b) / n_steps * 1e6 for a, b in zip(times, ours["trainer"], strict=True)]
        print(
            f"{name:12} {each_step:7.1f} microseconds per step, {to_hand:.3f} of by hand, "
            f"{statistics.median(more):+.1f} microseconds to the bare trainer"
        )


if __name__ == "__main__":
    main()
