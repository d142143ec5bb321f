"""Parts that are frozen for a while, on two processes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from artifact_torch import DataLoader, EpochBoundStopper, Frozen, TensorTable, Trainer, steps
from artifact_torch.contracts import StepCallback
from tests.ranks.kit import in_ranks
from tests.ranks.test_training import whole
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.toys import points


def trained(kind: Kind) -> dict[str, Tensor]:
    model = Line()
    frozen: Sequence[StepCallback] = [
        Frozen(model.layers[0], until=steps(4)),
        Frozen(model.layers[2], since=steps(5)),
    ]
    Trainer(
        step_of(model, kind),
        train_loader=DataLoader(TensorTable(points(27)), batch_size=9),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        callbacks=frozen,
        progress=False,
    ).train()
    return {name: whole(each) for name, each in model.state_dict().items()}


def both() -> list[dict[str, Tensor]]:
    return [trained("ddp"), trained("fsdp")]


def test_what_is_frozen_for_a_while_is_trained_after_it_on_all() -> None:
    alone = trained("ddp")
    for of_rank in in_ranks(2, both):
        for found in of_rank:
            for name, weight in alone.items():
                torch.testing.assert_close(found[name], weight, rtol=0, atol=1e-6)
