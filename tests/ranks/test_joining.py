"""What a program does not say itself: the process group, the rank's rows, what is refused."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypedDict

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.distributed._composable
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

from artifact_torch import (
    AlternatingStep,
    ClosureStep,
    ConfigurationError,
    DataError,
    OptimizerStep,
    Part,
    RankError,
    averaged,
    ema,
)
from artifact_torch.contracts import Model
from artifact_torch.internal.ranks import Ranks, ranks
from artifact_torch.parallel.plan import Parallel
from artifact_torch.parallel.rows import PartOfRank, part_of
from tests.ranks.kit import World, in_ranks
from tests.ranks.test_training import Net, whole
from tests.stepping.test_alternating import a_gan
from tests.toys import Fit, Points, Regression, points

replicate: Final[Callable[..., object]] = vars(torch.distributed._composable)[
    "replicate"
]  # untyped
SGD = partial(torch.optim.SGD, lr=0.1)


class Inner(TypedDict):
    z: Tensor
    names: list[str]


class Nested(TypedDict):
    x: Tensor  # [rows, 2]
    inner: Inner
    array: NDArray[np.float64]  # [rows]
    weights: Tensor  # [7]: of the classes
    mean: Tensor  # []


def nested(n: int) -> Nested:
    return Nested(
        x=torch.arange(2.0 * n).view(n, 2),
        inner=Inner(z=torch.arange(n), names=[str(i) for i in range(n)]),
        array=np.arange(n, dtype=np.float64),
        weights=torch.ones(7),
        mean=torch.tensor(1.0),
    )


@pytest.mark.parametrize(("n", "size"), [(8, 2), (9, 2), (10, 4), (3, 4), (1, 2)])
def test_the_parts_of_all_ranks_are_the_batch(n: int, size: int) -> None:
    batch = nested(n)
    parts, weights = list[Nested](), list[float]()
    for rank in range(size):
        part = PartOfRank[Nested](Ranks(rank, size))
        given = part(batch)
        assert part.is_spare is (part.weight == 0)
        weights.append(part.weight)
        assert len(given["x"]) == max(round(part.weight * n / size), 1)
        torch.testing.assert_close(given["weights"], batch["weights"])
        if not part.is_spare:
            parts.append(given)
    assert sum(weights) == pytest.approx(size)
    assert torch.equal(torch.cat([each["x"] for each in parts]), batch["x"])
    assert torch.equal(torch.cat([each["inner"]["z"] for each in parts]), batch["inner"]["z"])
    assert [name for each in parts for name in each["inner"]["names"]] == batch["inner"]["names"]
    assert np.concatenate([each["array"] for each in parts]).tolist() == batch["array"].tolist()


def test_rows_that_cannot_be_told_apart_are_refused() -> None:
    packed = nn.utils.rnn.pack_sequence([torch.zeros(2, 1), torch.zeros(1, 1)])
    with pytest.raises(DataError, match="pad it to a tensor"):
        PartOfRank[Packed](Ranks(0, 2))(Packed(x=packed))


class Packed(TypedDict):
    x: nn.utils.rnn.PackedSequence


def refusals() -> list[str]:
    """Where torchrun asks for two processes, before a group is there."""
    gan = a_gan()
    made: list[Callable[[], object]] = [
        lambda: OptimizerStep(Regression(), optimizer=SGD),
        lambda: ClosureStep(Regression(), optimizer=torch.optim.LBFGS),
        lambda: AlternatingStep(
            gan, play=gan.play, parts={"critic": Part(gan.critic, optimizer=SGD)}
        ),
    ]
    return [refused(each) for each in made]


def refused(make: Callable[[], object]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        make()
    return str(caught.value)


def joined() -> tuple[list[str], str, Ranks, bool, list[str]]:
    """By the step alone, from the environment."""
    said = refusals()
    step = averaged(OptimizerStep(Regression(), optimizer=SGD, parallel="ddp"), ema(0.9))
    part = part_of(step)
    names = [*step.model.state_dict()]
    assert part is not None
    step.update(part(points(8)))
    wrapped = Regression()
    fully_shard(wrapped)
    said += [
        refused(lambda: OptimizerStep(wrapped, optimizer=SGD, parallel="fsdp")),
        refused(
            lambda: OptimizerStep(
                Regression(), optimizer=SGD, parallel=Parallel(by="fsdp", blocks=[nn.Conv1d])
            )
        ),
        refused(lambda: OptimizerStep(Scalar(), optimizer=SGD, parallel="fsdp")),
    ]
    return said, dist.get_backend(), ranks(), isinstance(step.model, DistributedDataParallel), names


class Scalar(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, points: Points) -> Fit:
        residual = self.scale * points["x"].sum(dim=1) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_a_step_joins_the_processes_that_torchrun_started() -> None:
    first, second = [each.given[0] for each in World(2, is_joined=False).endings(joined)]
    said, backend, here, is_wrapped, names = second
    assert (backend, here, is_wrapped) == ("gloo", Ranks(1, 2), False)
    assert names == [*Regression().state_dict()]
    assert first[0] == said
    for expected, got in zip(
        [
            'OptimizerStep: this is one of 2 processes, which do not share the model: .*parallel="ddp"',
            "ClosureStep: trains in one process, and this is one of 2",
            "AlternatingStep: trains in one process, and this is one of 2",
            "OptimizerStep: parallel= is for a plain module, and this one is parallel already",
            "Parallel: blocks= names no part of Regression, which is made of Dropout, Flatten, Linear",
            'OptimizerStep: parallel="fsdp" cannot shard scale',
        ],
        said,
        strict=True,
    ):
        assert re.match(expected, got), got


def test_half_an_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that was exported for another program."""
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    told = "WORLD_SIZE=2 asks for several processes, and the environment has no RANK, MASTER_ADDR"
    with pytest.raises(ConfigurationError, match=told):
        OptimizerStep(Regression(), optimizer=SGD, parallel="ddp")
    assert OptimizerStep(Regression(), optimizer=SGD).part is None
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert OptimizerStep(Regression(), optimizer=SGD, parallel="ddp").part is None


def test_a_port_that_is_taken_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        given = {"RANK": 0, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        for name, value in given.items():
            monkeypatch.setenv(name, str(value))
        told = rf"did not meet at 127\.0\.0\.1:{port} .*address already in use.*--master-port"
        with pytest.raises(RankError, match=told):
            OptimizerStep(Regression(), optimizer=SGD, parallel="ddp")


class Spare(Regression):
    """With a layer that no batch reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.spare = nn.Linear(2, 2)


def left_out() -> tuple[list[str], int]:
    step = OptimizerStep(Spare(), optimizer=SGD, parallel="ddp", device="cpu")
    step.update(points(4))
    with pytest.raises(RuntimeError, match="finished reduction") as caught:
        step.update(points(4))
    told = Parallel(by="ddp", unused=True)
    step = OptimizerStep(Spare(), optimizer=SGD, parallel=told, device="cpu")
    for _ in range(2):
        step.update(points(4))
    return caught.value.__notes__, step.n_steps


def test_parameters_that_a_batch_leaves_out_are_told_with_the_remedy() -> None:
    for notes, n_steps in in_ranks(2, left_out):
        assert n_steps == 2
        assert any('Parallel(by="ddp", unused=True)' in each for each in notes)


def already_parallel(how: str) -> dict[str, Tensor]:
    """The user's own: each rank reads for itself."""
    torch.default_generator.manual_seed(0)
    net, part = Net(), PartOfRank[Points](ranks())
    model: Model[Points, Fit] = net
    if how == "DDP":
        wrapped: Any = DistributedDataParallel(net)  # its forward is untyped
        model = wrapped
    elif how == "replicate":
        replicate(net)
    elif how == "fully_shard":
        for block in net.blocks:
            fully_shard(block)
        fully_shard(net)
    step = OptimizerStep(model, optimizer=SGD, accumulate=2, device="cpu")
    assert step.part is None
    if how != "alone":
        assert step.evaluate(part(points(8)))["loss"].isfinite()
    for _ in range(3):
        step.update(points(8) if how == "alone" else part(points(8)))
    step.end_epoch()
    return {
        name.removeprefix("module."): whole(each) for name, each in step.model.state_dict().items()
    }


def all_ways() -> list[dict[str, Tensor]]:
    return [already_parallel(how) for how in ("DDP", "replicate", "fully_shard")]


def test_a_model_that_is_parallel_already_trains_as_it_is() -> None:
    alone = already_parallel("alone")
    for each in in_ranks(2, all_ways):
        for found in each:
            for name, weight in alone.items():
                torch.testing.assert_close(found[name], weight, rtol=0, atol=1e-6)


def test_in_one_process_nothing_changes_and_nothing_is_loaded() -> None:
    program = """
import sys, torch
from functools import partial
from artifact_torch import OptimizerStep, Parallel
from tests.toys import points, seeded_regression
how = Parallel(by="fsdp")
heavy = {"torch.distributed.fsdp", "torch.distributed.tensor", "torch.distributed.checkpoint"}
print(sorted(heavy & sys.modules.keys()))  # an optimizer of torch loads some of them
step = OptimizerStep(seeded_regression(), optimizer=partial(torch.optim.SGD, lr=0.1), parallel=how, device="cpu")
step.update(points())
step.end_epoch()
assert step.part is None and type(step.model).__name__ == "Regression"
assert not torch.distributed.is_initialized()
"""
    root = Path(__file__).parents[2]
    ours = {name: value for name, value in os.environ.items() if name not in {"RANK", "WORLD_SIZE"}}
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program],
        cwd=root,
        env=ours,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
