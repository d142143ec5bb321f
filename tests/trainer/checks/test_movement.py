"""A model that training does not move is noticed, one that waits is not."""

import pytest
import torch
from torch import nn, optim

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer, per_epoch
from artifact_torch.errors import LossError
from artifact_torch.stepping.schedules import Schedule
from artifact_torch.trainer.checks.movement import N_EPOCHS, N_UPDATES, Movement
from tests.toys import Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import ADAM, loader


def test_parameters_that_moved_but_kept_their_sum_have_moved() -> None:
    layer = nn.Linear(2, 1, bias=False)
    nn.init.zeros_(layer.weight)
    movement = Movement(layer)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.7, -0.7]]))
    movement.after(N_EPOCHS, N_UPDATES)


def test_a_model_that_stands_still_is_named_once_it_had_its_epochs_and_updates() -> None:
    movement = Movement(nn.Linear(2, 1))
    movement.after(N_EPOCHS - 1, 1000)
    movement.after(N_UPDATES - 1, N_UPDATES - 1)
    with pytest.raises(LossError) as refused:
        movement.after(N_UPDATES, N_UPDATES)
    assert str(refused.value) == (
        "model: no parameter changed in the first 20 epochs (20 updates), expected some to; the "
        "training step updates another model than the trainer's, its learning rate is 0, or its "
        "float16 loss scale skips every update: give the step the trainer's model, a learning rate "
        "above 0, or autocast=torch.bfloat16"
    )


def test_what_moved_once_is_not_looked_at_again() -> None:
    layer = nn.Linear(2, 1)
    before = layer.weight.detach().clone()
    movement = Movement(layer)
    with torch.no_grad():
        layer.weight.add_(1)
    movement.after(1, 1)
    with torch.no_grad():
        layer.weight.copy_(before)
    movement.after(N_EPOCHS, N_UPDATES)


@pytest.mark.parametrize("model", [nn.Flatten(), nn.Linear(2, 1).requires_grad_(False)])
def test_a_model_whose_step_trains_no_gradient_is_left_alone(model: nn.Module) -> None:
    movement = Movement(model)
    movement.after(N_EPOCHS, N_UPDATES)


class Loud(nn.Module):
    """A loss so high that its gradients are infinite until the scale has been halved often."""

    def __init__(self, model: Regression) -> None:
        super().__init__()
        self.model = model

    def forward(self, points: Points) -> Fit:
        output: Fit = self.model(points)
        return Fit(loss=output["loss"] * 1e3, residual=output["residual"])


def test_updates_that_a_float16_loss_scale_skips_are_waited_for() -> None:
    model = seeded_regression()
    weights = [p.detach().clone() for p in model.parameters()]
    step = OptimizerStep[Points, Fit](
        Loud(model), optimizer=lambda p: optim.SGD(p, lr=1e-6), autocast=torch.float16
    )
    movement = Movement(model)
    for epoch in range(1, N_UPDATES + 1):
        step.update(points(4))
        step.end_epoch()
        if epoch == N_EPOCHS:  # the scale is still too high
            assert all(map(torch.equal, weights, model.parameters()))
        movement.after(epoch, step.n_steps)
    assert not all(map(torch.equal, weights, model.parameters()))


@pytest.mark.parametrize("n_still", [1, 2])
def test_a_warm_up_may_begin_with_a_learning_rate_of_zero(n_still: int) -> None:
    model = seeded_regression()

    def warm_up(optimizer: optim.Adam) -> Schedule:
        return per_epoch(
            optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: float(epoch >= n_still))
        )

    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM, schedule=warm_up),
        train_loader=loader(batch_size=2),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        progress=False,
    )
    assert trainer.train().n_epochs_elapsed == 3
