"""Looks at what is not there, with what is no summary, and in the wrong place."""

import torch
from artifact_torch import DataLoaderRoutine, EpochBoundStopper, OptimizerStep, ParameterGradients, Trainer, WatchActivations, WatchGradients
from artifact_torch.contracts import ResultKind, Summary
from artifact_torch.inside import DeadUnits, Density, Histogram, Mean, Norm, mean_of, each
from torch import Tensor, nn
from typecheck.common import CodesLoader, VAEInput, VAEOutput


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 8), nn.ReLU())

    def forward(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


model = Net()

# where it looks
WatchActivations("x", Mean, model, at=model.decoder)  # E[pyright=reportArgumentType: Tensor, mypy=arg-type: Tensor]
WatchActivations("x", Mean, model, at=3)  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", Mean, model, at=[int])  # E[pyright=reportArgumentType: type\[int\], mypy=list-item: type\[int\]]
WatchActivations("x", Mean, model, at=torch.ones(1))  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", Mean, "model")  # E[pyright=reportArgumentType, mypy=arg-type]
WatchGradients("x", Mean, Net)  # E[pyright=reportArgumentType, mypy=arg-type]
ParameterGradients("x", Mean, model, at=model.parameters())  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", Mean, model, every=0.5)  # E[pyright=reportArgumentType: float, mypy=arg-type: float]


# what it keeps
class NoKind:
    def add(self, place: str, seen: Tensor) -> None: ...
    def result(self) -> float:
        return 0.0


class NoPlace:
    kind = ResultKind.SCORE

    def add(self, seen: Tensor) -> None: ...
    def result(self) -> float:
        return 0.0


class WantsArgument:
    kind = ResultKind.SCORE

    def __init__(self, n: int) -> None: ...
    def add(self, place: str, seen: Tensor) -> None: ...
    def result(self) -> float:
        return 0.0


class KindInWords:
    kind = "score"

    def add(self, place: str, seen: Tensor) -> None: ...
    def result(self) -> float:
        return 0.0


WatchActivations("x", Mean(), model)  # E[pyright=reportArgumentType: Mean, mypy=arg-type: Mean]
WatchActivations("x", each(Mean()), model)  # E[pyright=reportArgumentType: Mean, mypy=arg-type: Mean]
WatchActivations("x", torch.mean, model)  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", Histogram, model)  # E[pyright=reportArgumentType: edges, mypy=arg-type]
WatchActivations("x", NoKind, model)  # E[pyright=reportArgumentType: kind, mypy=arg-type]
WatchActivations("x", NoPlace, model)  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", WantsArgument, model)  # E[pyright=reportArgumentType, mypy=arg-type]
WatchActivations("x", KindInWords, model)  # E[pyright=reportArgumentType: kind, mypy=arg-type]
WatchActivations("x", mean_of(lambda seen: seen.mean().item()), model)  # E[pyright=reportArgumentType: float, mypy]
summary: Summary[float] = Density()  # E[pyright=reportAssignmentType: Density, mypy=assignment: Density]

# where it stands
score = WatchActivations("dead", DeadUnits, model)
norms = WatchActivations("norms", each(Norm), model)
gradients = WatchGradients("gradients", Norm, model)
DataLoaderRoutine(CodesLoader(), arrays=[score])  # E[pyright=reportArgumentType: float, mypy=list-item: float]
DataLoaderRoutine(CodesLoader(), scores=[norms])  # E[pyright=reportArgumentType: Mapping, mypy=list-item: Mapping]
DataLoaderRoutine(CodesLoader(), scores=[gradients])  # E[pyright=reportArgumentType: finish, mypy=list-item: WatchGradients]
DataLoaderRoutine(CodesLoader(), plots=[ParameterGradients("x", Density, model)])  # E[pyright=reportArgumentType, mypy=list-item]
Trainer(OptimizerStep(model, optimizer=torch.optim.Adam), train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)], callbacks=[Mean()])  # E[pyright=reportArgumentType: Mean, mypy]
