"""A number that is not finite on one rank: all ranks raise, or leave the update out, at the same step."""

from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from artifact_torch import LossError, OptimizerStep
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.plan import Parallel, Parallelism
from artifact_torch.stepping.update.updates import NonFinite
from tests.ranks.kit import in_ranks
from tests.ranks.test_training import whole
from tests.toys import Fit, Points, points


class Line(nn.Module):
    """One weight for each of three columns: on two ranks the second has one of them, and no bias."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.line(points["x"]).flatten() - points["y"]
        loss = residual.square().mean()
        if bool((points["y"] > 1000).any()):
            loss = loss + torch.tensor(float("inf"))  # of which no gradient knows
        return Fit(loss=loss, residual=residual)


class Rooted(nn.Module):
    """The gradient of sqrt at 0 is infinite, the loss is not."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(3, 1, bias=False)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.line(points["x"]).flatten().abs().sqrt()
        return Fit(loss=residual.mean(), residual=residual)


def batches(what: Literal["nan", "inf", "zero"], at: int) -> list[Points]:
    """Three of 8 rows; in the second, row `at` is spoilt."""
    data = points(24)
    if what == "nan":
        data["x"][8 + at] = float("nan")
    elif what == "inf":
        data["y"][8 + at] = 2000
    else:
        data["x"][8 + at] = 0
    return [Points(x=data["x"][i : i + 8], y=data["y"][i : i + 8]) for i in (0, 8, 16)]


def run(
    model: nn.Module,
    given: list[Points],
    parallel: Parallelism | None,
    nonfinite: NonFinite = "raise",
    **options: float,
) -> tuple[str, int, int, dict[str, Tensor]]:
    torch.default_generator.manual_seed(3)
    assert isinstance(model, Line | Rooted)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.linspace(-1, 1, parameter.numel()).view_as(parameter))
    step = OptimizerStep(
        model,
        optimizer=partial(torch.optim.SGD, lr=0.01),
        device="cpu",
        parallel=parallel,
        nonfinite=nonfinite,
        accumulate=int(options.get("accumulate", 1)),
        clip_norm=options.get("clip_norm"),
    )
    said = ""
    try:
        for batch in given:
            step.update(batch if step.part is None else step.part(batch))
        step.end_epoch()
    except LossError as error:
        said = str(error)
    weights = {name: whole(each) for name, each in step.model.state_dict().items()}
    return said, step.n_steps, step.n_skipped, weights


PLANS = (Parallel(by="ddp"), Parallel(by="fsdp"))


def everything() -> list[tuple[str, int, int, dict[str, Tensor]]]:
    found = list[tuple[str, int, int, dict[str, Tensor]]]()
    for plan in PLANS if ranks().size > 1 else (None,):
        found += [
            run(Line(), batches("nan", 6), plan),
            run(Line(), batches("inf", 6), plan),
            run(Line(), batches("inf", 1), plan, clip_norm=1.0),
            run(Line(), batches("inf", 6), plan, accumulate=3),
            run(Line(), batches("inf", 6), plan, "skip"),
            run(Line(), batches("nan", 1), plan, "skip", clip_norm=1.0),
            run(Rooted(), batches("zero", 6), plan),
            run(Rooted(), batches("zero", 6), plan, "skip"),
        ]
    return found


def test_all_ranks_raise_or_leave_out_the_same_update() -> None:
    alone = everything()
    first, second = in_ranks(2, everything)
    for mine, other in zip(first, second, strict=True):
        assert mine[:3] == other[:3]
    for one, many in zip(alone * 2, first, strict=True):
        assert (bool(one[0]), *one[1:3]) == (bool(many[0]), *many[1:3]), many[0]
        for name, weight in one[3].items():
            torch.testing.assert_close(many[3][name], weight, rtol=0, atol=1e-6)
    for said in (first[0][0], first[8][0]):
        assert said.startswith("rank 1: loss: not finite at step 2: nan, after batch")
    for said in (first[1][0], first[9][0]):
        assert said.startswith("rank 1: loss: not finite at step 2: inf")
    for said in (first[2][0], first[10][0]):
        assert said.startswith("rank 0: loss: not finite at step 2: inf")
    for said in (first[3][0], first[11][0]):
        assert said.startswith("rank 1: loss: not finite at step 1: inf")
    for said in (first[6][0], first[14][0]):
        assert said.startswith("gradient: that of line.weight is not finite at step 2")
