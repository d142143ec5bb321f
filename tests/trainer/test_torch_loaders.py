"""Torch's own loaders, handed over as they are."""

import random
from functools import partial
from pathlib import Path
from typing import TypedDict, assert_type

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor, nn
from torch.optim.adam import Adam

from artifact_torch import (
    ContractError,
    DataLoaderRoutine,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    TorchLoader,
    Trainer,
    limited,
    mapped,
    steps,
    with_forward,
)
from artifact_torch.contracts import Batches
from tests.toys import Fit, Points, points, same_weights, seeded_regression

TABLE = points(20)


class Rows(torch_data.Dataset[Points]):
    """With noise as images are cropped and turned: from the generators of the process."""

    def __init__(self, *, noisy: bool) -> None:
        self.noisy = noisy

    def __getitem__(self, index: int) -> Points:
        noise = torch.rand(3) + random.random() if self.noisy else torch.zeros(3)
        return Points(x=TABLE["x"][index] + noise, y=TABLE["y"][index])

    def __len__(self) -> int:
        return 20


class Others(TypedDict):
    z: Tensor


class OtherRows(torch_data.Dataset[Others]):
    def __getitem__(self, index: int) -> Others:
        raise NotImplementedError

    def __len__(self) -> int:
        return 20


def torchs(*, noisy: bool = True) -> torch_data.DataLoader[Points]:
    return torch_data.DataLoader(Rows(noisy=noisy), batch_size=3, shuffle=True)


def trainer(
    loader: Batches[Points], max_n_steps: int, checkpointer: FolderCheckpointer | None = None
) -> Trainer[Points, Fit]:
    model = seeded_regression()
    random.seed(4)
    return Trainer(
        OptimizerStep(model, optimizer=partial(Adam, lr=0.01), device="cpu"),
        train_loader=loader,
        stop=[StepBoundStopper(max_n_steps=max_n_steps)],
        checkpointer=checkpointer,
        progress=False,
    )


def test_a_loader_as_it_is_trains_as_a_wrapped_one() -> None:
    as_it_is = trainer(torchs(), 9)
    assert_type(as_it_is, Trainer[Points, Fit])
    weights = as_it_is.train().last_weights
    wrapped = trainer(TorchLoader(torchs(), seed=0), 9)
    assert same_weights(weights, wrapped.train().last_weights)


@pytest.mark.parametrize(
    ("max_n_steps", "noisy"),
    [
        (4, False),
        (7, False),
        (9, False),
        (7, True),
        (4, True),
        (9, True),
    ],
)
def test_a_run_resumed_within_an_epoch_is_bit_for_bit_the_unbroken_one(
    tmp_path: Path, max_n_steps: int, noisy: bool
) -> None:
    def run(n_steps: int) -> Trainer[Points, Fit]:
        checkpointer = FolderCheckpointer(tmp_path, every=steps(2))
        return trainer(torchs(noisy=noisy), n_steps, checkpointer)

    unbroken = trainer(torchs(noisy=noisy), 20).train()
    run(max_n_steps).train()
    resumed = run(20)
    resumed.restore()
    assert same_weights(resumed.train().last_weights, unbroken.last_weights)


def regress(net: nn.Module, batch: Points) -> Fit:
    output: Fit = net(batch)
    return output


def test_a_joined_module_trains_as_the_module_does() -> None:
    def weights(model: Trainer[Points, Fit]) -> dict[str, object]:
        return dict(model.train().last_weights)

    expected = weights(trainer(torchs(), 9))
    net = seeded_regression()
    random.seed(4)
    joined = Trainer(
        OptimizerStep(with_forward(net, regress), optimizer=partial(Adam, lr=0.01), device="cpu"),
        train_loader=torchs(),
        stop=[StepBoundStopper(max_n_steps=9)],
        progress=False,
    )
    assert_type(joined, Trainer[Points, Fit])
    assert same_weights(weights(joined), expected)


def test_a_loader_of_other_items_is_refused() -> None:
    other = {"loader": torch_data.DataLoader(OtherRows())}
    untyped: Batches[Points] = vars(type("Holder", (), other))["loader"]
    with pytest.raises(ContractError, match="dataset of train_loader= OtherRows .*\n.*has no key"):
        trainer(untyped, 1)


def test_validation_takes_a_loader_as_it_is() -> None:
    pairs = torch_data.DataLoader(torch_data.TensorDataset(TABLE["x"], TABLE["y"]), batch_size=8)
    plain = torch_data.DataLoader(Rows(noisy=True), batch_size=8)
    result = Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(Adam, lr=0.01), device="cpu"),
        train_loader=limited(torchs(), 2),
        stop=[StepBoundStopper(max_n_steps=4)],
        routines=[
            DataLoaderRoutine(plain, scores=[LossCallback("noisy_loss")]),
            DataLoaderRoutine(
                mapped(pairs, lambda pair: Points(x=pair[0], y=pair[1])),
                scores=[LossCallback("loss")],
            ),
        ],
        progress=False,
    ).train()
    assert [*result.epoch_scores.columns] == ["noisy_loss", "loss"]
    assert [*result.epoch_scores.index] == [1, 2]
