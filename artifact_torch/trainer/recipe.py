"""A trainer from a set of hooks."""

from collections.abc import Sequence
from os import PathLike
from typing import TypedDict, Unpack

from torch import nn

from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import (
    Batches,
    Cadence,
    Every,
    InT,
    LoaderRoutine,
    Model,
    OutT,
    ResultsClient,
    RunHook,
    TrackingClient,
    TrainerRecipe,
)
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import as_source
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.arguments import listed, refuse, shown
from artifact_torch.internal.failing import OnFailure
from artifact_torch.routines import BoundRoutine
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.trainer.checks.options import stop_problems
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.trainer.settings import Settings
from artifact_torch.trainer.trainer import Trainer
from artifact_torch.validation.configuration import Where


class TrainerOptions(TypedDict, total=False):
    """What a trainer takes beside its parts: as `Trainer` has it."""

    hooks: Sequence[RunHook]
    tracking_clients: Sequence[TrackingClient | ResultsClient]
    settings: Settings | None
    validation_seed: int
    fixed_dimensions: Sequence[str]
    debug: bool
    sanity: bool
    progress: Mode
    run_folder: str | PathLike[str] | RunFolder | None
    checkpoint_every: Every | Sequence[Every]
    grace_s: float
    on_failure: OnFailure
    time_limit: Cadence | None
    validation: Where
    ledger: bool


def trainer_from_recipe(
    recipe: TrainerRecipe[InT, OutT],
    model: Model[InT, OutT],
    *,
    train_loader: Batches[InT],
    validation_loader: Batches[InT] | None = None,
    routines: Sequence[LoaderRoutine[InT, OutT] | BoundRoutine] | SolvedLast[InT, OutT] = (),
    **options: Unpack[TrainerOptions],
) -> Trainer[InT, OutT]:
    """A trainer whose parts come from the hooks of `recipe`, each called once.

    `routines` are added to those of the recipe; `options` are the trainer's. Raises `ContractError` for a recipe that lacks a
    hook, `ConfigurationError` for a validation loader that no hook reads.
    """
    if isinstance(recipe, nn.Module):
        raise ContractError(
            f"recipe: got {shown(recipe)}, which is a model; the recipe comes first: "
            "trainer_from_recipe(recipe, model, ...)"
        )
    check_contracts(
        ("recipe", recipe, TrainerRecipe[InT, OutT]), ("model", model, Model[InT, OutT])
    )
    name = type(recipe).__name__
    source = as_source(train_loader, "train_loader")
    of_recipe = [recipe.train_loader_routine(source)]
    if validation_loader is not None:
        routine = recipe.validation_loader_routine(
            as_source(validation_loader, "validation_loader")
        )
        if routine is None:
            raise ConfigurationError(
                f"validation_loader: is given, but validation_loader_routine of {name} returns "
                "None, so nothing would read it; return a DataLoaderRoutine over it, or leave the "
                "loader out"
            )
        of_recipe.append(routine)
    step, stop, callbacks = recipe.step(model), recipe.stop(), recipe.callbacks()
    refuse(_forgotten(name, step, stop, callbacks))
    return Trainer(
        step,
        train_loader=source,
        stop=stop,
        best=recipe.best(),
        checkpointer=recipe.checkpointer(),
        callbacks=callbacks,
        routines=[*(routine for routine in of_recipe if routine is not None), *routines],
        **options,
    )


def _forgotten(recipe: str, step: object, stop: object, callbacks: object) -> list[str]:
    """Hooks without a `return`, mostly; the remedy is in the recipe, not in the trainer's call."""
    problems = stop_problems(f"stop() of {recipe}", stop)
    problems += listed(f"callbacks() of {recipe}", callbacks)
    if step is None:
        advice = "return what trains the model: OptimizerStep(model, optimizer=...)"
        problems.append(f"step() of {recipe} must be a training step, got None; {advice}")
    return problems
