"""Composing a trainer from a recipe."""

from collections.abc import Sequence
from typing import TypeGuard, get_type_hints

import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
    bind,
    per_epoch,
    trainer_from_recipe,
)
from artifact_torch.contracts import (
    BatchSource,
    EarlyStopper,
    Model,
    ModelOutput,
    RunState,
    TrainerRecipe,
    TrainingStep,
)
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.stepping.schedules import Schedule
from artifact_torch.trainer.recipe import TrainerOptions
from tests.toys import Fit, Points, advance, points, same_weights, seeded_regression
from tests.trainer.composed import SGD, Noise, untyped


class Short(TrainerRecipe[Points, Fit]):
    """The two hooks that have no default."""

    def step(self, model: Model[Points, Fit], /) -> TrainingStep[Points, Fit]:
        return OptimizerStep(model, optimizer=SGD)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=2)]


def halved(optimizer: torch.optim.Optimizer) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5))


class Validated(Short):
    """With a schedule and a pass over the validation loader."""

    def step(self, model: Model[Points, Fit], /) -> TrainingStep[Points, Fit]:
        return OptimizerStep(model, optimizer=SGD, schedule=halved)

    def validation_loader_routine(
        self, loader: BatchSource[Points], /
    ) -> DataLoaderRoutine[Points, Fit]:
        return DataLoaderRoutine(loader, scores=[LossCallback("validation_loss")])


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
    trainer = trainer_from_recipe(
        Validated(), model, train_loader=loader(), validation_loader=loader(2), progress=False
    )
    result = trainer.train()
    assert same_weights(result.last_weights, by_hand.state_dict())
    assert list(result.epoch_scores.columns) == ["validation_loss"]


class Least:
    """Names the least output that it reads, and inherits nothing."""

    def step(self, model: Model[Points, ModelOutput]) -> TrainingStep[Points, ModelOutput]:
        return OptimizerStep(model, optimizer=SGD)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=1)]

    def best(self) -> None: ...
    def checkpointer(self) -> None: ...
    def callbacks(self) -> tuple[()]:
        return ()

    def train_loader_routine(
        self, loader: BatchSource[Points]
    ) -> DataLoaderRoutine[Points, ModelOutput]:
        return DataLoaderRoutine(loader, scores=[LossCallback("train_loss")])

    def validation_loader_routine(self, loader: BatchSource[Points]) -> None: ...


class Constant(nn.Module):
    """Another model of the same domain, whose output has the loss alone."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(()))

    def forward(self, points: Points) -> ModelOutput:
        return ModelOutput(loss=(points["y"] - self.value).square().mean())


@pytest.mark.parametrize("model", [seeded_regression(), Constant()])
def test_one_recipe_trains_every_model_of_its_domain(model: nn.Module) -> None:
    trainer = untyped(
        trainer_from_recipe,
        Least(),
        model,
        train_loader=loader(),
        routines=[bind(Noise(), model)],
        progress=False,
    )
    assert list(trainer.train().epoch_scores.columns) == ["train_loss", "noise"]


def test_a_validation_loader_that_no_hook_reads_is_refused() -> None:
    """D19: validation is skipped in silence."""
    with pytest.raises(ConfigurationError, match="validation_loader_routine of Short returns None"):
        trainer_from_recipe(
            Short(), seeded_regression(), train_loader=loader(), validation_loader=loader(2)
        )


def test_a_recipe_without_its_hooks_is_refused_by_name() -> None:
    """4.4: a forgotten hook fails late, by an attribute of None."""

    def pretend(value: object) -> TypeGuard[TrainerRecipe[Points, Fit]]:
        return value is not None

    recipe: object = type("Nothing", (TrainerRecipe,), {})()
    assert pretend(recipe)
    with pytest.raises(ContractError) as refused:
        trainer_from_recipe(recipe, seeded_regression(), train_loader=loader())
    assert "step: " in str(refused.value)
    assert "stop: " in str(refused.value)


def test_a_model_in_the_place_of_its_recipe_or_routine_is_told_to_change_places() -> None:
    model = seeded_regression()
    with pytest.raises(ContractError, match=r"the recipe comes first: trainer_from_recipe\(recipe"):
        untyped(trainer_from_recipe, model, Short(), train_loader=loader())
    with pytest.raises(ContractError, match=r"the routine comes first: bind\(routine, model\)"):
        untyped(bind, model, Noise())


def test_its_options_are_those_of_the_trainer() -> None:
    """All that comes neither from the recipe nor with the loaders."""
    own = get_type_hints(vars(Trainer)["__init__"])
    of_recipe = {"step", "stop", "best", "checkpointer", "callbacks"}
    given = {"train_loader", "routines", "return"}
    expected = {name: own[name] for name in own.keys() - of_recipe - given}
    assert get_type_hints(TrainerOptions) == expected
