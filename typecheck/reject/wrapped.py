"""Models compiled, parallel and cast, handed over as they should not be."""

from typing import cast

import torch
from artifact_torch import OptimizerStep
from artifact_torch.contracts import Model
from torch import nn
from typecheck.common import VAE, VAEInput, VAEOutput, adam


def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...


parallel = nn.DataParallel(VAE())
vae(torch.compile(VAE()))  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
vae(cast(VAE, torch.compile(VAE())))  # E[pyright=reportUnknownMemberType: "compile"] # HOLE[mypy]: a cast is believed; the trainer's check says to hand over the model and compile it in place
vae(parallel)  # HOLE: torch leaves its forward unannotated; the trainer's check says to hand over the model inside
vae(cast(VAE, parallel))  # HOLE: a cast is believed
vae(parallel.module.forward)  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
OptimizerStep(torch.compile(VAE()), optimizer=adam)  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
