"""Steps that cannot work are refused when they are built, in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import pytest
import torch
from torch import nn, optim
from torch.nn import Parameter
from torch.optim import lr_scheduler

from artifact_torch import OptimizerStep, per_epoch
from artifact_torch.contracts import Schedule
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Fit, Points, advance, points, seeded_regression

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


class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LazyLinear(1)

    def forward(self, points: Points) -> Fit:
        raise NotImplementedError


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
        (
            lambda: step(nn.LazyLinear(1)),
            ContractError,
            "model= LazyLinear does not satisfy Model:",
        ),
        (
            lambda: step(Lazy()),
            ConfigurationError,
            "Lazy has parameters without a shape yet, ['layer.weight', 'layer.bias']; run one batch",
        ),
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


# -- what a review found -----------------------------------------------------------------------


class Wrapper:
    """An optimizer around another, such as Lookahead."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.inner = optim.SGD(parameters, lr=0.1)

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]:
        return list(self.inner.param_groups)

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.inner.zero_grad(set_to_none)

    def step(self) -> None:
        advance(self.inner)

    def state_dict(self) -> Mapping[str, object]:
        return self.inner.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self.inner.load_state_dict(state_dict)


def test_a_schedule_may_move_the_optimizer_inside_another() -> None:
    made: list[Wrapper] = []

    def wrap(parameters: Iterable[Parameter]) -> Wrapper:
        made.append(Wrapper(parameters))
        return made[0]

    def of_inner(wrapper: Wrapper) -> Schedule:
        return per_epoch(lr_scheduler.StepLR(wrapper.inner, 1, gamma=0.5))

    built = OptimizerStep(seeded_regression(), optimizer=wrap, schedule=of_inner)
    built.update(points(4))
    built.after_scores({})
    assert made[0].param_groups[0]["lr"] == 0.05


def test_a_schedule_of_another_optimizer_is_refused_for_a_wrapper_too() -> None:
    with pytest.raises(ConfigurationError, match="its StepLR moves another optimizer"):
        step(optimizer=Wrapper, schedule=of_another)


def raw(optimizer: optim.Optimizer) -> object:
    return lr_scheduler.StepLR(optimizer, 10)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            raw,
            (
                "schedule: got StepLR, expected a Schedule; say when it advances: "
                "per_epoch(StepLR(...)), per_step(...) or by_score(..., 'name')"
            ),
        ),
        (
            lr_scheduler.ReduceLROnPlateau,
            (
                "schedule: got ReduceLROnPlateau, expected a Schedule; say when it advances: "
                "by_score(ReduceLROnPlateau(...), 'name')"
            ),
        ),
    ],
)
def test_a_scheduler_without_its_moment_is_told_to_say_when(
    make: Callable[[optim.Optimizer], object], said: str
) -> None:
    with pytest.raises(ContractError) as refused:
        step(schedule=make)
    assert str(refused.value) == said


def itself(optimizer: optim.Optimizer) -> object:
    return optimizer


def a_class(_: object) -> object:
    return lr_scheduler.StepLR


def test_an_optimizer_or_a_class_is_not_taken_for_a_scheduler() -> None:
    with pytest.raises(ContractError, match="what schedule makes= SGD does not satisfy Schedule"):
        step(schedule=itself)
    with pytest.raises(ContractError, match="what schedule makes= got the class StepLR, expected"):
        step(schedule=a_class)
