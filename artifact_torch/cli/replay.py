"""`artifact-torch replay`: a step of a run again, with what it was made of."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from artifact_torch.cli.reports.findings import CannotCheckError
from artifact_torch.cli.targets.question import find_project, read_target
from artifact_torch.internal.disk import absolute

if TYPE_CHECKING:
    from artifact_torch.trainer.replay import Replayed

ABOUT = """\
Makes one step of a run again: from the newest checkpoint before it, with its batch, weights and
random numbers, dropout included. Prints loss, gradient norms, the first module whose output is not
finite, and whether it is what the run kept in failures/ and in its ledger.

  artifact-torch replay runs/vae --step 137 shop.train:make_trainer

make_trainer is a function without arguments that builds the Trainer as the run did. IT IS EXECUTED.
Nothing in the run folder is changed by the replay.
"""


def add_options(replay: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch replay`."""
    replay.add_argument("folder", metavar="RUN", help="the folder of the run")
    replay.add_argument("target", metavar="TARGET", help="pkg.train:make_trainer")
    replay.add_argument("--step", type=int, required=True, metavar="N", help="1, 2, 3, ...")
    replay.set_defaults(run=_replay)


def _replay(options: argparse.Namespace) -> tuple[str, int]:
    return answer(options.folder, options.step, options.target)


def answer(run_folder: str, step: int, target: str) -> tuple[str, int]:
    """What the step came to, and 0; 1 where it is not what the run kept.

    Raises `CannotCheckError` for a target that makes no trainer, or a folder that holds no run.
    """
    made = replayed_by(target, "replay")
    found = made((absolute(run_folder) or Path(run_folder)).resolve(), step)
    differs = False in (found.same_batch, found.same_loss, found.same_error)
    return str(found), int(differs or found.parted is not None)


def replayed_by(target: str, command: str) -> "Callable[[Path, int], Replayed]":
    """Makes a step of a run folder again with the trainer of `target`, which is built here.

    Raises `CannotCheckError` for a target that makes no trainer, and so does what it returns for a
    folder that holds no run.
    """
    asked, project = read_target(target, find_project(Path.cwd()))
    if not asked.name:
        raise CannotCheckError(
            f"{command}: {target} names no function; write {target}:make_trainer"
        )
    for path in reversed(project.paths):
        sys.path.insert(0, str(path))
    from artifact_torch.cli.targets.loading import call_factory, load_module, load_name  # torch
    from artifact_torch.errors import ArtifactTorchError
    from artifact_torch.trainer.replay import Replayed
    from artifact_torch.trainer.trainer import Trainer

    logging.basicConfig(format="artifact-torch: %(message)s")
    try:
        made = load_name(load_module(asked.module), asked.name)
        if not callable(made):
            raise CannotCheckError(f"{command}: {asked.label} is no function that makes a Trainer")
        trainer, _ = call_factory(made, asked.label)
    except ArtifactTorchError as error:
        raise CannotCheckError(str(error)) from error
    if not isinstance(trainer, Trainer):
        name = type(trainer).__name__
        raise CannotCheckError(
            f"{command}: {asked.label} returned a {name}, expected a Trainer; return the one "
            "that made the run"
        )

    def replayed(folder: Path, step: int) -> Replayed:
        try:
            return trainer.replay(step, folder=folder)
        except ArtifactTorchError as error:
            raise CannotCheckError(str(error)) from error

    return replayed
