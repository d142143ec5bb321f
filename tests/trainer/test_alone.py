"""A step of one process in a world of several is refused in words."""

import pytest
import torch.distributed

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.errors import ConfigurationError
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import SGD


def trainer(step: OptimizerStep[Points, Fit]) -> Trainer[Points, Fit]:
    return Trainer(
        step,
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )


def step(model: Regression) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(model, optimizer=SGD)


def test_a_step_that_shares_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = step(seeded_regression())
    monkeypatch.setattr(torch.distributed, "is_available", lambda: True)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 0)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    with pytest.raises(ConfigurationError) as refused:
        trainer(made)
    assert str(refused.value) == (
        "Trainer: runs in a world of 2 processes, each of which would train a model of its own; write "
        'OptimizerStep(..., parallel="ddp"), or "fsdp" where the model is too large for one device, '
        "or hand over a model that is parallel already"
    )
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 1)
    assert trainer(made).train().n_epochs_elapsed == 1
