"""Runs of users, most with one thing wrong: what the kit has to find."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    steps,
)
from artifact_torch.contracts import Every, LoaderCallback, Moment
from tests.toys import Fit, Points, points, seeded_regression

MISSING = "without it nothing works"


class PlainFiles:
    """A checkpointer as it is written in an afternoon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cadences: list[Every] = [steps(2)]

    def is_due(self, moment: Moment) -> bool:
        return moment.reaches(steps(2))

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        new = self.folder / "new"
        with new.open("wb") as file:
            torch.save(state, file)
        new.rename(self.folder / f"step_{moment.step:08d}.pt")

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        newest = max(self.folder.glob("step_*.pt"))
        state: dict[str, object] = torch.load(newest, weights_only=True)
        return state


class Evens:
    """Counts rows over all epochs, and loses count where a process ends."""

    name = "n_rows"

    def __init__(self) -> None:
        self.n_rows = 0

    def start(self) -> None: ...

    def update(self, batch: Points, output: object) -> None:
        self.n_rows += len(batch["x"])

    def finish(self) -> float:
        return float(self.n_rows)


class Odds:
    """Counts as `Evens` does, and keeps it."""

    name = "n_rows"

    def __init__(self) -> None:
        self.counts = Evens()

    def start(self) -> None: ...

    def update(self, batch: Points, output: object) -> None:
        self.counts.update(batch, output)

    def finish(self) -> float:
        return self.counts.finish()

    def state_dict(self) -> Mapping[str, object]:
        return {"n_rows": self.counts.n_rows}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.counts.n_rows = int(f"{state_dict['n_rows']}")


class Clock:
    """A measured time is not the same twice."""

    name = "clock"

    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> float:
        return time.perf_counter()


def run(
    folder: Path,
    score: LoaderCallback[Points, object, float],
    table: Points,
    n_epochs: int = 4,
) -> Trainer[Points, Fit]:
    loader = DataLoader(TensorTable(table), batch_size=5, shuffle=True, seed=3)
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.SGD, lr=0.1)),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        checkpointer=PlainFiles(folder),
        routines=[DataLoaderRoutine(loader, scores=[score])],
        progress=False,
    )


def keeps(folder: Path) -> Trainer[Points, Fit]:
    return run(folder, Odds(), points(15))


def forgets(folder: Path) -> Trainer[Points, Fit]:
    return run(folder, Evens(), points(15))


def measures(folder: Path) -> Trainer[Points, Fit]:
    return run(folder, Clock(), points(15))


def unseeded(folder: Path) -> Trainer[Points, Fit]:
    table = points(15)
    table["y"] = torch.tensor(np.random.rand(15), dtype=torch.float32)  # noqa: NPY002
    return run(folder, Odds(), table)


def raises(folder: Path) -> Trainer[Points, Fit]:
    raise FileNotFoundError(MISSING)


def leaves(folder: Path) -> Trainer[Points, Fit]:
    raise SystemExit(3)


def sleeps(folder: Path) -> Trainer[Points, Fit]:
    while True:
        time.sleep(60)


def returns_nothing(folder: Path) -> None: ...


def bound(folder: Path, n_epochs: int) -> Trainer[Points, Fit]:
    return run(folder, Odds(), points(15), n_epochs)
