"""The update that is compiled with the rest of a step, and why another is not."""

from collections.abc import Callable, Iterable
from functools import partial

import pytest
import torch
from torch import nn, optim
from torch.nn import Parameter
from torch.optim.lr_scheduler import LinearLR, OneCycleLR

from artifact_torch import (
    ClosureStep,
    Compile,
    OptimizerStep,
    find_learning_rate,
    per_step,
    planned,
)
from artifact_torch.contracts import Optimizer
from tests.compiled import COMPILES
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

STEP = Compile(of="step", backend="aot_eager")
Make = Callable[[Iterable[Parameter]], optim.Optimizer]

pytestmark = COMPILES


def sgd_of_a_tensor(parameters: Iterable[Parameter]) -> optim.SGD:
    return optim.SGD(parameters, lr=torch.tensor(0.1))


def adam_of_a_tensor(parameters: Iterable[Parameter]) -> optim.Adam:
    return optim.Adam(parameters, lr=torch.tensor(0.01))


def updated(
    make: Make, how: Compile | None, *, is_planned: bool = False, n: int = 10
) -> tuple[OptimizerStep[Points, Fit], nn.Module]:
    model = seeded_regression()
    step = OptimizerStep(
        model,
        optimizer=make,
        compile=how,
        clip_norm=0.5,
        schedule=planned(
            lambda optimizer, n_steps: per_step(LinearLR(optimizer, total_iters=n_steps))
        )
        if is_planned
        else None,
    )
    step.plan(10, 1, None)
    for seed in range(n):
        step.update(points(6, seed))
    return step, model


def furthest(one: nn.Module, other: nn.Module) -> float:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max((a - b).abs().max().item() for a, b in pairs)


def is_compiled(step: OptimizerStep[Points, Fit]) -> bool:
    """Whether the optimizer's own step is another than its class's."""
    (optimizer,) = (part for kind, part, _ in step.contract_places if kind == "optimizer")
    return "step" in vars(optimizer)


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name.startswith("artifact_torch.stepping")]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_compiled_step_of_sgd_is_the_plain_one_bit_for_bit(momentum: float) -> None:
    make = partial(optim.SGD, lr=0.1, momentum=momentum)
    step, model = updated(make, STEP)
    _, plain = updated(make, None)
    assert same_weights(model.state_dict(), plain.state_dict())
    assert is_compiled(step)


def test_other_updates_may_differ_in_last_digits() -> None:
    make = partial(optim.Adam, lr=0.01)
    _, model = updated(make, STEP)
    _, plain = updated(make, None)
    assert 0 < furthest(model, plain) < 1e-5


def test_a_fused_optimizer_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    make = partial(optim.Adam, lr=0.01, fused=True)
    step, model = updated(make, STEP)
    _, plain = updated(make, None)
    assert same_weights(model.state_dict(), plain.state_dict())
    assert not is_compiled(step)
    assert not ours(caplog)


def test_the_model_alone_leaves_the_update_alone() -> None:
    step, _ = updated(partial(optim.SGD, lr=0.1), Compile(backend="aot_eager"), n=1)
    assert not is_compiled(step)


def test_a_rate_that_is_a_number_and_changes_is_told_and_followed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make = partial(optim.SGD, lr=0.1)
    _, model = updated(make, STEP, is_planned=True)
    _, plain = updated(make, None, is_planned=True)
    assert same_weights(model.state_dict(), plain.state_dict())
    (said,) = ours(caplog)
    assert said.startswith("compile: the learning rate of SGD has changed from [0.03")
    assert "use an optimizer with fused=True, or give the rate as a tensor" in said


@pytest.mark.parametrize("make", [sgd_of_a_tensor, adam_of_a_tensor])
def test_a_rate_that_is_a_tensor_is_followed_by_the_compiled_update(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    step, model = updated(make, STEP, is_planned=True)
    plain_step, plain = updated(make, None, is_planned=True)
    assert furthest(model, plain) < 1e-5
    assert step.learning_rates == plain_step.learning_rates
    assert not ours(caplog)


def test_finding_a_rate_changes_nothing_of_a_compiled_update() -> None:
    make = partial(optim.SGD, lr=0.1)
    step = OptimizerStep(seeded_regression(), optimizer=make, compile=STEP)
    plain = OptimizerStep(seeded_regression(), optimizer=make)
    found = [find_learning_rate(each, Batches(points(), 5), n_updates=12) for each in (step, plain)]
    assert found[0] == found[1]


def test_under_a_loss_scale_it_is_not_compiled(caplog: pytest.LogCaptureFixture) -> None:
    OptimizerStep(seeded_regression(), optimizer=optim.Adam, compile=STEP, autocast=torch.float16)
    (said,) = ours(caplog)
    assert said.startswith("compile: the update of Adam is not compiled: under autocast=torch.fl")
    assert "use torch.bfloat16, or an optimizer with fused=True" in said


def test_under_a_loss_scale_a_fused_one_is_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    make = partial(optim.Adam, lr=0.01, fused=True)
    OptimizerStep(seeded_regression(), optimizer=make, compile=STEP, autocast=torch.float16)
    assert not ours(caplog)


class Own:
    """An optimizer that is not torch's."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.param_groups: list[dict[str, object]] = [{"params": [*parameters]}]

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


def test_an_optimizer_of_ones_own_is_not_compiled(caplog: pytest.LogCaptureFixture) -> None:
    made: Callable[[Iterable[Parameter]], Optimizer] = Own
    OptimizerStep(seeded_regression(), optimizer=made, compile=STEP)
    (said,) = ours(caplog)
    assert said.startswith("compile: the update of Own is not compiled: it is no torch.optim.Opt")


def test_an_optimizer_that_asks_is_not_compiled_and_its_model_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    weights: list[nn.Module] = []
    for compile_ in (STEP, None):
        model = seeded_regression().eval()
        step = ClosureStep(model, optimizer=optim.LBFGS, compile=compile_)
        for seed in range(3):
            step.update(points(6, seed))
        weights.append(model)
    assert same_weights(weights[0].state_dict(), weights[1].state_dict())
    (said,) = ours(caplog)
    assert said.startswith("compile: the update of LBFGS is not compiled: it asks for the loss it")


def test_a_schedule_that_is_planned_later_counts_the_compiled_updates() -> None:
    """torch's schedulers count the calls of `step`, and warn where somebody is between."""
    step = OptimizerStep(
        seeded_regression(),
        optimizer=sgd_of_a_tensor,
        compile=STEP,
        schedule=planned(
            lambda optimizer, n: per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n))
        ),
    )
    step.plan(8, 1, None)
    for seed in range(8):
        step.update(points(6, seed))
    assert step.n_steps == 8
