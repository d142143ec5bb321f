"""Parameters after training on 1, 2 and 4 processes: the same, whatever shares the model."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Literal, TypedDict

import pytest
import torch
from torch import Tensor, nn

from artifact_torch import OptimizerStep, per_step
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.plan import Parallel
from tests.ranks.kit import in_ranks
from tests.toys import Fit, Points, points


class Block(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.inner = nn.Linear(n, n)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tanh(self.inner(x))


class Net(nn.Module):
    """Two blocks, and parameters of its own that do not divide by 2 or 4."""

    def __init__(self) -> None:
        super().__init__()
        self.into = nn.Linear(3, 5)
        self.blocks = nn.ModuleList([Block(5), Block(5)])
        self.out = nn.Linear(5, 1)
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, points: Points) -> Fit:
        x = self.into(points["x"])
        for block in self.blocks:
            x = block(x)
        residual = self.scale * self.out(x).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


class Case(TypedDict, total=False):
    accumulate: int
    clip_norm: float
    by: Literal["ddp", "fsdp"]
    holds_gradients: bool


CASES: Mapping[str, Case] = {
    "plain": {},
    "accumulated": {"accumulate": 3},
    "clipped": {"clip_norm": 0.1},
    "both": {"accumulate": 2, "clip_norm": 0.05},
}


def batches() -> Iterator[Points]:
    """8, 8 and 5 rows, then 1: no number of ranks divides them all."""
    data = points(22)
    for start, stop in ((0, 8), (8, 16), (16, 21), (21, 22)):
        yield Points(x=data["x"][start:stop], y=data["y"][start:stop])


def trained(
    parallel: Parallel | None, accumulate: int = 1, clip_norm: float | None = None
) -> dict[str, Tensor]:
    """Two epochs by hand. Every rank begins with other weights; the first one's count."""
    torch.default_generator.manual_seed(ranks().rank)
    step = OptimizerStep(
        Net(),
        optimizer=partial(torch.optim.AdamW, lr=0.05, weight_decay=0.1),
        schedule=lambda optimizer: per_step(torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)),
        accumulate=accumulate,
        clip_norm=clip_norm,
        device="cpu",
        parallel=parallel,
    )
    for _ in range(2):
        step.model.train()
        for batch in batches():
            step.update(batch if step.part is None else step.part(batch))
        step.end_epoch()
    return {name: whole(each) for name, each in step.model.state_dict().items()}


def whole(tensor: Tensor) -> Tensor:
    from torch.distributed.tensor import DTensor

    return (tensor.full_tensor() if isinstance(tensor, DTensor) else tensor).detach().clone()


def all_cases() -> list[dict[str, Tensor]]:
    found = list[dict[str, Tensor]]()
    for parallel in PLANS if ranks().size > 1 else [None]:
        found += [
            trained(parallel, case.get("accumulate", 1), case.get("clip_norm"))
            for case in CASES.values()
        ]
    return found


PLANS = [
    Parallel(by="ddp"),
    Parallel(by="fsdp", blocks=[Block]),
    Parallel(by="fsdp", holds_gradients=False),
]


@pytest.mark.parametrize("n", [2, 4])
def test_parameters_are_those_of_one_process(n: int) -> None:
    alone = all_cases() * len(PLANS)
    for found in in_ranks(n, all_cases):
        assert len(found) == len(alone)
        for mine, theirs in zip(alone, found, strict=True):
            assert mine.keys() == theirs.keys()
            for name in mine:
                torch.testing.assert_close(theirs[name], mine[name], rtol=0, atol=1e-6)
