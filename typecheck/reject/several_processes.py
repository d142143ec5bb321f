"""A step of several processes, with options that there are not."""

import torch
from artifact_torch import ClosureStep, OptimizerStep, Parallel
from artifact_torch.contracts import Share, SharedSource, Sharing, TakesPart
from torch import nn
from typecheck.common import VAE, CodesLoader, VAEInput, adam, lbfgs

OptimizerStep(VAE(), optimizer=adam, parallel="dp")  # E[pyright=reportArgumentType: dp, mypy=arg-type: dp]
OptimizerStep(VAE(), optimizer=adam, parallel=True)  # E[pyright=reportArgumentType: True, mypy=arg-type: True]
OptimizerStep(VAE(), optimizer=adam, parallel=2)  # E[pyright=reportArgumentType: parallel, mypy=arg-type: parallel]
OptimizerStep(VAE(), optimizer=adam, strategy="ddp")  # E[pyright=reportCallIssue: "strategy", mypy=call-arg: "strategy"]
ClosureStep(VAE(), optimizer=lbfgs, parallel="ddp")  # E[pyright=reportCallIssue: "parallel", mypy=call-arg: "parallel"]
Parallel("fsdp")  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Parallel()  # E[pyright=reportCallIssue: "by", mypy=call-arg: "by"]
Parallel(by="zero")  # E[pyright=reportArgumentType: zero, mypy=arg-type: zero]
Parallel(by="fsdp", blocks=nn.Linear(1, 1))  # HOLE: torch types the call of a module as Any
Parallel(by="fsdp", blocks=["Block"])  # E[pyright=reportArgumentType: "str"|blocks, mypy=list-item: "str"]
Parallel(by="fsdp", blocks=[nn.Linear(1, 1)])  # E[pyright=reportArgumentType: "Linear", mypy=list-item: "Linear"]
Parallel(by="fsdp", compute="bfloat16")  # E[pyright=reportArgumentType: "dtype", mypy=arg-type: compute]
Parallel(by="fsdp", reduce=torch.bfloat16).reduce = None  # E[pyright=reportAttributeAccessIssue: "reduce", mypy=misc: read-only]


class NoSpare:
    def __call__(self, batch: VAEInput, /) -> VAEInput:
        return batch

    def given(self, share: Share[VAEInput], /) -> VAEInput:
        return share.batch


class CutsAlone:
    is_spare: bool = False

    def __call__(self, batch: VAEInput, /) -> VAEInput:
        return batch


class Tensors:
    is_spare: bool = False

    def __call__(self, batch: VAEInput, /) -> torch.Tensor:
        return batch["codes"]

    def given(self, share: Share[VAEInput], /) -> torch.Tensor:
        return share.batch["codes"]


takes: TakesPart[VAEInput] = NoSpare()  # E[pyright=reportAssignmentType: "is_spare" is not present, mypy=assignment: "NoSpare"]
cuts: TakesPart[VAEInput] = CutsAlone()  # E[pyright=reportAssignmentType: "given" is not present, mypy=assignment: "CutsAlone"]
gives: TakesPart[VAEInput] = Tensors()  # E[pyright=reportAssignmentType: "Tensor", mypy=assignment: "Tensors"]
shares: Sharing[VAEInput] = CodesLoader()  # E[pyright=reportAssignmentType: "part" is not present, mypy=assignment: "CodesLoader"]


class GivesBatches:
    def shares_from(self, epoch: int, n_done: int, rank: int, size: int, /) -> list[VAEInput]:
        return []


whole: SharedSource[VAEInput] = GivesBatches()  # E[pyright=reportAssignmentType: "shares_from", mypy=assignment: "GivesBatches"]
reads_all: SharedSource[VAEInput] = CodesLoader()  # E[pyright=reportAssignmentType: "shares_from" is not present, mypy=assignment: "CodesLoader"]
Share(batch=VAEInput(codes=torch.zeros(4, 2)), n_rows=4, of=1)  # E[pyright=reportCallIssue: "n_of_all", mypy=call-arg: "n_of_all"]
