"""Trainers that several files train: bare, and with every kind of part."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    BatchRoutine,
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    TrainLoss,
    bind,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression

T = TypeVar("T")

ADAM = partial(optim.Adam, lr=0.01)
SGD = partial(optim.SGD, lr=0.1)
NOISE: ResultName = (ResultKind.SCORE, "noise")


class Recorded:
    """A tracking client that keeps what it is told."""

    def __init__(self) -> None:
        self.scores: list[tuple[str, float]] = []

    def log_score(self, score: float, name: str) -> None:
        self.scores.append((name, score))

    def log_array(self, array: object, name: str) -> None: ...
    def log_plot(self, plot: object, name: str) -> None: ...
    def log_score_collection(self, score_collection: object, name: str) -> None: ...
    def log_array_collection(self, array_collection: object, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: object, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class Noise:
    """An artifact routine that draws from torch's generator; its score is the epoch."""

    def __init__(self, every: int = 1) -> None:
        self.every = every
        self.calls: list[Moment] = []

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [NOISE]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_run or moment.epoch % self.every == 0 else []

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        assert not model.training
        assert not torch.is_grad_enabled()
        torch.rand(3)
        self.calls.append(moment)
        return ArtifactResults(scores={"noise": float(moment.epoch)})


def untyped(make: Callable[..., T], *parts: object, **named: object) -> T:
    """What a checker would refuse as well."""
    return make(*parts, **named)


def loader(n_rows: int = 20, batch_size: int = 5) -> DataLoader[Points]:
    return DataLoader(TensorTable(points(n_rows)), batch_size=batch_size, shuffle=True, seed=3)


class Counts:
    """A batch callback of one's own."""

    def __init__(self) -> None:
        self.n_batches = 0

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.n_batches += 1


def bare(model: Regression, n_epochs: int = 3) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        progress=False,
    )


def full(
    model: Regression, folder: Path, n_epochs: int = 3, client: Recorded | None = None
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs), PatienceStopper("loss", patience=99)],
        best=BestScoreTracker("loss"),
        checkpointer=FolderCheckpointer(folder, every=2),
        callbacks=[BatchRoutine([Counts()]), TrainLoss()],
        routines=[
            DataLoaderRoutine(loader(), scores=[LossCallback("loss")], every=2),
            bind(Noise(), model),
        ],
        tracking_clients=[] if client is None else [client],
        progress=False,
    )


def trained(trainer: Trainer[Points, Fit]) -> Trainer[Points, Fit]:
    torch.default_generator.manual_seed(7)
    trainer.train()
    return trainer


def source() -> Batches:
    return Batches(points(), 10)


def loose(of: object = None, **options: object) -> Trainer[Points, Fit]:
    """Without types: a checker would refuse these as well."""
    usual: dict[str, object] = {
        "train_loader": source(),
        "stop": [EpochBoundStopper(max_n_epochs=1)],
        "progress": False,
    }
    made = OptimizerStep(seeded_regression(), optimizer=SGD) if of is None else of
    return untyped(Trainer[Points, Fit], made, **(usual | options))


def refused(make: Callable[[], object], error: type[Exception] = ConfigurationError) -> str:
    with pytest.raises(error) as raised:
        make()
    assert raised.type is error
    return str(raised.value)
