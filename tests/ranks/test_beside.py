"""What several processes have computed beside the training: the numbers, stop and best of inline."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    Beside,
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    steps,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultKind, ResultName
from artifact_torch.internal.ranks import ranks
from artifact_torch.validation.configuration import Where
from tests.ranks.kit import in_ranks
from tests.ranks.toy_steps import Kind, Line
from tests.toys import Fit, Points, points
from tests.validation.doubles import slow_workers, some_milliseconds
from tests.validation.parts import Looks

ADAM = partial(optim.Adam, lr=0.05)


class Draws(Looks):
    """Also the process that computes, and a score that falls twice and then rises."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        of_process = [(ResultKind.SCORE, "process"), (ResultKind.SCORE, "falling")]
        return [*super().result_names, *of_process]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if super().due(moment) else []

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        assert ranks().is_first
        of_weights = super().validate(model, names, moment)
        own = {
            "process": float(os.getpid()),
            "falling": abs(moment.step - 10) + float(torch.rand(())) / 10,
        }
        scores = {name: own.get(name, of_weights.scores.get(name, 0.0)) for _, name in names}
        kept = {name: each for name, each in scores.items() if (ResultKind.SCORE, name) in names}
        return ArtifactResults(scores=kept, arrays=of_weights.arrays, plots=of_weights.plots)


def trainer(
    kind: Kind, validation: Where, folder: Path | None = None, *, every: int = 5
) -> Trainer[Points, Fit]:
    model = Line()
    held_out = DataLoader(TensorTable(points(13, seed=2)), batch_size=5)
    return Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu", parallel=kind),
        train_loader=DataLoader(TensorTable(points(30)), batch_size=8, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=8), PatienceStopper("falling", patience=3)],
        best=BestScoreTracker("falling"),
        routines=[
            DataLoaderRoutine[Points, Fit](held_out, scores=[LossCallback("val_loss")]),
            bind(Draws(steps(every)), model),
        ],
        progress=False,
        run_folder=folder,
        validation=validation,
    )


@dataclass(frozen=True)
class Outcome:
    """What a rank came to."""

    scores: pd.DataFrame
    drawn: np.ndarray[tuple[int, ...], np.dtype[np.floating]]
    best_weights: Mapping[str, torch.Tensor]
    ended: tuple[int | None, int, str]
    failures: Mapping[str, str]


def outcome(result: TrainingResult) -> Outcome:
    best = result.best_weights or {}
    return Outcome(
        result.scores,
        result.arrays["drawn"],
        {name: each for name, each in best.items() if isinstance(each, torch.Tensor)},
        (result.best_step, result.n_steps, result.stop_reason),
        result.failures,
    )


def trained(kind: Kind, *validations: Where) -> list[Outcome]:
    return [outcome(trainer(kind, each).train()) for each in validations]


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_processes_beside_the_first_give_the_numbers_of_inline(kind: Kind) -> None:
    (one,) = trained(kind, "inline")
    for rank, (inline, beside) in enumerate(in_ranks(2, trained, kind, "inline", "beside")):
        assert beside.failures == {}
        process = beside.scores.pop("process").dropna()
        assert process.nunique() == 1
        assert {*process} != {*inline.scores.pop("process").dropna()}
        pd.testing.assert_frame_equal(beside.scores, inline.scores, check_exact=True, check_like=True)
