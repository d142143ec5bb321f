"""Whatever is attached, the bits of the training stay, and so do those of all generators."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import StepLR

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    GradientNorm,
    LearningRate,
    LossCallback,
    OptimizerStep,
    ParameterGradients,
    ParameterNorm,
    PeakMemory,
    StepBoundStopper,
    TensorTable,
    Throughput,
    Trainer,
    TrainLoss,
    WatchActivations,
    WatchGradients,
    averaged,
    bind,
    ema,
    minutes,
    per_step,
    steps,
    swa,
)
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    BatchCallback,
    Every,
    Moment,
    ResultKind,
    ResultName,
    Results,
    RunState,
    StepCallback,
    TrainingStep,
)
from artifact_torch.inside import Mean
from tests.toys import same_weights


class Labelled(TypedDict):
    x: Tensor  # [batch, 3]
    label: Tensor  # [batch]


class Scored(TypedDict):
    loss: Tensor  # []
    logits: Tensor  # [batch, 2]


class Net(nn.Module):
    """With all that a look could disturb: running statistics and random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))
        self.head = nn.Linear(8, 2)

    def forward(self, batch: Labelled) -> Scored:
        logits: Tensor = self.head(self.body(batch["x"]))
        return Scored(loss=nn.functional.cross_entropy(logits, batch["label"]), logits=logits)


def loader(*, shuffle: bool) -> DataLoader[Labelled]:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(18, 3, generator=generator)
    table = TensorTable(Labelled(x=x, label=(x.sum(1) > 0).long()))
    return DataLoader(table, batch_size=4, shuffle=shuffle, drop_last=shuffle)


def draw() -> float:
    return float(torch.rand(1)) + random.random() + float(np.random.rand())  # noqa: NPY002


class DrawsInBatches:
    """Torch's numbers alone: those of Python and NumPy would cost 100 microseconds a batch."""

    def on_batch(self, step: int, batch: Labelled, output: Scored) -> None:
        torch.rand(int(output["logits"].argmax(1).sum()) + 1)


@dataclass
class Draws:
    """A step callback, and a routine of the model."""

    name: str
    every: Every

    @property
    def cadences(self) -> Sequence[Every]:
        return [self.every]

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, self.name)]

    def on_moment(self, step: AnyStep, moment: Moment) -> Results:
        return ArtifactResults(scores={self.name: draw()})

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_run or moment.reaches(self.every) else ()

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        return ArtifactResults(scores={self.name: draw()})


class Uses:
    """A hook that puts the model to use while it is trained."""

    trainer: Trainer[Labelled, Scored] | None = None

    def on_epoch_end(self, state: RunState) -> None:
        if self.trainer is not None:
            routine = DataLoaderRoutine(loader(shuffle=False), scores=[LossCallback("used")])
            self.trainer.evaluate(routine)
            self.trainer.predict(loader(shuffle=False))
            assert self.trainer.result.n_epochs_elapsed == state.n_epochs_elapsed


Callback = BatchCallback[Labelled, Scored] | StepCallback
CADENCES = st.one_of(
    st.integers(1, 3),
    st.integers(1, 6).map(steps),
    st.sampled_from([1e-6, 1e-4]).map(minutes),
)
KINDS = 11


def made(kind: int, every: Every, model: Net) -> Callback:
    made: list[Callback] = [
        LearningRate(every=every),
        GradientNorm(every=every),
        ParameterNorm(every=every),
        TrainLoss(every=every),
        Throughput(every=every),
        PeakMemory(every=every),
        DrawsInBatches(),
        Draws("drawn", every),
        WatchActivations("activations", Mean, model, at=model.head, every=every),
        WatchGradients("gradients", Mean, model, at=model.head, every=every),
        ParameterGradients("of parameters", Mean, model, at=model.head, every=every),
    ]
    return made[kind]


def built(accumulate: int, clip_norm: float | None) -> OptimizerStep[Labelled, Scored]:
    torch.default_generator.manual_seed(5)
    return OptimizerStep(
        Net(),
        optimizer=partial(optim.Adam, lr=0.01),
        accumulate=accumulate,
        clip_norm=clip_norm,
        schedule=lambda optimizer: per_step(StepLR(optimizer, 4, gamma=0.7)),
    )


def seed() -> None:
    torch.default_generator.manual_seed(7)
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    accumulate=st.integers(1, 3),
    clip_norm=st.sampled_from([None, 1.0]),
    max_n_steps=st.sampled_from([None, 7]),
    callbacks=st.dictionaries(st.integers(0, KINDS - 1), CADENCES),
    every=CADENCES,
    saves=st.one_of(st.none(), CADENCES),
    average=st.sampled_from([None, "ema", "swa"]),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_the_bits_stay(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    accumulate: int,
    clip_norm: float | None,
    max_n_steps: int | None,
    callbacks: dict[int, Every],
    every: Every,
    saves: Every | None,
    average: str | None,
    flags: tuple[bool, bool, bool, bool],
) -> None:
    stop = (
        EpochBoundStopper(max_n_epochs=3)
        if max_n_steps is None
        else StepBoundStopper(max_n_steps=max_n_steps)
    )
    bare = Trainer(
        built(accumulate, clip_norm),
        train_loader=loader(shuffle=True),
        stop=[stop],
        sanity=False,
        progress=False,
    )
    seed()
    expected, numbers = bare.train().last_weights, draw()

    inner = built(accumulate, clip_norm)
    model = inner.model
    assert isinstance(model, Net)
    step: TrainingStep[Labelled, Scored] = inner
    if average is not None:
        step = averaged(inner, ema(0.9) if average == "ema" else swa(start=1))
    uses, (sanity, debug, validates, rehearses) = Uses(), flags
    routine = DataLoaderRoutine(loader(shuffle=False), scores=[LossCallback("v")], every=every)
    trainer = Trainer(
        step,
        train_loader=loader(shuffle=True),
        stop=[stop],
        best=BestScoreTracker("v") if validates else None,
        checkpointer=None
        if saves is None
        else FolderCheckpointer(tmp_path_factory.mktemp("run"), every=saves),
        callbacks=[made(kind, each, model) for kind, each in callbacks.items()],
        routines=[routine, bind(Draws("noise", every), model)] if validates else [],
        hooks=[uses],
        settings={"lr": 0.01},
        sanity=sanity,
        debug=debug,
        progress="lines",
    )
    uses.trainer = trainer
    seed()
    if rehearses:
        trainer.rehearse()
    assert same_weights(trainer.train().last_weights, expected)
    assert draw() == numbers
