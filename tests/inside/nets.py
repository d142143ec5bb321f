"""Networks to look into, and the calls of a trainer around one update."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from artifact_torch import OptimizerStep
from artifact_torch.contracts import (
    ArtifactResults,
    Failure,
    Moment,
    Result,
    Results,
    StepCallback,
    Watching,
)
from tests.toys import Fit, Points, points


class Net(nn.Module):
    """Two linear layers, one of them followed by what works in place, and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 8), nn.ReLU(inplace=True), nn.Dropout(0.5))
        self.head = nn.Linear(8, 1)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.head(self.encoder(points["x"])).squeeze(1) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def net(seed: int = 0) -> Net:
    torch.default_generator.manual_seed(seed)
    return Net()


def sgd_step(model: Net, *, autocast: torch.dtype | None = None) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(
        model, optimizer=lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), autocast=autocast
    )


def updated_step() -> OptimizerStep[Points, Fit]:
    """After its first update."""
    step = sgd_step(net())
    step.update(batch_of(1))
    return step


def batch_of(step: int) -> Points:
    return points(6, seed=step)


def backward(loss: Tensor) -> None:
    torch.autograd.backward(loss)


def at(step: int) -> Moment:
    return Moment(epoch=0, step=step, ends_epoch=False)


def trained(
    step: OptimizerStep[Points, Fit],
    callbacks: Sequence[StepCallback],
    numbers: Iterable[int],
) -> list[Result | Failure]:
    """What a trainer does with callbacks: entered around the updates that are due, asked after."""
    seen: list[Result | Failure] = []
    step.model.train()
    for number in numbers:
        due = [each for each in callbacks if at(number).reaches(each.every)]
        with ExitStack() as stack:
            for each in due:
                if isinstance(each, Watching):
                    stack.enter_context(each.watching())
            step.update(batch_of(number))
        for each in due:
            seen += data(each.on_moment(step, at(number)))
    return seen


def data(results: Results) -> list[Result | Failure]:
    assert not isinstance(results, ArtifactResults | Mapping)
    return list(results)


def copied(model: Net) -> Net:
    return copy.deepcopy(model)


def n_hooks(model: nn.Module) -> int:
    """Of any kind, on the model and all in it."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(vars(module)[kind]) for module in model.modules() for kind in kinds)
