"""A rehearsal on several processes: two batches, each routine once, a checkpoint, and all as before."""

from functools import partial

import torch
from torch import Tensor

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
)
from artifact_torch.parallel.plan import Parallelism
from tests.ranks.kit import in_ranks
from tests.ranks.test_training import Net, whole
from tests.toys import points


def rehearsed(parallel: Parallelism | None) -> tuple[float, bool, dict[str, Tensor]]:
    torch.default_generator.manual_seed(0)
    model = Net()
    trainer = Trainer(
        OptimizerStep(
            model,
            optimizer=partial(torch.optim.Adam, lr=0.01),
            accumulate=2,
            parallel=parallel,
            device="cpu",
        ),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=8, shuffle=True, seed=0),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[
            DataLoaderRoutine(
                DataLoader(TensorTable(points(9)), batch_size=9), scores=[LossCallback("loss")]
            )
        ],
        progress=False,
    )
    before = {name: whole(each) for name, each in model.state_dict().items()}
    (score,) = trainer.rehearse().values()
    assert isinstance(score, float)
    after = {name: whole(each) for name, each in model.state_dict().items()}
    is_as_before = all(torch.equal(before[name], each) for name, each in after.items())
    trainer.train()
    return score, is_as_before, {name: whole(each) for name, each in model.state_dict().items()}


def both() -> list[tuple[float, bool, dict[str, Tensor]]]:
    return [rehearsed("ddp"), rehearsed("fsdp")]


def test_a_rehearsal_on_two_processes_is_that_of_one() -> None:
    score, _, weights = rehearsed(None)
    for of_rank in in_ranks(2, both):
        for found, is_as_before, trained in of_rank:
            assert is_as_before
            assert abs(found - score) < 1e-6
            for name, weight in weights.items():
                torch.testing.assert_close(trained[name], weight, rtol=0, atol=1e-6)
