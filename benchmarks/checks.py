"""What the run-time checks cost: once at build, and nothing per step after the first three.

Run: `make bench`.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import torch

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
)
from artifact_torch.checking import check_contract
from artifact_torch.contracts import BatchSource, Model
from artifact_torch.trainer.checks.first_values import Declared, FirstCalls
from benchmarks.loop import ADAM, Out, Rows, Small, loader, model

N_ROUNDS = 30


def milliseconds(function: Callable[[], object]) -> float:
    """The median over the rounds."""
    times: list[float] = []
    for _ in range(N_ROUNDS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def build(net: Small, batches: BatchSource[Rows]) -> Trainer[Rows, Out]:
    """A trainer with a routine, as most are; it checks what its step and routine are made of too."""
    return Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=batches,
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(batches, scores=[LossCallback("loss")])],
        progress=False,
    )


def calls_after_warm_up(*, checked: bool) -> float:
    """Milliseconds for 10,000 calls that do nothing, the checked ones left out."""
    batch, output = Rows(x=torch.zeros(1, 64)), Out(loss=torch.zeros(()))

    def forward(_batch: Rows) -> Out:
        return output

    declare = partial(Declared, [("model", model(), Model)], fixed=set(), sizes={})
    first = FirstCalls[Rows, Out](forward, declare, debug=False)
    if not checked:
        first.call = forward
    for _ in range(3):
        first.call(batch)
    start = time.perf_counter()
    for _ in range(10_000):
        first.call(batch)
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    """Print the table."""
    net = model()
    print(f"medians of {N_ROUNDS} rounds")
    print(
        f"check_contract(model, Model)  {milliseconds(partial(check_contract, net, Model)):8.2f} ms"
    )
    print(f"Trainer(...), all checks      {milliseconds(partial(build, net, loader())):8.2f} ms")
    for checked in (False, True):
        spent = statistics.median(calls_after_warm_up(checked=checked) for _ in range(N_ROUNDS))
        what = "first three checked" if checked else "nothing checked"
        print(f"a call after warm-up, {what:20} {spent / 10:8.3f} microseconds")


if __name__ == "__main__":
    main()
