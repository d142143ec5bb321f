"""Models compiled, parallel, cast, and of a library's base class."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Self, TypeVar, cast

import torch
from artifact_torch import OptimizerStep
from artifact_torch.contracts import Model
from torch import Tensor, nn
from typecheck.common import VAE, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...


compiled = VAE()
compiled.compile()  # FALSE[pyright]: strict reports that torch leaves the parameters of compile unannotated; in place the model keeps its type
vae(compiled)  # OK
assert_type(OptimizerStep(compiled, optimizer=adam), OptimizerStep[VAEInput, VAEOutput])  # OK


class CompiledForward(nn.Module):
    @torch.compile  # FALSE[pyright]: strict reports that torch leaves a part of its signature unannotated; the method keeps its type
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError


class ParallelInside(nn.Module):
    """A parallel network inside a model that says what it takes and gives."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = nn.DataParallel(net)

    def forward(self, x: VAEInput) -> VAEOutput:
        mu: Tensor = self.net(x["codes"])
        return VAEOutput(loss=mu.mean(), mu=mu)


def restored() -> nn.Module:
    return VAE()


vae(CompiledForward())  # OK
vae(ParallelInside(nn.Linear(1, 1)))  # OK
vae(nn.DataParallel(VAE()).module)  # OK
vae(cast(VAE, restored()))  # OK
vae(cast(Model[VAEInput, VAEOutput], restored()))  # OK

P = ParamSpec("P")
R = TypeVar("R")


def logged(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    return inner


class OfALibrary(nn.Module):
    """Its base class decorates what nobody needs through the contract."""

    @wraps(nn.Module.to)
    def to(self, *args: object, **kwargs: object) -> Self:  # FALSE: the library itself overrides `to` with less; its users do not check that line, only the ones below
        return self

    @logged
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError


class Research(OfALibrary): ...


vae(OfALibrary())  # OK
vae(Research())  # OK
assert_type(OptimizerStep(Research(), optimizer=adam), OptimizerStep[VAEInput, VAEOutput])  # OK
