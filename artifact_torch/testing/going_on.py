"""The one place that knows how a run goes on from what its folder holds."""

import re
from pathlib import Path

from artifact_torch.contracts import InT, OutT
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.trainer import Trainer

_NAME = re.compile(r"(?:epoch_\d+_)?step_(\d+)(?:-(\d+))?(?:\.pt)?")
_OTHERS = {"abandoned", "failures"}
"""Folders with steps in their names that are no checkpoints to go on from."""


def train_on(trainer: Trainer[InT, OutT], folder: Path) -> TrainingResult:
    """What a program does that is started again: with a run folder the trainer goes on by itself,
    with a checkpointer alone it is told to.
    """
    has_run_folder = any(folder.rglob("record.jsonl"))
    if not has_run_folder and checkpoints(folder):
        trainer.restore()
    return trainer.train()


def checkpoints(folder: Path) -> list[Path]:
    """Those of the run in `folder`, files or folders, oldest first."""
    found: list[tuple[tuple[int, int], Path]] = []
    for path in folder.rglob("*step_*"):
        name = _NAME.fullmatch(path.name)
        if name and _OTHERS.isdisjoint(path.parts):
            found.append(((int(name[1]), int(name[2] or 0)), path))
    return [path for _, path in sorted(found)]
