"""A look inside the model: where it looks, what it keeps, and where it may stand."""

from collections.abc import Mapping
from functools import partial

import torch
from artifact_torch import DataLoaderRoutine, EpochBoundStopper, LossCallback, OptimizerStep, ParameterGradients, Trainer, TrainLoss, WatchActivations, WatchGradients, minutes, steps
from artifact_torch.contracts import LoaderCallback, LoaderRoutine, ResultKind, StepCallback, Summary, Watching
from artifact_torch.contracts.kinds import Array
from artifact_torch.inside import DeadUnits, Density, Histogram, Mean, Norm, mean_of, each
from matplotlib.figure import Figure
from torch import Tensor, nn
from typecheck.common import CodesLoader, MuMeans, MuScore, VAEInput, VAEOutput
from typing_extensions import assert_type


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 8), nn.ReLU())
        self.head = nn.Linear(8, 1)

    def forward(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


model = Net()


class Largest:
    """A summary of one's own."""

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self.top = 0.0

    def add(self, place: str, seen: Tensor) -> None: ...
    def result(self) -> float:
        return self.top


def summarizes(summary: Summary[float], /) -> None: ...
def acts(callback: StepCallback, /) -> None: ...
def watches(callback: Watching, /) -> None: ...
def routine(routine: LoaderRoutine[VAEInput, VAEOutput], /) -> None: ...


summarizes(Largest())  # OK
summarizes(Mean())  # OK
summarizes(mean_of(lambda seen: seen.abs().max())())  # OK
score = WatchActivations("dead", DeadUnits, model, at=nn.ReLU, every=steps(100))  # OK
own = WatchActivations("largest", Largest, model, at=model.encoder)  # OK
array = WatchActivations("counts", lambda: Histogram([-1, 0, 1]), model, at=["encoder.*", model.head])  # OK
configured = WatchActivations("dead units", partial(DeadUnits, dim=1), model, at=[nn.Linear, nn.ReLU])  # OK
plot = WatchActivations("density", Density, model)  # OK
scores = WatchActivations("norms", each(Norm), model, every=minutes(1))  # OK
arrays = WatchActivations("all counts", each(lambda: Histogram([0.0, 0.5])), model, every=2)  # OK
plots = WatchActivations("densities", each(Density), nn.Linear(3, 3))  # OK
gradients = WatchGradients("gradient norms", each(Norm), model, at=model.head)  # OK
parameters = ParameterGradients("parameter norms", each(Norm), model, at="*.weight")  # OK
assert_type(score, WatchActivations[float])
assert_type(configured, WatchActivations[float])
assert_type(plot, WatchActivations[Figure])
assert_type(scores, WatchActivations[Mapping[str, float]])
assert_type(gradients, WatchGradients[Mapping[str, float]])
acts(score)  # OK
acts(gradients)  # OK
acts(parameters)  # OK
watches(plots)  # OK
watches(gradients)  # OK
of_float: LoaderCallback[VAEInput, VAEOutput, float] = own  # OK
of_array: LoaderCallback[VAEInput, VAEOutput, Array] = array  # OK

routine(DataLoaderRoutine(CodesLoader(), scores=[LossCallback("loss"), score, MuScore()], arrays=[array], plots=[plot]))  # OK
routine(DataLoaderRoutine(CodesLoader(), score_collections=[MuMeans(), scores], array_collections=[arrays], plot_collections=[plots]))  # OK
DataLoaderRoutine(CodesLoader(), scores=[LossCallback("loss"), score], plots=[plot])  # OK
Trainer(  # OK
    OptimizerStep(model, optimizer=torch.optim.Adam),
    train_loader=CodesLoader(),
    stop=[EpochBoundStopper(max_n_epochs=1)],
    callbacks=[TrainLoss(every=steps(10)), score, array, gradients, parameters],
    routines=[DataLoaderRoutine(CodesLoader(), scores=[own, LossCallback("loss")], plots=[plot])],
)
