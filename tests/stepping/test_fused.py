"""torch's fused optimizers: how equal they are to its plain ones, and what they may continue from."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import Tensor, optim
from torch.nn import Parameter

from artifact_torch import OptimizerStep
from artifact_torch.contracts import Optimizer
from tests.toys import Fit, Points, Regression, points, seeded_regression

Make = Callable[..., Optimizer]

MAKES: list[Make] = [
    partial(optim.SGD, lr=0.05),
    partial(optim.SGD, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
    partial(optim.Adam, lr=0.01),
    partial(optim.AdamW, lr=0.01, weight_decay=0.1, amsgrad=True),
]


def step_of(make: Make, *, fused: bool) -> OptimizerStep[Points, Fit]:
    def made(parameters: Iterable[Parameter]) -> Optimizer:
        return make(parameters, fused=fused)

    model: Regression = seeded_regression()
    return OptimizerStep(model.eval(), optimizer=made, device="cpu")  # without dropout


def weights(step: OptimizerStep[Points, Fit], n_updates: int) -> list[Tensor]:
    for seed in range(n_updates):
        step.update(points(8, seed))
    return [each.detach().clone() for each in step.model.parameters()]


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(("n_updates", "tolerance"), [(1, 3e-7), (50, 1e-4)])
def test_it_is_equal_to_the_last_digit_of_an_update(
    make: Make, n_updates: int, tolerance: float
) -> None:
    """Not bit for bit: its kernels round some products and sums once, where the plain ones do twice."""
    fused, plain = (weights(step_of(make, fused=each), n_updates) for each in (True, False))
    start = weights(step_of(make, fused=False), 0)
    for one, other, before in zip(fused, plain, start, strict=True):
        assert not torch.equal(other, before)
        assert torch.allclose(one, other, rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize("was_fused", [True, False])
@pytest.mark.parametrize("make", MAKES)
def test_a_run_goes_on_as_it_was_saved(make: Make, was_fused: bool) -> None:
    """torch keeps the choice with the state."""
    saved = step_of(make, fused=was_fused)
    weights(saved, 3)
    other = step_of(make, fused=not was_fused)
    other.model.load_state_dict(deepcopy(saved.model.state_dict()))
    other.load_state_dict(deepcopy(saved.state_dict()))
    assert all(map(torch.equal, weights(other, 5), weights(saved, 5)))
