"""What share of its speed training keeps while plots are drawn, inline and beside it.

The demo's model and comparison, all plots of its plan each time; from the end of the second
epoch, by when the workers have started, until the last batch. With two cores a validation of some seconds
fits beside the training of an epoch: what is measured is that the two do not hinder each other.
"""

import inspect
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from tempfile import TemporaryDirectory
from typing import Literal, final

import torch

from artifact_torch import (
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    bind,
)
from artifact_torch.contracts import BatchSource
from artifact_torch.table_comparison import Split, TableComparisonRoutine
from benchmarks.demo_parts import CONFIG, parts
from benchmarks.measuring import Effort, Row
from demo.model.io import TabularVAEInput
from demo.trainer.validation import PLAN, generation_params

N_EPOCHS = 4
GOAL = 0.85
Where = Literal["none", "inline", "beside"]


@final
class Clocked:
    """A table again and again, until an epoch has `n_batches`; notes when each epoch begins and ends."""

    def __init__(self, source: BatchSource[TabularVAEInput], n_batches: int) -> None:
        self._source = source
        self._n_batches = n_batches
        self.noted: list[float] = []

    def batches(self, epoch: int, /) -> Iterator[TabularVAEInput]:
        self.noted.append(time.perf_counter())
        n_left = self._n_batches
        while n_left:
            for batch in self._source.batches(epoch):
                if not n_left:
                    break
                n_left -= 1
                yield batch
        self.noted.append(time.perf_counter())

    def __len__(self) -> int:
        return self._n_batches


def measure(effort: Effort) -> Sequence[Row]:
    n_batches = effort.of(6_000, 20)
    base = steps_per_second("none", n_batches, effort)
    rows = [Row(what="no validation", value=base, unit="steps/s", ratio=1.0)]
    if "validation" not in inspect.signature(Trainer).parameters:
        return [*rows, Row(what="plots beside", note="not measured: no Trainer(validation=...)")]
    for where in ("inline", "beside"):
        speed = steps_per_second(where, n_batches, effort)
        rows.append(
            Row(
                what=f"all plots once an epoch of {n_batches:,} steps, {where}",
                value=speed,
                unit="steps/s",
                ratio=speed / base,
                goal=GOAL if where == "beside" else None,
                is_share=True,
                note=f"{os.cpu_count()} cores",
            )
        )
    return rows


def steps_per_second(where: Where, n_batches: int, effort: Effort) -> float:
    """Over the last two epochs, with the validations after the second and the third."""
    of = parts(effort.of(5_000, 500))
    table = TensorTable(of.columns)
    source = Clocked(DataLoader(table, batch_size=256, shuffle=True), n_batches)
    plan = replace(PLAN, plots_every=1, plot_collections_every=1, at_end=False)
    routine = TableComparisonRoutine(
        spec=of.spec,
        plan=plan,
        params=generation_params(CONFIG.validation, n_records=1000),
        train=Split(of.table, every=1),
    )
    with TemporaryDirectory() as folder:
        Trainer(
            OptimizerStep(of.model, optimizer=partial(torch.optim.Adam, lr=1e-3), device="cpu"),
            train_loader=source,
            stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
            routines=[] if where == "none" else [bind(routine, of.model)],
            validation="inline" if where == "none" else where,
            run_folder=folder,
            sanity=False,
            progress=False,
        ).train()
    return 2 * n_batches / (source.noted[-1] - source.noted[3])
