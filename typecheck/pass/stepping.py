"""Schedules that know the run, closures, averages: around the steps of steps.py."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import torch
from artifact_torch import AveragedStep, ClosureStep, Compile, OptimizerStep, Schedule, averaged, ema, per_step, planned, steps, swa
from artifact_torch.contracts import Averaged, ClosureOptimizer, Monitor, Planned, TrainingStep
from torch import Tensor
from torch.nn import Parameter
from torch.optim.lr_scheduler import OneCycleLR, StepLR
from typecheck.common import VAE, Classifier, LabelledInput, LossOutput, VAEInput, VAEOutput, adam, lbfgs
from typing_extensions import assert_type

model = VAE()


def step(step: TrainingStep[VAEInput, VAEOutput], /) -> None: ...
def loss_step(step: TrainingStep[VAEInput, LossOutput], /) -> None: ...
def closing(optimizer: ClosureOptimizer, /) -> None: ...
def is_averaged(step: Averaged, /) -> None: ...
def is_planned(step: Planned, /) -> None: ...
def monitors(step: Monitor, /) -> None: ...


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> Schedule:
    return per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n_steps))


# a schedule that knows how many updates there will be
step(OptimizerStep(model, optimizer=adam, schedule=planned(one_cycle)))  # OK
step(OptimizerStep(model, optimizer=torch.optim.AdamW, schedule=planned(one_cycle)))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=planned(lambda optimizer, n_steps: per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n_steps)))))  # OK
step(OptimizerStep(model, optimizer=partial(torch.optim.SGD, lr=0.1), schedule=planned(lambda optimizer, n_steps: per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n_steps)))))  # OK
step(OptimizerStep(model, optimizer=lambda parameters: torch.optim.SGD(parameters), schedule=planned(lambda optimizer, n_steps: per_step(StepLR(optimizer, n_steps // 3)))))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=planned(lambda _, n_steps: None)))  # OK
is_planned(OptimizerStep(model, optimizer=adam))  # OK
monitors(OptimizerStep(model, optimizer=adam))  # OK
assert_type(OptimizerStep(model, optimizer=adam).learning_rates, Mapping[str, float])  # OK
assert_type(OptimizerStep(model, optimizer=adam).gradient_norm, Tensor | None)  # OK
step(OptimizerStep(model, optimizer=adam, compile="model"))  # OK
step(OptimizerStep(model, optimizer=adam, compile="step"))  # OK
step(OptimizerStep(model, optimizer=adam, compile=Compile(of="step", mode="max-autotune", dynamic=False)))  # OK
step(OptimizerStep(model, optimizer=adam, compile=Compile(backend="cudagraphs", fullgraph=True)))  # OK
step(OptimizerStep(model, optimizer=adam, compile=Compile(options={"triton.cudagraphs": True})))  # OK


class Sam:
    """An optimizer of the user's own that asks for the loss twice."""

    param_groups: list[dict[str, object]] = []

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self, closure: Callable[[], Tensor]) -> Tensor:
        return closure()

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class LossAgain(Sam):
    """As many write it."""

    def step(self, closure: Callable[[], object] | None = None) -> None: ...  # type: ignore[override]  # pyright: ignore


def of_sam(_: Iterable[Parameter]) -> Sam:
    return Sam()


# closures
assert_type(ClosureStep(model, optimizer=lbfgs), ClosureStep[VAEInput, VAEOutput])  # OK
assert_type(ClosureStep(Classifier(), optimizer=torch.optim.LBFGS), ClosureStep[LabelledInput, LossOutput])  # OK
step(ClosureStep(model, optimizer=partial(torch.optim.LBFGS, lr=1, line_search_fn="strong_wolfe")))  # OK
step(ClosureStep(model, optimizer=lambda parameters: torch.optim.LBFGS(parameters)))  # OK
step(ClosureStep(model, optimizer=lbfgs, schedule=lambda optimizer: per_step(StepLR(optimizer, 3))))  # OK
step(ClosureStep(model, optimizer=lbfgs, schedule=planned(one_cycle), clip_norm=1.0, autocast=torch.bfloat16))  # OK
step(ClosureStep(model, optimizer=of_sam))  # OK
step(ClosureStep(model, optimizer=adam))  # OK
loss_step(ClosureStep(model, optimizer=lbfgs))  # OK
closing(Sam())  # OK
closing(LossAgain())  # OK
closing(lbfgs([]))  # OK
closing(adam([]))  # OK
assert_type(ClosureStep(model, optimizer=lbfgs).update(VAEInput(codes=Tensor())), VAEOutput)  # OK

# averages
assert_type(averaged(OptimizerStep(model, optimizer=adam), ema(0.999)), AveragedStep[VAEInput, VAEOutput])  # OK
assert_type(averaged(ClosureStep(Classifier(), optimizer=lbfgs), swa()), AveragedStep[LabelledInput, LossOutput])  # OK
step(averaged(OptimizerStep(model, optimizer=adam), ema()))  # OK
step(averaged(OptimizerStep(model, optimizer=adam), ema(0.99, every=steps(10))))  # OK
step(averaged(OptimizerStep(model, optimizer=adam), swa(start=75, every=1)))  # OK
step(averaged(OptimizerStep(model, optimizer=adam), swa(start=steps(1000), every=steps(100))))  # OK
loss_step(averaged(OptimizerStep(model, optimizer=adam), ema()))  # OK
is_averaged(averaged(OptimizerStep(model, optimizer=adam), ema()))  # OK
is_planned(averaged(OptimizerStep(model, optimizer=adam), ema()))  # OK
monitors(averaged(OptimizerStep(model, optimizer=adam), ema()))  # OK


def of_any(inner: TrainingStep[VAEInput, VAEOutput]) -> None:
    step(averaged(inner, ema()))  # OK
    assert_type(averaged(inner, ema()).evaluate(VAEInput(codes=Tensor())), VAEOutput)  # OK
