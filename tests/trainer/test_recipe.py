"""Composing a trainer from a recipe."""

from typing import TypeGuard

import pytest
import torch
from torch import optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    TensorTable,
    Trainer,
    per_epoch,
)
from artifact_torch.contracts import (
    AnyModel,
    BatchSource,
    EarlyStopper,
    EpochState,
    Schedule,
    TrackingClient,
    TrainerRecipe,
)
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Fit, Points, advance, points, same_weights, seeded_regression


class Short(TrainerRecipe[Points, Fit]):
    """The two hooks that have no default."""

    def optimizer(self, model: AnyModel, /) -> torch.optim.Optimizer:
        return optim.SGD(model.parameters(), lr=0.1)

    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=2)


class Validated(Short):
    """With a schedule and a pass over the validation loader."""

    def scheduler(self, optimizer: torch.optim.Optimizer, /) -> Schedule:
        return per_epoch(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5))

    def validation_loader_routine(
        self, loader: BatchSource[Points], tracking_client: TrackingClient | None, /
    ) -> DataLoaderRoutine[Points, Fit]:
        return DataLoaderRoutine[Points, Fit](loader, scores=[LossCallback("validation_loss")])


def loader(seed: int = 1) -> DataLoader[Points]:
    return DataLoader(TensorTable(points(20, seed)), batch_size=5)


def test_a_recipe_gives_the_same_bits_as_the_parts_by_hand() -> None:
    model, by_hand = seeded_regression(), seeded_regression()
    torch.default_generator.manual_seed(7)
    optimizer = optim.SGD(by_hand.parameters(), lr=0.1)
    for epoch, rate in ((1, 0.1), (2, 0.05)):
        optimizer.param_groups[0]["lr"] = rate
        for batch in loader().batches(epoch):
            optimizer.zero_grad()
            torch.autograd.backward(by_hand(batch)["loss"])
            advance(optimizer)
    torch.default_generator.manual_seed(7)
    trainer = Trainer[Points, Fit].from_recipe(
        Validated(), model=model, train_loader=loader(), validation_loader=loader(2), progress=False
    )
    result = trainer.train()
    assert same_weights(result.last_weights, by_hand.state_dict())
    assert list(result.epoch_scores.columns) == ["validation_loss"]


def test_a_validation_loader_that_no_hook_reads_is_refused() -> None:
    """D19: validation is skipped in silence."""
    with pytest.raises(ConfigurationError, match="validation_loader_routine of Short returns None"):
        Trainer[Points, Fit].from_recipe(
            Short(), model=seeded_regression(), train_loader=loader(), validation_loader=loader(2)
        )


def test_a_recipe_without_its_hooks_is_refused_by_name() -> None:
    """4.4: a forgotten hook fails late, by an attribute of None."""

    def pretend(value: object) -> TypeGuard[TrainerRecipe[Points, Fit]]:
        return value is not None

    recipe: object = type("Nothing", (TrainerRecipe,), {})()
    assert pretend(recipe)
    with pytest.raises(ContractError) as refused:
        Trainer[Points, Fit].from_recipe(recipe, model=seeded_regression(), train_loader=loader())
    assert "optimizer" in str(refused.value)
    assert "early_stopper" in str(refused.value)
