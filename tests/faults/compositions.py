"""Every way to compose a short run that hypothesis may choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, final

import pandas as pd
import torch
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from torch.utils import data as torch_data

from artifact_torch import (
    AlternatingStep,
    Beside,
    BestScoreTracker,
    Compile,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LearningRate,
    LossCallback,
    OptimizerStep,
    ParquetColumns,
    ParquetLoader,
    Part,
    PatienceStopper,
    StepBoundStopper,
    TensorTable,
    TorchLoader,
    Trainer,
    TrainLoss,
    averaged,
    by_score,
    ema,
    per_epoch,
    per_step,
    prefetched,
    steps,
    swa,
)
from artifact_torch.contracts import BatchSource, EarlyStopper, Every, RunState, TrainingStep, Turn
from artifact_torch.stepping.schedules import Schedule
from artifact_torch.validation.configuration import Where
from tests.toys import Fit, Points, points, seeded_regression

Schedules: TypeAlias = Literal["none", "by step", "by epoch", "by score"]
Averages: TypeAlias = Literal["none", "ema", "swa"]
Stoppers: TypeAlias = Literal["epochs", "steps", "patience"]
Loaders: TypeAlias = Literal["own", "torch", "torch with workers", "parquet"]
_WHERE: Mapping[str, Where] = {
    "inline": "inline",
    "beside": Beside(workers=1),
    "a round late": Beside(workers=1, staleness=1),
}


@final
@dataclass(frozen=True, kw_only=True)
class Composition:
    """What is chosen."""

    save_every: int
    """Steps; 0 for each epoch."""
    score_every: int
    """Steps; 0 for each epoch."""
    accumulate: int = 1
    autocast: bool = False
    schedule: Schedules = "none"
    average: Averages = "none"
    stopper: Stoppers = "epochs"
    loader: Loaders = "own"
    shuffle: bool = True
    is_compiled: bool = False
    n_optimizers: Literal[1, 2] = 1
    compiles: Literal["model", "step"] = "model"
    is_fused: bool = False
    is_prefetched: bool = False
    validation: Literal["inline", "beside", "a round late"] = "inline"


class TwoParts(nn.Module):
    """A body and a head, each with a loss of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Sequential(nn.Linear(6, 1), nn.Flatten(0))

    def residual(self, batch: Points) -> Tensor:
        predicted: Tensor = self.head(self.body(batch["x"]))
        return predicted - batch["y"]


class Rows(torch_data.Dataset[Points]):
    """Rows for torch's own loader."""

    def __init__(self, table: Points) -> None:
        self.table = table

    def __getitem__(self, index: int) -> Points:
        return Points(x=self.table["x"][index], y=self.table["y"][index])

    def __len__(self) -> int:
        return len(self.table["x"])


def composed(folder: Path, chosen: Composition) -> Trainer[Points, Fit]:
    """20 updates in 5 epochs without accumulation."""
    torch.default_generator.manual_seed(11)
    step = _two(chosen) if chosen.n_optimizers == 2 else _one(chosen)
    if chosen.average != "none":
        step = averaged(step, ema(0.8) if chosen.average == "ema" else swa(start=1))
    table = points(20)
    return Trainer(
        step,
        train_loader=_loader(chosen, table, folder),
        stop=_stoppers(chosen),
        best=BestScoreTracker("loss"),
        validation=_WHERE[chosen.validation],
        run_folder=folder,
        checkpoint_every=_every(chosen.save_every),
        callbacks=[TrainLoss(every=steps(3)), LearningRate()],
        routines=[
            DataLoaderRoutine(
                DataLoader(TensorTable(table), batch_size=10),
                scores=[LossCallback("loss")],
                every=_every(chosen.score_every),
            ),
            DataLoaderRoutine(
                DataLoader(TensorTable(table), batch_size=10), scores=[LossCallback("looked at")]
            ),
        ],
        progress=False,
    )


def _every(n_steps: int) -> Every:
    return steps(n_steps) if n_steps else 1


def _one(chosen: Composition) -> TrainingStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(),
        optimizer=partial(optim.Adam, lr=0.01, fused=True if chosen.is_fused else None),
        schedule=None if chosen.schedule == "none" else partial(_schedule, chosen.schedule),
        accumulate=chosen.accumulate,
        clip_norm=1.0,
        autocast=torch.bfloat16 if chosen.autocast else None,
        compile=Compile(of=chosen.compiles, backend="eager") if chosen.is_compiled else None,
    )


def _two(chosen: Composition) -> TrainingStep[Points, Fit]:
    model = TwoParts()

    def play(batch: Points, turn: Turn) -> Fit:
        residual = model.residual(batch)
        turn("body", lambda: model.residual(batch).square().mean())
        loss = turn("head", lambda: model.residual(batch).abs().mean())
        return Fit(loss=loss, residual=residual)

    schedule = None if chosen.schedule == "none" else partial(_schedule, chosen.schedule)
    return AlternatingStep(
        model,
        play=play,
        parts={
            "body": Part(model.body, optimizer=partial(optim.Adam, lr=0.01), schedule=schedule),
            "head": Part(model.head, optimizer=partial(optim.SGD, lr=0.05, momentum=0.9), every=2),
        },
        autocast=torch.bfloat16 if chosen.autocast else None,
        compile=Compile(of=chosen.compiles, backend="eager") if chosen.is_compiled else None,
    )


def _schedule(when: Schedules, optimizer: optim.Optimizer) -> Schedule:
    if when == "by score":
        return by_score(ReduceLROnPlateau(optimizer, patience=0), "loss")
    if when == "by step":
        return per_step(StepLR(optimizer, step_size=3))
    return per_epoch(StepLR(optimizer, step_size=2))


def _loader(chosen: Composition, table: Points, folder: Path) -> BatchSource[Points]:
    loader = _plain_loader(chosen, table, folder)
    return prefetched(loader, 2) if chosen.is_prefetched else loader


def _plain_loader(chosen: Composition, table: Points, folder: Path) -> BatchSource[Points]:
    if chosen.loader == "parquet":
        return ParquetLoader(
            _parquet(table, folder.with_suffix(".parquet")),
            _of_columns,
            batch_size=5,
            shuffle=chosen.shuffle,
            seed=3,
            buffer_rows=12,
        )
    if chosen.loader == "own":
        return DataLoader(TensorTable(table), batch_size=5, shuffle=chosen.shuffle, seed=3)
    loader = torch_data.DataLoader(
        Rows(table),
        batch_size=5,
        shuffle=chosen.shuffle,
        num_workers=2 if chosen.loader == "torch with workers" else 0,
    )
    return TorchLoader(loader, seed=5)


def _of_columns(columns: ParquetColumns) -> Points:
    return Points(x=columns.matrix(["a", "b", "c"]), y=columns.column("y"))


def _parquet(table: Points, file: Path) -> Path:
    """Written once, beside the folder of the run."""
    if not file.exists():
        columns = {name: table["x"][:, n].numpy() for n, name in enumerate("abc")}
        frame = pd.DataFrame({**columns, "y": table["y"].numpy()})
        new = file.with_suffix(".new")
        frame.to_parquet(new, row_group_size=4)
        new.rename(file)
    return file


def _stoppers(chosen: Composition) -> Sequence[EarlyStopper[RunState]]:
    bound = EpochBoundStopper(max_n_epochs=5)
    match chosen.stopper:
        case "epochs":
            return [bound]
        case "steps":
            return [bound, StepBoundStopper(max_n_steps=9)]
        case "patience":
            return [bound, PatienceStopper("loss", patience=2, tolerance=0.05)]
