"""Callbacks on the training's batches change nothing of the training."""

import pytest
import torch

from artifact_torch import BatchLossCallback, BatchRoutine
from artifact_torch.errors import ConfigurationError
from tests.toys import Fit, Points, points


def output(loss: float) -> Fit:
    return Fit(loss=torch.tensor(loss, requires_grad=True), residual=torch.zeros(1))


def test_the_loss_of_every_second_step() -> None:
    callback = BatchLossCallback(every_n_steps=2)
    routine = BatchRoutine[Points, Fit]([callback])
    for step in range(1, 6):
        routine.on_batch(step, points(1), output(float(step)))
    assert dict(callback.losses) == {2: 2.0, 4: 4.0}


def test_a_cadence_of_zero_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match="every_n_steps must be a whole number of at least"
    ):
        BatchLossCallback(every_n_steps=0)
