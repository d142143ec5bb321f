"""A run of a model that is sharded by `fully_shard`, or is not, with its checkpoints in a folder."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn, optim
from torch.distributed.fsdp import fully_shard

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer, averaged, ema
from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.checkpoints.sharded import whole
from artifact_torch.contracts import TrainingStep
from tests.checkpoints.states import leaves
from tests.toys import Batches, Fit, Points, points


class Uneven(nn.Module):
    """Five rows, which four ranks have as 2, 2, 1 and none; one row; a buffer; dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.25))
        self.last = nn.Linear(5, 1)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.last(self.first(points["x"]))[:, 0] - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def model(kind: str) -> Uneven:
    torch.default_generator.manual_seed(0)
    made = Uneven()
    if kind == "fsdp":
        for part in (made.first, made.last, made):
            fully_shard(part)
    return made


def step(kind: str) -> TrainingStep[Points, Fit]:
    inner = OptimizerStep(model(kind), optimizer=partial(optim.AdamW, lr=0.01))
    return averaged(inner, ema(0.9))


def trainer(
    kind: str, folder: Path, n_epochs: int, *, keep: int | None = 3
) -> Trainer[Points, Fit]:
    return Trainer(
        step(kind),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        checkpointer=FolderCheckpointer(folder, keep=keep),
        progress=False,
    )


def digests(run: Trainer[Points, Fit]) -> dict[str, str]:
    """Of weights, step (moments and averages), and random numbers: of what all ranks have together.
    A collective.
    """
    state = run.state_dict()
    return {key: digest_of(state[key]) for key in ("model", "step", "rng", "run")}


def digest_of(tree: object) -> str:
    total = hashlib.sha256()
    for path, value in leaves(tree):
        if path[-1:] == ("seconds",):
            continue
        total.update(repr(path).encode())
        if isinstance(value, Tensor):
            held = whole(value.detach()).contiguous()
            total.update(repr((held.dtype, held.shape)).encode())
            total.update(held.reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


def trained(kind: str, folder: Path, n_epochs: int) -> dict[str, str]:
    run = trainer(kind, folder, n_epochs)
    run.train()
    return digests(run)


def restored(kind: str, folder: Path, epoch: int | None = None) -> dict[str, str]:
    run = trainer(kind, folder, 9)
    run.restore(epoch=epoch)
    return digests(run)


def weights_of(state: Mapping[str, object]) -> dict[str, Tensor]:
    return {name: whole(each) for name, each in state.items() if isinstance(each, Tensor)}
