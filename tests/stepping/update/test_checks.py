"""Steps that cannot work are refused in words: by themselves, or by the trainer where a contract is
not kept.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import pytest
import torch
from torch import nn, optim
from torch.nn import Parameter
from torch.optim import lr_scheduler

from artifact_torch import (
    EpochBoundStopper,
    OptimizerStep,
    Schedule,
    Trainer,
    by_score,
    per_epoch,
    per_step,
)
from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.keywords import OF_STEPS
from tests.toys import Batches, Fit, Points, advance, points, seeded_regression

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


def a_tuple(parameters: Iterable[Parameter]) -> object:
    return SGD(parameters), None


def a_class(_: object) -> object:
    return lr_scheduler.StepLR


def of_another(_: object) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer_of(seeded_regression()), 1))


def own(optimizer: optim.Optimizer) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer, 1))


NOT_A_FACTORY = "OptimizerStep: optimizer must be a function of one argument, such as partial("


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (
            lambda: step({}),
            ContractError,
            "model: got a dict, expected a torch.nn.Module; make it a subclass of that",
        ),
        (
            lambda: step(Bare),
            ContractError,
            "model: got the class Bare, expected a torch.nn.Module; call it",
        ),
        (lambda: step(Bare()), ConfigurationError, "model: Bare has no parameters, so nothing can"),
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
            "torch.optim.Adam, lr=0.001), got a SGD",
        ),
        (
            lambda: step(optimizer=lambda: None),
            ConfigurationError,
            "got a function that cannot be called with one argument (too many positional arguments",
        ),
        (
            lambda: step(optimizer=nothing),
            ContractError,
            "optimizer: its function returned None, expected an optimizer; return it: lambda",
        ),
        (
            lambda: step(optimizer=a_class),
            ContractError,
            "optimizer: its function returned the class StepLR, expected an optimizer; return it:",
        ),
        (
            lambda: step(optimizer=a_tuple),
            ContractError,
            "optimizer: its function returned a tuple, expected one optimizer; a schedule goes",
        ),
        (
            lambda: step(optimizer=optim.LBFGS),
            ContractError,
            "its function returned a LBFGS, whose step needs a closure; use ClosureStep(model",
        ),
        (
            lambda: step(schedule=of_another(None)),
            ConfigurationError,
            "schedule must be a function of one argument, such as lambda optimizer: per_epoch(",
        ),
        (
            lambda: step(schedule=three),
            ContractError,
            "schedule: got 3, expected a Schedule; say when it advances: per_epoch(StepLR(...)), ",
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
    built.after_scores({}, Moment(epoch=1, step=1))
    assert made[0].param_groups[0]["lr"] == 0.05


def test_a_schedule_of_another_optimizer_is_refused_for_a_wrapper_too() -> None:
    with pytest.raises(ConfigurationError, match="its StepLR moves another optimizer"):
        step(optimizer=Wrapper, schedule=of_another)


def test_scaling_the_loss_needs_an_optimizer_of_torch_and_that_is_said_at_build() -> None:
    with pytest.raises(ConfigurationError) as refused:
        step(optimizer=Wrapper, autocast=torch.float16)
    assert str(refused.value) == (
        "autocast=torch.float16 scales the loss, which needs a torch.optim.Optimizer, got Wrapper; "
        "use torch.bfloat16"
    )
    assert step(optimizer=Wrapper, autocast=torch.bfloat16)


def raw(optimizer: optim.Optimizer) -> object:
    return lr_scheduler.StepLR(optimizer, 10)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            raw,
            (
                "schedule: got a StepLR, expected a Schedule; say when it advances: "
                "per_epoch(StepLR(...)), per_step(...) or by_score(..., 'name')"
            ),
        ),
        (
            lr_scheduler.ReduceLROnPlateau,
            (
                "schedule: got a ReduceLROnPlateau, expected a Schedule; say when it advances: "
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


AN_OPTIMIZER = (
    "schedule: got SGD, an optimizer; expected a scheduler made from it, for example "
    "StepLR(optimizer, step_size=10)"
)
LOOKS_AT_A_SCORE = (
    "schedule: ReduceLROnPlateau looks at a score, which per_epoch and per_step do not give; use "
    "by_score(scheduler, 'validation_loss')"
)


NO_SCHEDULES: list[tuple[Callable[[optim.Optimizer], object], str]] = [
    (lambda optimizer: optimizer, AN_OPTIMIZER),
    (lambda optimizer: untyped(per_step, optimizer), AN_OPTIMIZER),
    (lambda optimizer: untyped(per_epoch, optimizer), AN_OPTIMIZER),
    (lambda optimizer: untyped(by_score, optimizer, "loss"), AN_OPTIMIZER),
    (lambda o: untyped(per_epoch, lr_scheduler.ReduceLROnPlateau(o)), LOOKS_AT_A_SCORE),
    (lambda o: untyped(per_step, lr_scheduler.ReduceLROnPlateau(o)), LOOKS_AT_A_SCORE),
]


@pytest.mark.parametrize(("schedule", "said"), NO_SCHEDULES)
def test_what_is_no_scheduler_for_that_moment_is_refused(
    schedule: Callable[[optim.Optimizer], object], said: str
) -> None:
    with pytest.raises(ContractError) as refused:
        step(schedule=schedule)
    assert str(refused.value) == said


# -- contracts, which the trainer checks ---------------------------------------------------------


class NoState:
    """A scheduler that could not be continued."""

    def step(self) -> None: ...


class NeedsMore:
    """An optimizer that nobody gives what it asks for."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.param_groups: Sequence[Mapping[str, object]] = [{"params": list(parameters)}]

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self, scale: float) -> None: ...
    def state_dict(self) -> Mapping[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None: ...


def stateless(_: object) -> object:
    return untyped(per_epoch, NoState())


def counting(optimizer: optim.Optimizer) -> object:
    return untyped(by_score, lr_scheduler.StepLR(optimizer, 1), "loss")


def unbuilt(_: object) -> object:
    return untyped(per_epoch, lr_scheduler.StepLR)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"model": nn.Linear(3, 1)},
            [
                "model= Linear does not satisfy Model:",
                "  - forward(input): accepts Tensor, is called with In (some ModelInput): ",
                "  - forward -> return: returns Tensor, must return Out (some ModelOutput): ",
            ],
        ),
        (
            {"optimizer": NeedsMore},
            [
                "optimizer= NeedsMore does not satisfy Optimizer:",
                "  - step: requires scale, which no caller passes; ",
            ],
        ),
        (
            {"schedule": stateless},
            [
                "scheduler= NoState does not satisfy Scheduler:",
                "  - state_dict: is missing; ",
                "  - load_state_dict: is missing; ",
            ],
        ),
        (
            {"schedule": counting},
            [
                "scheduler= StepLR does not satisfy ScoreScheduler:",
                "  - step(epoch): accepts int | None, is called with float: ",
            ],
        ),
        ({"schedule": unbuilt}, ["scheduler= got the class StepLR, expected an object: StepLR("]),
    ],
)
def test_what_a_step_is_made_of_is_checked_by_the_trainer(
    options: dict[str, object], said: list[str]
) -> None:
    made = step(**options)
    with pytest.raises(ContractError) as refused:
        untyped(
            Trainer,
            made,
            train_loader=Batches(points(), 10),
            stop=[EpochBoundStopper(max_n_epochs=1)],
        )
    lines = str(refused.value).splitlines()
    assert len(lines) == len(said)
    assert all(line.startswith(begin) for line, begin in zip(lines, said, strict=True))


def test_torchs_own_schedulers_are_taken_by_the_trainer() -> None:
    def warmed(optimizer: optim.SGD) -> Schedule:
        return per_step(
            lr_scheduler.SequentialLR(
                optimizer,
                [lr_scheduler.LinearLR(optimizer), lr_scheduler.CosineAnnealingLR(optimizer, 9)],
                milestones=[4],
            )
        )

    schedules: list[Callable[[optim.SGD], Schedule]] = [
        lambda o: per_epoch(lr_scheduler.StepLR(o, 1)),
        lambda o: per_step(lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=9)),
        warmed,
    ]
    for schedule in schedules:
        model = seeded_regression()
        result = Trainer(
            OptimizerStep(model, optimizer=SGD, schedule=schedule),
            train_loader=Batches(points(), 10),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            progress=False,
        ).train()
        assert result.n_steps == 2


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("lr", "optimizer=partial(torch.optim.Adam, lr=...)"),
        ("gradient_clip_val", "clip_norm="),
        ("accumulate_grad_batches", "accumulate="),
        ("precision", "autocast=torch.bfloat16"),
        ("max_grad_norm", "clip_norm="),
        ("gradient_accumulation_steps", "accumulate="),
        ("loss_fn", "part of the model: OptimizerStep(supervised(net, loss), ...)"),
        ("ema", "a step around the step: averaged(OptimizerStep(...), ema(0.999))"),
        ("swa", "a step around the step: averaged(OptimizerStep(...), swa(start=...))"),
        ("warmup_steps", "schedule=planned(lambda optimizer, n_updates: per_step(...))"),
    ],
)
def test_a_keyword_of_another_library_hears_ours(word: str, ours: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        untyped(OptimizerStep, seeded_regression(), optimizer=optim.SGD, **{word: 1})
    assert str(caught.value) == f"OptimizerStep: {word}= is {ours} here"


def test_no_foreign_word_is_one_of_the_step() -> None:
    assert OF_STEPS.keys().isdisjoint(inspect.signature(OptimizerStep).parameters)
