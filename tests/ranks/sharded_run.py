"""A run of a model that is shared by several processes, or is not, with its checkpoints in a folder."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    EpochBoundStopper,
    FolderCheckpointer,
    OptimizerStep,
    Parallel,
    Trainer,
    averaged,
    ema,
)
from artifact_torch.checkpoints.sharded import whole
from artifact_torch.contracts import Moment, TrainingStep
from artifact_torch.internal.ranks import ranks
from tests.checkpoints.states import leaves
from tests.toys import Batches, Fit, Points, points

Kind = Literal["ddp", "fsdp"]


class Uneven(nn.Module):
    """Five rows, which four ranks have as 2, 2, 1 and none; one row; a buffer; dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.25))
        self.last = nn.Linear(5, 1)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.last(self.first(points["x"]))[:, 0] - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


BY: dict[Kind, Parallel] = {
    "ddp": Parallel(by="ddp"),
    "fsdp": Parallel(by="fsdp", blocks=[nn.Sequential]),
}


def step(kind: Kind) -> TrainingStep[Points, Fit]:
    torch.default_generator.manual_seed(0)
    adam = partial(optim.AdamW, lr=0.01)
    return averaged(OptimizerStep(Uneven(), optimizer=adam, parallel=BY[kind]), ema(0.9))


def trainer(folder: Path, *, kind: Kind, n_epochs: int = 9) -> Trainer[Points, Fit]:
    return Trainer(
        step(kind),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        checkpointer=FolderCheckpointer(folder),
        progress=False,
    )


def digests(run: Trainer[Points, Fit]) -> dict[str, str]:
    """Of weights, step (moments and averages), and random numbers: of what all ranks have together.
    A collective.
    """
    state = run.state_dict()
    return {key: digest_of(state[key]) for key in ("model", "step", "rng")}


def digest_of(tree: object) -> str:
    total = hashlib.sha256()
    for path, value in leaves(tree):
        total.update(repr(path).encode())
        if isinstance(value, Tensor):
            held = whole(value.detach()).contiguous()
            total.update(repr((held.dtype, held.shape)).encode())
            total.update(held.reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


def trained(folder: Path, *, kind: Kind, n_epochs: int) -> dict[str, str]:
    """Each rank with random numbers of its own."""
    run = trainer(folder, kind=kind, n_epochs=n_epochs)
    torch.default_generator.manual_seed(ranks().rank)
    run.train()
    return digests(run)


def restored(folder: Path, *, kind: Kind, saves_to: Path | None = None) -> dict[str, str]:
    """And saved as it is to another folder."""
    run = trainer(folder, kind=kind)
    run.restore()
    if saves_to is not None:
        saves = FolderCheckpointer(saves_to)
        saves.save(Moment(epoch=2, step=8, ends_epoch=True), run.state_dict())
        saves.drain(60)
    return digests(run)


def gone_on(folder: Path, *, kind: Kind) -> tuple[dict[str, str], dict[str, str]]:
    """A run of four epochs, and one of two that was restored and went on to four."""
    at_once = trained(folder / "at_once", kind=kind, n_epochs=4)
    trained(folder / "twice", kind=kind, n_epochs=2)
    run = trainer(folder / "twice", kind=kind, n_epochs=4)
    run.restore()
    run.train()
    return at_once, digests(run)
