"""A program of several processes, of which one dies: `elastic_program.py FOLDER KIND [DEATH...]`.

The first death that nobody died yet is that of this life. Which it was is in `death_0`, `death_1`,
..., in which the step of the last save that had begun by then stands; `worlds` has a line for each
life, and `outcome.json` what the run came to, as far as its folder does not say it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Literal, final
from unittest import mock

from torch import optim

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LearningRate,
    LossCallback,
    PatienceStopper,
    RunFolder,
    TensorTable,
    Trainer,
    TrainingResult,
    TrainLoss,
    by_score,
    steps,
)
from artifact_torch.checkpoints.job import Job
from artifact_torch.checkpoints.saving import Saving
from artifact_torch.internal.ranks import ranks
from artifact_torch.stepping.schedules import Schedule
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.toys import Batches, Fit, Points, points

SAVED_EVERY = 2  # steps

Way = Literal["killed", "raises", "killed in a save"]

PLATEAU = partial(optim.lr_scheduler.ReduceLROnPlateau, factor=0.5, patience=0, threshold=0.3)


@final
@dataclass(frozen=True)
class Death:
    """Of the process of `rank` after the first update from `step` on; in a save, before the `call`-th
    call that the thread makes which writes it, C's and Python's, from that update on.
    """

    way: Way
    step: int
    rank: int
    call: int = 0

    def __str__(self) -> str:
        return json.dumps([self.way, self.step, self.rank, self.call])


def death_of(text: str) -> Death:
    """What `str` made of it."""
    return Death(*json.loads(text))


@final
class Dies:
    """As a machine does, without a word; or as a program with a fault does."""

    def __init__(self, death: Death, mark: Path) -> None:
        self._death, self._mark = death, mark
        self._n_calls = self._saving = 0

    def on_batch(self, step: int, _batch: Points, _output: Fit, /) -> None:
        if step < self._death.step or ranks().rank != self._death.rank:
            return
        if self._death.way == "killed in a save":
            if self._n_calls == 0:
                self._n_calls = 1
                mock.patch.object(Saving, "write", self._watched(Saving.write)).start()
            return
        self._mark.write_text(str((step - 1) // SAVED_EVERY * SAVED_EVERY))
        if self._death.way == "raises":
            raise ValueError("here alone")
        os.kill(os.getpid(), signal.SIGKILL)

    def _watched(self, write: Callable[[Saving, Job, Callable[[], object]], None]) -> object:
        def watched(saving: Saving, job: Job, before: Callable[[], object]) -> None:
            self._saving = job.moment.step
            sys.setprofile(self._counted)  # of this thread
            try:
                write(saving, job, before)
            finally:
                sys.setprofile(None)

        return watched

    def _counted(self, _frame: FrameType, event: str, _of: object) -> None:
        if event in {"call", "c_call"}:
            self._n_calls += 1
            if self._n_calls > self._death.call:
                sys.setprofile(None)
                self._mark.write_text(str(self._saving))
                os.kill(os.getpid(), signal.SIGKILL)


def schedule(optimizer: optim.SGD) -> Schedule:
    return by_score(PLATEAU(optimizer), "val_loss")


def trainer(folder: Path, kind: Kind, deaths: Sequence[Death] = ()) -> Trainer[Points, Fit]:
    """Seven batches an epoch, of seven rows, the last of one; validated after every third update,
    and by its scores the rate falls, and the run ends.
    """
    died = [(folder / f"death_{n}").exists() for n, _ in enumerate(deaths)]
    n = sum(died)
    dies = [Dies(each, folder / f"death_{n}") for each in deaths[n : n + 1]]
    validation = DataLoaderRoutine(
        Batches(points(11, 2), 4), scores=[LossCallback("val_loss")], every=steps(3)
    )
    return Trainer(
        step_of(Line(), kind, schedule=schedule),
        train_loader=DataLoader(TensorTable(points(43)), batch_size=7, shuffle=True, seed=3),
        stop=[
            EpochBoundStopper(max_n_epochs=9),
            PatienceStopper("val_loss", patience=3, tolerance=0.05),
        ],
        best=BestScoreTracker("val_loss"),
        callbacks=[TrainLoss(), LearningRate(), *dies],
        routines=[validation],
        run_folder=RunFolder(folder / "run", report=False),
        checkpoint_every=steps(SAVED_EVERY),
        grace_s=10.0,
        progress=False,
    )


def live(folder: Path, kind: Kind, deaths: Sequence[Death] = ()) -> None:
    """One life of the run, to its end."""
    run = trainer(folder, kind, deaths)
    here = ranks()
    if here.is_first:
        with (folder / "worlds").open("a") as file:
            file.write(f"{here.size}\n")
    result = run.train()
    if here.is_first:
        (folder / "outcome.json").write_text(json.dumps(came_to(result)))


def came_to(result: TrainingResult) -> dict[str, object]:
    """Without what took time."""
    scores = result.scores
    return {
        "stopped": result.stop_reason,
        "best": [result.best_epoch, result.best_step],
        "steps": result.n_steps,
        "moments": [[int(epoch), int(step)] for epoch, step in scores.index],
        "scores": {str(name): scores[name].tolist() for name in scores},
    }


def main() -> None:
    folder, kind, *deaths = sys.argv[1:]
    live(Path(folder), "fsdp" if kind == "fsdp" else "ddp", [*map(death_of, deaths)])


if __name__ == "__main__":
    main()
