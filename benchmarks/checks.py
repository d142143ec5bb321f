"""What the run-time checks cost: once at build, and nothing per step after the first three."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import torch

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
)
from artifact_torch.checking import check_contract
from artifact_torch.contracts import Model
from artifact_torch.trainer.checks.first_values import Declared, FirstCalls
from benchmarks.loop.task import TINY as SIZE
from benchmarks.loop.task import Net, Out, Rows, Task, task_of
from benchmarks.measuring import Effort, Row, seconds

N_CALLS = 10_000


def measure(effort: Effort) -> Sequence[Row]:
    n_rounds = effort.of(30, 3)
    task = task_of(SIZE)

    def ms(call: Callable[[], object]) -> float:
        call()  # imports, and answers that are kept, once
        return median(seconds(call) for _ in range(n_rounds)) * 1e3

    calls = {
        checked: median(after_warm_up(task.net, checked=checked) for _ in range(n_rounds))
        for checked in (False, True)
    }
    each = {checked: spent / N_CALLS * 1e6 for checked, spent in calls.items()}
    return [
        Row(
            what="check_contract(model, Model)",
            value=ms(partial(check_contract, task.net, Model)),
            unit="ms",
        ),
        Row(what="Trainer(...), all checks", value=ms(partial(build, task)), unit="ms"),
        Row(what="a call, nothing checked", value=each[False], unit="us", ratio=1.0),
        Row(
            what="a call, after the first three were checked",
            value=each[True],
            unit="us",
            ratio=each[True] / each[False],
        ),
    ]


def build(task: Task) -> Trainer[Rows, Out]:
    """A trainer with a routine, as most are; it checks what its step and routine are made of too."""
    return Trainer(
        OptimizerStep(task.net, optimizer=task.adam, device="cpu"),
        train_loader=task.source,
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(task.source, scores=[LossCallback("loss")])],
        progress=False,
    )


def after_warm_up(net: Net, *, checked: bool) -> float:
    """Seconds for calls that do nothing, the checked ones left out."""
    zeros = torch.zeros(1, SIZE.width)
    batch, output = Rows(x=zeros, target=zeros), Out(loss=torch.zeros(()))

    def forward(_batch: Rows) -> Out:
        return output

    declare = partial(Declared, [("model", net, Model)], fixed=set(), sizes={})
    first = FirstCalls[Rows, Out](forward, declare, debug=False)
    if not checked:
        first.call = forward
    for _ in range(3):
        first.call(batch)

    def calls() -> None:
        for _ in range(N_CALLS):
            first.call(batch)

    return seconds(calls)
