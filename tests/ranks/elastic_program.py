"""A program that torchrun starts, of which a process dies: `elastic_program.py FOLDER KIND [STEP...]`.

The process of the last rank dies after each of these updates, if none has died there before.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    RunFolder,
    TensorTable,
    Trainer,
    TrainLoss,
    steps,
)
from artifact_torch.internal.ranks import ranks
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.toys import Batches, Fit, Points, points

N_EPOCHS = 4


class Dies:
    """As a machine does: in the middle of an epoch, without a word."""

    def __init__(self, folder: Path, at: Sequence[str]) -> None:
        self._folder, self._at = folder, [*map(int, at)]

    def on_batch(self, step: int, _batch: Points, _output: Fit, /) -> None:
        here, mark = ranks(), self._folder / f"died_at_{step}"
        if step in self._at and here.rank == here.size - 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def trainer(folder: Path, kind: Kind, dies_at: Sequence[str] = ()) -> Trainer[Points, Fit]:
    """Seven batches an epoch, of seven rows, the last of one; saved after every second update."""
    return Trainer(
        step_of(Line(), kind),
        train_loader=DataLoader(TensorTable(points(43)), batch_size=7, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=N_EPOCHS)],
        best=BestScoreTracker("val_loss"),
        callbacks=[TrainLoss(), Dies(folder, dies_at)],
        routines=[DataLoaderRoutine(Batches(points(11, 2), 4), scores=[LossCallback("val_loss")])],
        run_folder=RunFolder(folder / "run", report=False),
        checkpoint_every=steps(2),
        progress=False,
    )


def main() -> None:
    folder, kind, *dies_at = sys.argv[1:]
    run = trainer(Path(folder), "fsdp" if kind == "fsdp" else "ddp", dies_at)
    here = ranks()
    if here.is_first:
        with (Path(folder) / "worlds").open("a") as file:
            file.write(f"{here.size}\n")
    run.train()


if __name__ == "__main__":
    main()
