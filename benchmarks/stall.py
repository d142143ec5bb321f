"""What share of its speed training keeps while plots are drawn, inline and beside it.

The demo's model and comparison. An epoch is made as long as one and a half validations take inline,
so that beside, on another core, one is always being drawn and none has to be waited for: what is
measured is how the two hinder each other.
"""

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, final

import torch
from artifact_core.table_comparison import TableComparisonPlotType

from artifact_torch import (
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    bind,
)
from artifact_torch.contracts import BatchSource
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine
from benchmarks.demo_parts import CONFIG, parts
from benchmarks.measuring import Effort, Row
from demo.model.io import TabularInput
from demo.trainer.validation import PLAN, generation_params

N_COUNTED = 2  # epochs, after two in which workers start
GOAL = 0.85
Plots: TypeAlias = Sequence[TableComparisonPlotType | str]
Where: TypeAlias = Literal["none", "inline", "beside"]


@final
class Clocked:
    """A table again and again, until an epoch has `n_batches`; notes when each epoch begins and ends."""

    def __init__(self, source: BatchSource[TabularInput], n_batches: int) -> None:
        self._source = source
        self._n_batches = n_batches
        self.noted: list[float] = []

    def batches(self, epoch: int, /) -> Iterator[TabularInput]:
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
    plots = PLAN.plots[:1] if effort.tiny else PLAN.plots
    n_batches = effort.of(200, 10)
    speed, spent = trained("none", n_batches, plots)
    _, with_plots = trained("inline", n_batches, plots)
    drawing = (with_plots - spent) / N_COUNTED
    n_batches = effort.of(max(200, round(1.5 * drawing * speed)), 20)
    base, _ = trained("none", n_batches, plots)
    what = f"plots once an epoch of {n_batches:,} steps"
    alone = Row(what="no validation", value=base, unit="steps/s", ratio=1.0)
    inline = n_batches / (n_batches / base + drawing)
    rows = [
        alone,
        Row(what=f"{what}, inline", value=inline, unit="steps/s", ratio=inline / base),
    ]
    beside, _ = trained("beside", n_batches, plots)
    note = f"{os.cpu_count()} cores, {drawing:.1f} s a validation"
    return [
        *rows,
        Row(
            what=f"{what}, beside",
            value=beside,
            unit="steps/s",
            ratio=beside / base,
            goal=GOAL,
            is_share=True,
            note=note,
        ),
    ]


def trained(where: Where, n_batches: int, plots: Plots) -> tuple[float, float]:
    """Steps per second, and seconds, of the last two epochs with the validations before each."""
    of = parts(900)
    source = Clocked(DataLoader(TensorTable(of.columns), batch_size=256, shuffle=True), n_batches)
    routine = TableComparisonRoutine(
        spec=of.spec,
        plan=TableComparisonPlan(plots=plots, plots_every=1, at_end=False),
        params=generation_params(CONFIG.validation, n_records=1000),
        train=Split(of.table, every=1),
    )
    with TemporaryDirectory() as folder:
        Trainer(
            OptimizerStep(of.model, optimizer=partial(torch.optim.Adam, lr=1e-3), device="cpu"),
            train_loader=source,
            stop=[EpochBoundStopper(max_n_epochs=2 + N_COUNTED)],
            routines=[] if where == "none" else [bind(routine, of.model)],
            validation="inline" if where == "none" else where,
            run_folder=folder,
            checkpoint_every=100,
            sanity=False,
            progress=False,
        ).train()
    spent = source.noted[-1] - source.noted[3]
    return N_COUNTED * n_batches / spent, spent
