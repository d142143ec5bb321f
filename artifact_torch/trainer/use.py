"""The trained model put to use: scores over a loader, outputs, and a rehearsal of a run."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

from torch import nn

from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.contracts import AnyStep, Failure, Moment, Result
from artifact_torch.errors import CheckpointError, ConfigurationError, ValidationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.randomness import isolated_rng
from artifact_torch.routines.binding import averaging
from artifact_torch.routines.results import Computed
from artifact_torch.trainer.run import copied, load_copied
from artifact_torch.trainer.state import WholeState

Weights: TypeAlias = Literal["last", "best"]


@contextmanager
def evaluated_with(
    step: AnyStep, weights: object, best: Mapping[str, object] | None, seed: int
) -> Generator[None]:
    """Evaluation mode, no gradient and random numbers of its own, with those weights; all is as
    before after. Raises `ConfigurationError` where there are no best ones.
    """
    if weights not in ("last", "best"):
        raise ConfigurationError(f'weights must be "last" or "best", got {shown(weights)}')
    if weights == "best" and best is None:
        raise ConfigurationError(
            'weights="best": no best weights are known; build the trainer with '
            'best=BestScoreTracker("score") and train, or use weights="last"'
        )
    own = weights == "last" or best is None
    # the weights first: adapters merge into those that are there when evaluation begins
    with (
        averaging(step) if own else _swapped(step.model, best or {}),
        evaluating(step.model),
        isolated_rng(step.device, seed),
    ):
        yield


@contextmanager
def _swapped(model: nn.Module, weights: Mapping[str, object]) -> Generator[None]:
    own = copied(model)
    load_copied(model, weights)
    try:
        yield
    finally:
        load_copied(model, own)


def by_name(results: Computed, asked: str) -> dict[str, object]:
    """Name to value. Raises `ValidationError` with all that failed."""
    failed = [f"{each.name}: {each.reason}" for each in results if isinstance(each, Failure)]
    if failed:
        raise ValidationError(f"{asked}: " + "\n".join(failed))
    return {each.name: each.value for each in results if isinstance(each, Result)}


def checkpoints_in(folder: str | PathLike[str]) -> FolderCheckpointer:
    """Those of another run. Raises `CheckpointError` for a folder that is not there."""
    if not Path(folder).expanduser().is_dir():
        raise CheckpointError(f"restore: {folder} is no folder; give the one with the checkpoints")
    return FolderCheckpointer(folder, every=1)


def check_restorable(state: WholeState) -> None:
    """A checkpoint of the run, written to a temporary folder and read back."""
    with TemporaryDirectory(prefix="rehearsal-") as folder:
        checkpointer = FolderCheckpointer(folder, every=1)
        checkpointer.save(Moment(epoch=0, step=0), state.state_dict())
        state.load_state_dict(dict(checkpointer.load()))
