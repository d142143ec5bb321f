"""The trainer's loop against the same loop written by hand: seconds per step, as a ratio.

Both run in one process, in turn, on the same model, batches and seed; the median over the rounds
is printed, and both must end with the same weights bit for bit. Run: `make bench`.
"""

import statistics
import time
from functools import partial
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import DataLoader, EpochBoundStopper, OptimizerStep, TensorTable, Trainer
from artifact_torch.contracts import Optimizer

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


def seconds_by_trainer() -> tuple[float, Tensor]:
    """The same through the trainer."""
    net = model()
    trainer = Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
        progress=False,
    )
    start = time.perf_counter()
    trainer.train()
    return time.perf_counter() - start, net.layer.weight.detach()


def main() -> None:
    """Print the table."""
    hand: list[float] = []
    ours: list[float] = []
    for _ in range(N_ROUNDS):
        seconds, expected = seconds_by_hand()
        hand.append(seconds)
        seconds, weights = seconds_by_trainer()
        ours.append(seconds)
        assert torch.equal(weights, expected)
    steps = N_EPOCHS * (N_ROWS // BATCH_SIZE)
    ratios = [a / b for a, b in zip(ours, hand, strict=True)]
    print(f"{steps} steps, {N_ROUNDS} rounds, medians")
    print(f"by hand  {statistics.median(hand) / steps * 1e6:7.1f} microseconds per step")
    print(f"trainer  {statistics.median(ours) / steps * 1e6:7.1f} microseconds per step")
    print(f"ratio    {statistics.median(ratios):7.3f}")


if __name__ == "__main__":
    main()
