"""A batch that fails leaves the running statistics of norms as they were."""

from collections.abc import Callable
from functools import partial
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import AlternatingStep, ClosureStep, OptimizerStep, Part
from artifact_torch.contracts import Turn
from artifact_torch.errors import LossError
from artifact_torch.stepping.update.running import RunningStatistics


class Rows(TypedDict):
    x: Tensor  # [batch, 3]


class Out(TypedDict):
    loss: Tensor


class Normed(nn.Module):
    """What its loss becomes is told from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.fails: Callable[[Tensor], Tensor] = lambda loss: loss

    def forward(self, rows: Rows) -> Out:
        loss: Tensor = self.norm(rows["x"]).square().sum()
        return Out(loss=self.fails(loss))


def of_nan(loss: Tensor) -> Tensor:
    return loss * float("nan")


def of_nan_gradient(loss: Tensor) -> Tensor:
    return loss + (loss - loss.detach()).sqrt() * 0  # 0 forward, NaN backward


def raising(loss: Tensor) -> Tensor:
    raise RuntimeError("after the norm")


def interrupting(loss: Tensor) -> Tensor:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fails", "error"),
    [
        (raising, RuntimeError),
        (interrupting, KeyboardInterrupt),
        (of_nan, LossError),
        (of_nan_gradient, LossError),
    ],
)
@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_batch_that_fails_has_not_moved_them(
    fails: Callable[[Tensor], Tensor], error: type[BaseException], accumulate: int
) -> None:
    model = Normed()
    step = OptimizerStep(
        model, optimizer=partial(optim.SGD, lr=0.1), accumulate=accumulate, device="cpu"
    )
    rows = Rows(x=torch.randn(8, 3, generator=torch.Generator().manual_seed(0)) + 5)
    for _ in range(accumulate):
        step.update(rows)
    before = {name: each.clone() for name, each in model.state_dict().items()}
    for _ in range(accumulate - 1):  # the batch that fails would make an update
        step.update(rows)
    model.fails = fails
    with pytest.raises(error):
        step.update(rows)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    model.fails = lambda loss: loss
    step.load_state_dict(step.state_dict())  # as a trainer that goes on: what is pending goes
    step.update(rows)
    assert not torch.equal(model.state_dict()["norm.running_mean"], before["norm.running_mean"])


def test_without_a_norm_nothing_is_copied() -> None:
    statistics = RunningStatistics(nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2)))
    statistics.find()
    statistics.keep()
    statistics.give_back()
    assert vars(statistics)["_kept"] == []


def test_in_turns_too_until_a_part_has_moved() -> None:
    model = Normed()

    def play(rows: Rows, turn: Turn) -> Out:
        return Out(loss=turn("norm", lambda: model(rows)["loss"]))

    step = AlternatingStep(
        model,
        play=play,
        parts={"norm": Part(model.norm, optimizer=partial(optim.SGD, lr=0.1))},
        device="cpu",
    )
    rows = Rows(x=torch.randn(8, 3, generator=torch.Generator().manual_seed(0)) + 5)
    step.update(rows)
    before = {name: each.clone() for name, each in model.state_dict().items()}
    model.fails = raising
    with pytest.raises(RuntimeError, match="after the norm"):
        step.update(rows)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())


def test_in_a_step_by_closure_too() -> None:
    model = Normed()
    step = ClosureStep(model, optimizer=partial(optim.LBFGS, lr=0.1), device="cpu")
    rows = Rows(x=torch.randn(8, 3, generator=torch.Generator().manual_seed(0)) + 5)
    step.update(rows)
    before = {name: each.clone() for name, each in model.norm.named_buffers()}
    model.fails = raising
    with pytest.raises(RuntimeError, match="after the norm"):
        step.update(rows)
    assert all(torch.equal(each, before[name]) for name, each in model.norm.named_buffers())
