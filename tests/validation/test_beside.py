"""Validation beside the training: the numbers of validation within it, from another process."""

import os
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    steps,
)
from artifact_torch.validation.configuration import Where
from tests.toys import Fit, Points, points, same_weights, seeded_regression
from tests.validation.doubles import slow_workers, some_milliseconds
from tests.validation.parts import SCORE, Looks, Process

ADAM = partial(torch.optim.Adam, lr=0.01)


def loader(n_rows: int = 20, *, seed: int = 1) -> DataLoader[Points]:
    return DataLoader(TensorTable(points(n_rows)), batch_size=5, shuffle=True, seed=seed)


def trained(validation: Where, seed: int = 0) -> TrainingResult:
    model = seeded_regression(seed)
    trainer: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=loader(seed=seed),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        best=BestScoreTracker("loss"),
        routines=[
            DataLoaderRoutine(loader(), scores=[LossCallback("loss")]),
            DataLoaderRoutine(loader(), scores=[LossCallback("other loss")], every=steps(3)),
            bind(Looks(), model),
        ],
        progress=False,
        validation=validation,
    )
    return trainer.train()


def assert_equal(one: TrainingResult, other: TrainingResult) -> None:
    pd.testing.assert_frame_equal(one.scores, other.scores, check_exact=True, check_like=True)
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    assert same_weights(one.last_weights, other.last_weights)
    assert same_weights(one.best_weights or {}, other.best_weights or {})
    assert (one.best_step, one.n_steps, one.stop_reason) == (
        other.best_step,
        other.n_steps,
        other.stop_reason,
    )
    assert one.failures == other.failures == {}
    assert [*one.plots] == [*other.plots]


def test_beside_is_inline_bit_for_bit() -> None:
    assert_equal(trained("inline"), trained("beside"))


@pytest.mark.parametrize("seed", range(10))
def test_so_it_is_on_ten_seeds(seed: int) -> None:
    with slow_workers(some_milliseconds(seed)):
        assert_equal(trained("inline", seed), trained("beside", seed))


def test_training_is_that_of_a_run_without_validation() -> None:
    model = seeded_regression()
    alone: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=loader(seed=0),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        progress=False,
    )
    expected = alone.train().last_weights
    with slow_workers(some_milliseconds(0)):
        beside = trained("beside")
    assert same_weights(expected, beside.last_weights)


def test_it_is_another_process() -> None:
    model = seeded_regression()
    trainer: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[bind(Process(names=[SCORE]), model)],
        progress=False,
        validation="beside",
    )
    processes = {*trainer.train().scores["weight"]}
    assert len(processes) == 1
    assert float(os.getpid()) not in processes
