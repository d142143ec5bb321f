"""What the report of a long run takes: 50,000 epochs with 40 scores each, written and read back.

Processor time. Most of it reads the record: two million lines, 300 MB.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.report.page import MOST_BYTES, html
from artifact_torch.run_folder import Begun, RunFolder, opened
from artifact_torch.run_folder.recorded_run import read_run
from benchmarks.measuring import Effort, Row, timed

GOAL_S = 2.0
N_SCORES = 40


def measure(effort: Effort) -> Sequence[Row]:
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "long"
        n_epochs = effort.of(50_000, 50)
        _record(folder, n_epochs)
        run = read_run(folder)
        found = timed(
            {
                "read": lambda: read_run(folder),
                "page": lambda: html([run]),
                "whole": lambda: html([read_run(folder)]),
            },
            effort.of(effort.n_rounds, 1),
            clock=time.process_time,
        )
        n_bytes = len(html([run]).encode())
    what = f"{n_epochs:,} epochs of {N_SCORES} scores"
    return [
        Row(what=f"{what}: reading them", value=found.median("read"), unit="s"),
        Row(what=f"{what}: the page", value=found.median("page"), unit="s"),
        Row(what=f"{what}: both", value=found.median("whole"), unit="s", goal=GOAL_S),
        Row(what=f"{what}: its size", value=n_bytes / 1e6, unit="MB", goal=MOST_BYTES / 1e6),
    ]


def _record(folder: Path, n_epochs: int) -> None:
    values = np.cumsum(np.random.default_rng(0).normal(size=(n_epochs, N_SCORES)), axis=0).tolist()
    names = [f"score_{number}" for number in range(N_SCORES)]
    with opened(RunFolder(folder)) as run:
        run.begin(Moment(epoch=0, step=0), Begun(settings={"lr": 0.1}))
        for epoch, row in enumerate(values, start=1):
            results = [Result(ResultKind.SCORE, *each) for each in zip(names, row, strict=True)]
            run.record(results, Moment(epoch=epoch, step=10 * epoch, seconds=0.5 * epoch))
        run.end("finished", "all")
