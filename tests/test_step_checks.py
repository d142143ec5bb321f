"""Steps that cannot work are refused when they are built, in words."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn, optim

from artifact_torch import OptimizerStep, per_epoch
from artifact_torch.contracts import Schedule
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Fit, Points, seeded_regression

SGD = partial(optim.SGD, lr=0.1)


def step(model: object = None, **options: object) -> object:
    """Without types: a checker would refuse most of these as well."""
    given: dict[str, object] = {"optimizer": SGD} | options
    return untyped(OptimizerStep, seeded_regression() if model is None else model, **given)


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)


class Bare(nn.Module):
    def forward(self, points: Points) -> Fit:
        return Fit(loss=points["x"].mean(), residual=points["x"])


class NoSuper(nn.Module):
    def __init__(self) -> None: ...

    def forward(self, points: Points) -> Fit:
        raise NotImplementedError


def optimizer_of(model: nn.Module) -> optim.Optimizer:
    return SGD(model.parameters())


def nothing(_: object) -> None: ...


def three(_: object) -> int:
    return 3


def of_another(_: object) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer_of(seeded_regression()), 1))


def own(optimizer: optim.Optimizer) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer, 1))


NOT_A_FACTORY = "OptimizerStep: optimizer must be a function of one argument, such as partial("


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: step({}), ContractError, "model= dict does not satisfy Model:"),
        (lambda: step(Bare()), ConfigurationError, "model: Bare has no parameters, so nothing can"),
        (lambda: step(NoSuper()), ContractError, "NoSuper does not call super().__init__(), so it"),
        (lambda: step(optimizer=None), ConfigurationError, NOT_A_FACTORY),
        (
            lambda: step(optimizer=optimizer_of(seeded_regression())),
            ConfigurationError,
            "torch.optim.Adam, lr=0.001), got SGD",
        ),
        (
            lambda: step(optimizer=lambda: None),
            ConfigurationError,
            "got a function that cannot be called with one argument (too many positional arguments",
        ),
        (
            lambda: step(optimizer=nothing),
            ContractError,
            "what optimizer makes= NoneType does not satisfy Optimizer:",
        ),
        (
            lambda: step(schedule=of_another(None)),
            ConfigurationError,
            "schedule must be a function of one argument, such as lambda optimizer: per_epoch(",
        ),
        (
            lambda: step(schedule=three),
            ContractError,
            "what schedule makes= int does not satisfy Schedule:",
        ),
        (
            lambda: step(schedule=of_another),
            ConfigurationError,
            "schedule: its StepLR moves another optimizer than the one that optimizer= makes; build",
        ),
        (
            lambda: step(clip_norm="1.0"),
            ConfigurationError,
            "clip_norm must be a positive number, or None for no clipping, got '1.0'",
        ),
        (
            lambda: step(autocast=torch.int32),
            ConfigurationError,
            "autocast must be one of (torch.float16, torch.bfloat16), or None, got torch.int32",
        ),
    ],
)
def test_what_cannot_work_is_refused(
    make: Callable[[], object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        make()
    assert type(refused.value) is error
    assert said in str(refused.value)


def test_a_schedule_of_its_own_optimizer_and_none_at_all_are_fine() -> None:
    assert step(schedule=own)
    assert step(schedule=nothing)
