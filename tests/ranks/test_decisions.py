"""Several processes come to what one comes to: weights, scores, stop, best, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    GradientNorm,
    LearningRate,
    LossCallback,
    MeanSquaredError,
    OutputArrayCallback,
    OutputMeansCallback,
    ParameterNorm,
    PatienceStopper,
    R2Score,
    TensorTable,
    Trainer,
    TrainLoss,
    bind,
    by_score,
    steps,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultKind, ResultName
from artifact_torch.internal.ranks import ranks
from artifact_torch.stepping.schedules import Schedule
from tests.ranks.kit import in_ranks
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.toys import Fit, Points, points

PLATEAU = partial(optim.lr_scheduler.ReduceLROnPlateau, factor=0.5, patience=0, threshold=0.3)


class Drawing:
    """An artifact routine that says on which ranks it was asked, and what it drew."""

    def __init__(self) -> None:
        self.n_calls = 0

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "drawn"), (ResultKind.SCORE, "norm")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_epoch else []

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        self.n_calls += 1
        assert ranks().is_first
        norm = sum(float(p.detach().square().sum()) for p in model.parameters())
        return ArtifactResults(scores={"drawn": float(torch.rand(())), "norm": norm})


def numbers(batch: Points, output: Fit) -> tuple[torch.Tensor, torch.Tensor]:
    return output["residual"] + batch["y"], batch["y"]


@dataclass(frozen=True)
class Outcome:
    """What a rank came to."""

    weights: Mapping[str, torch.Tensor]
    best_weights: Mapping[str, torch.Tensor]
    scores: Mapping[str, list[float]]
    index: list[tuple[int, int]]
    terms: list[list[float]]
    residuals: np.ndarray[tuple[int, ...], np.dtype[np.floating]]
    best: tuple[int | None, int | None]
    stopped: str
    n_calls: int
    rates: list[float]


def schedule(optimizer: optim.SGD) -> Schedule:
    return by_score(PLATEAU(optimizer), "val_loss")


def trained(kind: Kind = "ddp") -> Outcome:
    model, drawing = Line(), Drawing()
    validation = DataLoader(TensorTable(points(13, seed=2)), batch_size=5)
    routine = DataLoaderRoutine[Points, Fit](
        validation,
        scores=[
            LossCallback("val_loss"),
            MeanSquaredError("val_mse", of=numbers),
            R2Score("val_r2", of=numbers),
        ],
        arrays=[OutputArrayCallback("residuals", key="residual")],
        score_collections=[OutputMeansCallback("terms", keys=["loss"])],
        every=steps(3),
    )
    train = DataLoader(TensorTable(points(46)), batch_size=8, shuffle=True, seed=3)
    trainer = Trainer(
        step_of(model, kind, schedule=schedule),
        train_loader=train,
        stop=[
            EpochBoundStopper(max_n_epochs=12),
            PatienceStopper("val_loss", patience=3, tolerance=0.05),
        ],
        best=BestScoreTracker("val_loss"),
        callbacks=[TrainLoss(), LearningRate(), GradientNorm(every=steps(4)), ParameterNorm()],
        routines=[routine, bind(drawing, model)],
        progress=False,
    )
    result = trainer.train()
    scores = result.scores
    return Outcome(
        weights=tensors(result.last_weights) if ranks().is_first or kind == "ddp" else {},
        best_weights=tensors(result.best_weights or {}),
        scores={str(name): scores[name].tolist() for name in scores},
        index=[(int(epoch), int(step)) for epoch, step in scores.index],
        terms=result.score_collections["terms"].to_numpy().tolist(),
        residuals=result.arrays["residuals"],
        best=(result.best_epoch, result.best_step),
        stopped=result.stop_reason,
        n_calls=drawing.n_calls,
        rates=scores["learning_rate"].dropna().tolist(),
    )


def tensors(weights: Mapping[str, object]) -> dict[str, torch.Tensor]:
    return {name: each for name, each in weights.items() if isinstance(each, torch.Tensor)}


def assert_same(these: Mapping[str, torch.Tensor], those: Mapping[str, torch.Tensor]) -> None:
    assert these.keys() == those.keys() != set()
    for name, each in those.items():
        torch.testing.assert_close(these[name], each, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("kind", "n"), [("ddp", 2), ("ddp", 4), ("fsdp", 2), ("fsdp", 4)])
def test_several_processes_come_to_what_one_comes_to(kind: Kind, n: int) -> None:
    one = trained()
    assert one.n_calls > 1
    assert len({*one.rates}) > 1  # the schedule looked at the score
    assert "patience" in one.stopped.lower() or "val_loss" in one.stopped
    for rank, several in enumerate(in_ranks(n, trained, kind)):
        if kind == "ddp" or rank == 0:
            assert_same(several.weights, one.weights)
            assert_same(several.best_weights, one.best_weights)
        else:
            assert not several.best_weights
        assert several.scores.keys() == one.scores.keys()
        for name, values in one.scores.items():
            np.testing.assert_allclose(
                several.scores[name], values, rtol=0, atol=1e-6, err_msg=name
            )
        np.testing.assert_allclose(several.terms, one.terms, atol=1e-6)
        np.testing.assert_allclose(several.residuals, one.residuals, atol=1e-6)
        assert (several.index, several.best, several.stopped) == (one.index, one.best, one.stopped)
        assert several.n_calls == (one.n_calls if rank == 0 else 0)
