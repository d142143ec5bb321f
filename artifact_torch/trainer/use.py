"""The trained model put to use: scores over a loader, outputs, and a rehearsal of a run."""

from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, get_origin

import torch
from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import AnyStep, Checkpointer, Failure, Moment, Result
from artifact_torch.errors import CheckpointError, ConfigurationError, ValidationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.disk import absolute
from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.narrowing import is_list, is_tuple
from artifact_torch.internal.randomness import isolated_rng
from artifact_torch.internal.ranks import gathered, ranks, told
from artifact_torch.routines.binding import averaging
from artifact_torch.routines.results import Computed
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.run_folder.settings import Begun
from artifact_torch.trainer.display.summary import summary_of
from artifact_torch.trainer.loop.ledger_updates import LedgerUpdates
from artifact_torch.trainer.saved import loaded
from artifact_torch.trainer.state import WholeState
from artifact_torch.trainer.weights import copied, load_copied
from artifact_torch.validation.whole_model import is_divided

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


def asked_for(
    own: Checkpointer | None,
    where: str | PathLike[str] | None,
    *,
    epoch: int | None,
    step: int | None,
) -> dict[str, object]:
    """The state that `restore` is asked for. Raises `CheckpointError`, `ConfigurationError`."""
    if where is not None and where != "best":
        return loaded(_checkpoints_in(absolute(where) or Path(where)), epoch=epoch, step=step)
    if own is None:
        raise ConfigurationError(
            "restore: this trainer has no checkpointer; build it with run_folder=, or with "
            "checkpointer=FolderCheckpointer(folder, every=...), or say restore(folder)"
        )
    if where is None:
        return loaded(own, epoch=epoch, step=step)
    best = read(loaded(own), "run").get("best")
    place = list(best) if is_list(best) or is_tuple(best) else []
    if len(place) == 2 and isinstance(place[1], int):
        return loaded(own, step=place[1])
    raise CheckpointError(
        'restore("best"): no best moment is known; build the trainer with best='
        'BestScoreTracker("score")'
    )


def _checkpoints_in(folder: Path) -> FolderCheckpointer:
    """Those of another run. Raises `CheckpointError` for a folder that is not there."""
    if not folder.is_dir():
        raise CheckpointError(f"restore: {folder} is no folder; give the one with the checkpoints")
    inner = folder / "checkpoints"
    return FolderCheckpointer(inner if inner.is_dir() else folder, every=1)


def folder_of(given: str | PathLike[str] | RunFolder) -> RunFolder:
    """A run folder by its path, or as it was described."""
    return given if isinstance(given, RunFolder) else RunFolder(given)


def ledger_of(folder: RunFolder | None, step: AnyStep) -> LedgerUpdates | None:
    """What notes the updates of `step`, of several processes on the first, over its rows of a batch.
    Raises `ConfigurationError` without a folder to keep it.
    """
    if folder is None:
        raise ConfigurationError(
            "ledger: it is a file of the run folder, and run_folder is None; give run_folder= a path"
        )
    if is_divided(step.model):
        raise ConfigurationError(
            "ledger: no process has all of a model that is divided among them; leave it out, or train "
            'with parallel="ddp"'
        )
    return LedgerUpdates(folder, step) if ranks().is_first else None


def begun_with(
    settings: Mapping[str, object],
    seed: int,
    device: torch.device,
    places: Sequence[Place],
    *,
    modes: Mapping[str, str],
    judged_by: str,
) -> Begun:
    """What is written about a run where it begins; of the model more when it does."""
    types, contracts = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name, part, contract in opened(places):
        types[name].append(type(part).__name__)
        contracts[name].append(getattr(get_origin(contract) or contract, "__name__", ""))
    return Begun(
        settings=settings,
        seeds={"validation_seed": seed, "torch": torch.initial_seed()},
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        parts={name: ", ".join(dict.fromkeys(all_of_it)) for name, all_of_it in types.items()},
        contracts={
            name: ", ".join(dict.fromkeys(filter(None, all_of_it)))
            for name, all_of_it in contracts.items()
        },
        modes=modes,
        judged_by=judged_by,
    )


def described(model: nn.Module) -> str:
    """What it consists of, without a forward pass."""
    try:
        return str(summary_of(model, None))
    except Exception as error:  # noqa: BLE001  a state_dict of the user's: a run does not end by it
        return f"{type(model).__name__}: {type(error).__name__}: {error}"


def check_restorable(state: WholeState) -> None:
    """A checkpoint of the run, written to a temporary folder and read back; of several processes, in
    the first one's.
    """
    with TemporaryDirectory(prefix="rehearsal-") as folder:
        checkpointer = FolderCheckpointer(told(folder), every=1)
        checkpointer.save(Moment(epoch=0, step=0), state.state_dict())
        state.load_state_dict(dict(checkpointer.load()))
        gathered(None)  # all have read it before it goes
