"""A state that fits is never refused: of every optimizer, every step, from elsewhere."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.nn import Parameter

from artifact_torch import (
    ClosureStep,
    EpochBoundStopper,
    OptimizerStep,
    averaged,
    ema,
)
from artifact_torch.checkpoints.optimizers import optimizers_in
from artifact_torch.contracts import TrainingStep
from artifact_torch.internal.narrowing import (
    is_list,
    is_mapping,
    is_tuple,
)
from tests.checkpoints.states import (
    ADAM,
    STEPS,
    as_state,
    by_way,
    copied,
    digest,
    digest_of,
    in_float16,
    in_turns,
    plain,
    saved_and_fresh,
    trainer,
)
from tests.toys import Fit, Points, seeded_regression

# -- what is right is never refused --------------------------------------------------------------

OPTIMIZERS: dict[str, Callable[[Iterable[Parameter]], optim.Optimizer]] = {
    "ASGD": optim.ASGD,
    "Adadelta": optim.Adadelta,
    "Adafactor": optim.Adafactor,
    "Adagrad": optim.Adagrad,
    "Adam": optim.Adam,
    "Adam amsgrad": partial(optim.Adam, amsgrad=True),
    "Adam capturable lr": partial(optim.Adam, lr=torch.tensor(0.01), foreach=False),
    "AdamW": partial(optim.AdamW, amsgrad=True, fused=True),
    "Adamax": optim.Adamax,
    "NAdam": optim.NAdam,
    "RAdam": optim.RAdam,
    "RMSprop": optim.RMSprop,
    "RMSprop centered": partial(optim.RMSprop, centered=True, momentum=0.9),
    "Rprop": optim.Rprop,
    "SGD": partial(optim.SGD, lr=0.01),
    "SGD momentum": partial(optim.SGD, lr=0.01, momentum=0.9, nesterov=True),
}


def test_every_optimizer_of_torch_is_here() -> None:
    found = {name for name, each in vars(optim).items() if isinstance(each, type)}
    beside = {"Optimizer", "LBFGS", "Muon", "SparseAdam"}  # below
    assert found - beside == {name.partition(" ")[0] for name in OPTIMIZERS}


def loads(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    """Into a fresh one, into one that is trained, from within an epoch, and through a file."""
    run = trainer(make())
    begun = copied(run.state_dict())
    run.train()
    state = copied(run.state_dict())
    fresh = trainer(make())
    fresh.load_state_dict(state)
    assert digest(fresh) == digest_of(state)
    fresh.load_state_dict(begun)
    fresh.load_state_dict(state)
    run.load_state_dict(state)
    assert digest(run) == digest(fresh) == digest_of(state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_of_every_optimizer_loads(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    loads(lambda: OptimizerStep(seeded_regression(), optimizer=optimizer))


@pytest.mark.parametrize("make", STEPS)
def test_the_state_of_every_step_loads(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    loads(make)


def test_the_state_of_an_optimizer_by_closure_loads() -> None:
    loads(lambda: ClosureStep(seeded_regression(), optimizer=partial(optim.LBFGS, lr=0.01)))


class ScheduleFree(optim.Optimizer):
    """As those that need no schedule: two sets of weights, a mode, numbers that change in a group,
    and moments that are made at the first step, one of which is smaller than its parameter.
    """

    def __init__(self, params: Iterable[Parameter]) -> None:
        defaults = {"lr": 0.01, "k": 0, "train_mode": False, "weight_sum": 0.0, "lr_max": -1.0}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: object = None) -> Any:  # Any: torch has two forms of it
        for group in self.param_groups:
            group["k"] += 1
            group["weight_sum"] += 0.5
            for each in group["params"]:
                state = self.state[each]
                state.setdefault("z", each.clone())
                state.setdefault("row", torch.zeros(each.shape[:1]))
                state["z"] -= 0.01 * each.grad
                each.lerp_(state["z"], 0.5)

    def train(self) -> None:
        self._set(is_training=True)

    def eval(self) -> None:
        self._set(is_training=False)

    def _set(self, *, is_training: bool) -> None:
        for group in self.param_groups:
            group["train_mode"] = is_training


def test_an_optimizer_of_elsewhere_loads() -> None:
    loads(lambda: OptimizerStep(seeded_regression(), optimizer=ScheduleFree))


class Matrices(nn.Module):
    """One weight, for an optimizer that wants nothing else."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.weight = Parameter(torch.rand(1, 3))

    def forward(self, points: Points) -> Fit:
        residual = nn.functional.linear(points["x"], self.weight).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_an_optimizer_of_matrices_loads() -> None:
    loads(lambda: OptimizerStep(Matrices(), optimizer=optim.Muon))


def test_parameters_in_another_order_and_those_without_a_gradient_are_no_fault() -> None:
    def make() -> TrainingStep[Points, Fit]:
        model = seeded_regression()
        model.register_parameter("unused", Parameter(torch.zeros(7)))
        by_size = sorted(model.parameters(), key=lambda each: -each.dim())
        groups: list[dict[str, object]] = [
            {"params": by_size[:2], "weight_decay": 0.1, "name": "matrices"},
            {"params": by_size[2:], "lr": 0.1, "name": "rest"},
        ]
        return OptimizerStep(model, optimizer=lambda _: optim.AdamW(groups))

    loads(make)


def listed(tree: object) -> object:
    """As a file may give it back that knows no tuples."""
    if is_mapping(tree):
        return {key: listed(value) for key, value in tree.items()}
    if is_list(tree) or is_tuple(tree):
        return [listed(each) for each in tree]
    return tree


@pytest.mark.parametrize("make", STEPS)
def test_lists_in_the_place_of_tuples_load(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    state, run = saved_and_fresh(make)
    run.load_state_dict(as_state(listed(state)))
    assert digest(run) == digest_of(state)
    assert run.train(stop=[EpochBoundStopper(max_n_epochs=4)]).n_epochs_elapsed == 4


def test_a_state_of_a_gpu_loads_on_a_cpu() -> None:
    state, run = saved_and_fresh(plain)
    run.load_state_dict(by_way(state, {"rng.cuda": torch.zeros(16, dtype=torch.uint8)}))


def test_optimizers_are_found_in_the_order_of_the_state() -> None:
    kinds = [type(each).__name__ for each in optimizers_in(averaged(in_turns(), ema()))]
    assert kinds == ["Adam", "AdamW"]


def test_the_state_that_was_loaded_is_not_trained() -> None:
    state, _ = saved_and_fresh(in_float16)
    before = digest_of(state)
    run = trainer(in_float16(), n_epochs=5)
    run.load_state_dict(state)
    run.train()
    assert digest_of(state) == before


def test_a_mask_of_infinity_in_a_buffer_is_no_fault() -> None:
    def make() -> TrainingStep[Points, Fit]:
        model = seeded_regression()
        model.register_buffer("mask", torch.tensor([0.0, -math.inf]))
        return OptimizerStep(model, optimizer=ADAM)

    loads(make)
