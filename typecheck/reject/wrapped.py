"""Models compiled, parallel, cast, and written by others, handed over as they should not be."""

from collections.abc import Callable
from typing import TypeVar, cast

import torch
from artifact_torch import OptimizerStep
from artifact_torch.contracts import Model, OutT
from torch import Tensor, nn
from typecheck.common import VAE, LabelledInput, LossOutput, VAEInput, VAEOutput, adam

NetT = TypeVar("NetT", bound=nn.Module)


def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...


parallel = nn.DataParallel(VAE())
vae(torch.compile(VAE()))  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
vae(cast(VAE, torch.compile(VAE())))  # E[pyright=reportUnknownMemberType: "compile"] # HOLE[mypy]: a cast is believed; the trainer's check says to hand over the model and compile it in place
vae(parallel)  # HOLE: torch leaves its forward unannotated; the trainer's check says to hand over the model inside
vae(cast(VAE, parallel))  # HOLE: a cast is believed
vae(parallel.module.forward)  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
OptimizerStep(torch.compile(VAE()), optimizer=adam)  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]


def with_forward(net: NetT, function: Callable[[NetT, VAEInput], OutT], /) -> Model[VAEInput, OutT]:
    """A module that others wrote, joined with a typed function."""
    raise NotImplementedError


def of_sequential(net: nn.Sequential, batch: VAEInput) -> LossOutput:
    raise NotImplementedError


def of_labels(net: nn.Sequential, batch: LabelledInput) -> LossOutput:
    raise NotImplementedError


def gives_tensor(net: nn.Sequential, batch: VAEInput) -> Tensor:
    raise NotImplementedError


with_forward(nn.Linear(64, 10), of_sequential)  # E[pyright=reportArgumentType: "Linear" is not assignable to "Sequential", mypy=arg-type: "Linear"|Sequential]
with_forward(nn.Sequential(), of_labels)  # E[pyright=reportArgumentType: "label" is missing, mypy=arg-type: LabelledInput]
with_forward(nn.Sequential(), gives_tensor)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor"]
vae(with_forward(nn.Sequential(), of_sequential))  # E[pyright=reportArgumentType: "mu" is missing|LossOutput, mypy=arg-type]
