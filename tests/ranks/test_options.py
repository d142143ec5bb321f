"""The options of a step on several processes: precision, compilation, noise, batch norms."""

from collections.abc import Mapping
from functools import partial
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn

from artifact_torch import Compile, OptimizerStep, Parallel, averaged, ema
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.rows import part_of
from tests.ranks.kit import in_ranks
from tests.ranks.test_training import Block, Net, batches, whole
from tests.toys import Points, points


class Options(TypedDict, total=False):
    autocast: torch.dtype
    compile: Compile


PLANS: Mapping[str, Parallel] = {
    "ddp": Parallel(by="ddp"),
    "fsdp": Parallel(by="fsdp", blocks=[Block]),
    "fsdp of bfloat16": Parallel(
        by="fsdp", blocks=[Block], compute=torch.bfloat16, reduce=torch.float32
    ),
}


def trained(plan: Parallel | None, options: Options) -> dict[str, Tensor]:
    torch.default_generator.manual_seed(0)
    step = OptimizerStep(
        Net(), optimizer=partial(torch.optim.SGD, lr=0.02), device="cpu", parallel=plan, **options
    )
    for batch in [*batches(), *batches()]:
        output = step.update(batch if step.part is None else step.part(batch))
        assert output["loss"].dtype is torch.float32
        step.evaluate(batch)
    step.end_epoch()
    return {name: whole(each) for name, each in step.model.state_dict().items()}


OPTIONS: Mapping[str, Options] = {
    "plain": {},
    "bfloat16": {"autocast": torch.bfloat16},
    "float16": {"autocast": torch.float16},
    "compiled": {"compile": Compile(of="step", backend="aot_eager")},
}


def with_options() -> dict[str, dict[str, Tensor]]:
    if ranks().is_alone:
        return {
            name: trained(None, options) for name, options in OPTIONS.items() if name != "compiled"
        }
    return {
        f"{name}, {plan}": trained(PLANS[plan], options)
        for name, options in OPTIONS.items()
        for plan in PLANS
        if plan != "fsdp of bfloat16" or name in {"plain", "bfloat16"}
    }


def test_precision_and_compilation() -> None:
    (alone,) = in_ranks(1, with_options)
    first, second = in_ranks(2, with_options)
    for name, weights in first.items():
        option = name.partition(", ")[0].replace("compiled", "plain")  # the numbers are the same
        is_exact = "bfloat16" not in name
        for key, weight in weights.items():
            assert torch.equal(weight, second[name][key]), name
            if option == "float16":  # half the rows overflow at another scale than all of them
                assert weight.isfinite().all()
                continue
            torch.testing.assert_close(
                weight, alone[option][key], rtol=0, atol=1e-6 if is_exact else 0.02, msg=name + key
            )


class Noised(TypedDict):
    loss: Tensor
    noise: Tensor


class Noisy(nn.Module):
    """A batch norm, and noise that it gives back."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.line = nn.Linear(3, 1)

    def forward(self, points: Points) -> Noised:
        noise = torch.randn(4)
        residual: Tensor = self.line(self.norm(points["x"])).flatten() - points["y"]
        return Noised(loss=residual.square().mean(), noise=noise)


class Seen(TypedDict):
    noise: list[Tensor]
    after: float
    means: list[Tensor]
    scores: list[float]
    average: list[Tensor]


def noisy(plan: Parallel) -> Seen:
    torch.default_generator.manual_seed(5)
    step = averaged(
        OptimizerStep(
            Noisy(), optimizer=partial(torch.optim.SGD, lr=0.1), device="cpu", parallel=plan
        ),
        ema(0.5),
    )
    part, data = part_of(step), points(8)
    assert part is not None
    torch.default_generator.manual_seed(6)
    noise = [step.update(part(data))["noise"] for _ in range(2)]
    after = torch.rand(1).item()
    mean = step.model.get_buffer("norm.running_mean")
    means, scores, average = [mean.clone()], list[float](), list[Tensor]()
    step.model.eval()
    with torch.no_grad():
        for _ in range(2):
            with step.averaged():
                scores.append(step.evaluate(data)["loss"].item())
                average = [whole(each) for each in step.model.parameters()]
        scores.append(step.evaluate(data)["loss"].item())
    means.append(mean.clone())
    return Seen(noise=noise, after=after, means=means, scores=scores, average=average)


def noisies() -> list[Seen]:
    return [noisy(PLANS["ddp"]), noisy(Parallel(by="fsdp"))]


def test_noise_is_a_ranks_own_and_validation_the_same_on_all() -> None:
    torch.default_generator.manual_seed(6)
    after = torch.rand(1).item()
    first, second = in_ranks(2, noisies)
    for mine, other in zip(first, second, strict=True):
        drawn = [*mine["noise"], *other["noise"]]
        assert len({each.sum().item() for each in drawn}) == 4
        assert mine["after"] == other["after"] == after
        assert not torch.equal(mine["means"][0], other["means"][0])  # of the rank's own rows
        assert torch.equal(mine["means"][1], other["means"][1])
        assert torch.equal(mine["means"][1], mine["means"][0])  # the first one's
        assert mine["scores"] == other["scores"]
        assert mine["scores"][0] == mine["scores"][1] != mine["scores"][2]
        assert all(map(torch.equal, mine["average"], other["average"]))
    for one, two in zip(first[0]["average"], first[1]["average"], strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-6)


def begun_again(plan: Parallel | None) -> dict[str, Tensor]:
    """A window is begun and dropped, by hand or by an error in the middle of it."""
    torch.default_generator.manual_seed(0)
    step = OptimizerStep(
        Net(),
        optimizer=partial(torch.optim.SGD, lr=0.02),
        accumulate=2,
        device="cpu",
        parallel=plan,
    )
    given = [batch if step.part is None else step.part(batch) for batch in [*batches()][:2]]
    step.update(given[0])
    step.drop_window()
    for batch in given:
        step.update(batch)
    step.update(given[0])
    wrong = Points(x=given[0]["x"][:, :2], y=given[0]["y"])
    with pytest.raises(RuntimeError):
        step.update(wrong)
    for batch in given:
        step.update(batch)
    step.end_epoch()
    assert step.n_steps == 2
    return {name: whole(each) for name, each in step.model.state_dict().items()}


def all_begun_again() -> list[dict[str, Tensor]]:
    return [begun_again(plan) for plan in (PLANS["ddp"], PLANS["fsdp"])]


def test_a_window_that_is_dropped_leaves_nothing() -> None:
    alone = begun_again(None)
    for found in in_ranks(2, all_begun_again):
        for each in found:
            for name, weight in alone.items():
                torch.testing.assert_close(each[name], weight, rtol=0, atol=1e-6)
