"""Plans, closures and averages that do not fit."""

from functools import partial

import torch
from artifact_torch import ClosureStep, Compile, OptimizerStep, Schedule, averaged, ema, per_step, planned, steps, swa
from artifact_torch.contracts import Averaged, ClosureOptimizer, TrainingStep
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau, StepLR
from typecheck.common import VAE, Classifier, Regressor, VAEInput, VAEOutput, adam, lbfgs

model = VAE()
made = OptimizerStep(model, optimizer=adam)


def step(step: TrainingStep[VAEInput, VAEOutput], /) -> None: ...
def closing(optimizer: ClosureOptimizer, /) -> None: ...
def is_averaged(step: Averaged, /) -> None: ...


def of_sgd(optimizer: torch.optim.SGD, n_steps: int) -> Schedule:
    return per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n_steps))


def of_words(optimizer: torch.optim.Optimizer, n_steps: str) -> Schedule:
    raise NotImplementedError


# plans
OptimizerStep(model, optimizer=adam, schedule=planned(of_sgd))  # E[pyright=reportArgumentType: SGD, mypy=misc: "OptT"]
OptimizerStep(model, optimizer=adam, schedule=planned(of_words))  # E[pyright=reportArgumentType: "str", mypy=arg-type: str]
OptimizerStep(model, optimizer=adam, schedule=of_sgd)  # E[pyright=reportArgumentType: n_steps, mypy=arg-type: SGD]
OptimizerStep(model, optimizer=adam, schedule=planned(lambda optimizer: per_step(StepLR(optimizer, 3))))  # E[pyright=reportArgumentType: positional]
OptimizerStep(model, optimizer=adam, schedule=planned(lambda optimizer, n: StepLR(optimizer, n)))  # E[pyright=reportArgumentType: StepLR]
OptimizerStep(model, optimizer=adam, schedule=planned(lambda optimizer, n: per_step(ReduceLROnPlateau(optimizer))))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: ReduceLROnPlateau]
OptimizerStep(model, optimizer=adam, schedule=planned(lambda optimizer, n: per_step(OneCycleLR(optimizer, max_lr=0.1, total_step=n))))  # E[pyright=reportCallIssue: "total_step", mypy=call-arg: "total_step"]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer, n: per_step(StepLR(optimizer, n)))  # E[pyright=reportArgumentType: Extra parameter]
OptimizerStep(model, optimizer=adam, compile="max-autotune")  # E[pyright=reportArgumentType: "compile", mypy=arg-type: "compile"]
OptimizerStep(model, optimizer=adam, compile=True)  # E[pyright=reportArgumentType: "compile", mypy=arg-type: "compile"]
OptimizerStep(model, optimizer=adam, compile={"backend": "eager"})  # E[pyright=reportArgumentType: "compile", mypy=arg-type: "compile"]
OptimizerStep(model, optimizer=adam, compile=Compile(of="update"))  # E[pyright=reportArgumentType: update, mypy=arg-type: "of"]
OptimizerStep(model, optimizer=adam, compile=Compile(full_graph=True))  # E[pyright=reportCallIssue: "full_graph", mypy=call-arg: "full_graph"]
OptimizerStep(model, optimizer=adam, compile=Compile("step"))  # E[pyright=reportCallIssue: positional, mypy=call-arg]
made.learning_rates["lr"] = 0.1  # E[pyright=reportIndexIssue: __setitem__, mypy=index: indexed assignment]

# closures
ClosureStep(model, optimizer=lbfgs, accumulate=2)  # E[pyright=reportCallIssue: "accumulate", mypy=call-arg: "accumulate"]
ClosureStep(model, optimizer=partial(torch.optim.LBFGS, rate=1))  # E[pyright=reportCallIssue: "rate", mypy=call-arg: "rate"]
ClosureStep(model, optimizer=lbfgs, schedule=lambda optimizer: StepLR(optimizer, 3))  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
ClosureStep(model, optimizer=lbfgs([]))  # E[pyright=reportArgumentType: "LBFGS", mypy=arg-type: "LBFGS"]


class NoClosure:
    param_groups: list[dict[str, object]] = []

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class OfFloats(NoClosure):
    def step(self, closure: "list[Tensor]") -> None: ...  # type: ignore[override]  # pyright: ignore


closing(NoClosure())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "NoClosure"]
closing(OfFloats())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "OfFloats"]
ClosureStep(model, optimizer=lambda _: NoClosure())  # E[pyright=reportArgumentType: NoClosure, mypy=type-var: "NoClosure"]
step(ClosureStep(Classifier(), optimizer=lbfgs))  # E[pyright=reportArgumentType: LabelledInput, mypy=arg-type: "Classifier"]

# averages
averaged(made, 0.999)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "float"]
averaged(model, ema())  # E[pyright=reportArgumentType: "VAE", mypy=arg-type: "VAE"]
averaged(made)  # E[pyright=reportCallIssue, mypy=call-arg]
ema("0.9")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "str"]
ema(0.9, every="1")  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
swa(75)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
swa(start=steps("1000"))  # E[pyright=reportArgumentType: "int", mypy=arg-type: "str"]
step(averaged(OptimizerStep(Regressor(), optimizer=adam), ema()))  # E[pyright=reportArgumentType: LossOutput, mypy=arg-type: "Regressor"]
is_averaged(made)  # E[pyright=reportArgumentType: "averaged" is not present, mypy=arg-type: "OptimizerStep]
