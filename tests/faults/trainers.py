"""Short runs with every kind of part: what the faults are caused in."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import optim
from torch.optim.lr_scheduler import StepLR

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LearningRate,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    TrainLoss,
    averaged,
    ema,
    per_step,
    steps,
)
from artifact_torch.contracts import (
    BatchCallback,
    Batches,
    EarlyStopper,
    LoaderRoutine,
    ModelTracker,
    ResultsClient,
    RunHook,
    RunState,
    StepCallback,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.internal.failing import OnFailure
from artifact_torch.routines import BoundRoutine
from artifact_torch.trainer.settings import Settings
from artifact_torch.validation.configuration import Where
from tests.toys import Fit, Points, points, seeded_regression


class Sums:
    """A callback with a state of its own."""

    def __init__(self) -> None:
        self.total = 0.0

    def on_batch(self, step: int, batch: object, output: Fit) -> None:
        self.total += output["loss"].item()

    def state_dict(self) -> Mapping[str, object]:
        return {"total": self.total}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.total = float(f"{state_dict['total']}")


def forty_steps(folder: Path) -> Trainer[Points, Fit]:
    """Forty updates of two batches each, 10 epochs; every kind of part."""
    torch.default_generator.manual_seed(7)
    table = TensorTable(points(40))
    return Trainer(
        averaged(
            OptimizerStep(
                seeded_regression(),
                optimizer=partial(optim.Adam, lr=0.01),
                schedule=lambda optimizer: per_step(StepLR(optimizer, step_size=7)),
                accumulate=2,
                clip_norm=1.0,
            ),
            ema(0.9),
        ),
        train_loader=DataLoader(table, batch_size=5, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=10), PatienceStopper("loss", patience=9)],
        best=BestScoreTracker("loss"),
        run_folder=folder,
        checkpoint_every=steps(3),
        callbacks=[TrainLoss(every=steps(5)), LearningRate(), Sums()],
        routines=[
            DataLoaderRoutine(
                DataLoader(table, batch_size=20), scores=[LossCallback("loss")], every=steps(4)
            )
        ],
        progress=False,
    )


def short(
    folder: Path | None,
    *,
    step: TrainingStep[Points, Fit] | None = None,
    loader: Batches[Points] | None = None,
    callbacks: Sequence[BatchCallback[Points, Fit] | StepCallback] = (),
    routines: Sequence[LoaderRoutine[Points, Fit] | BoundRoutine] = (),
    hooks: Sequence[RunHook] = (),
    stop: Sequence[EarlyStopper[RunState]] = (),
    best: ModelTracker[RunState] | None = None,
    clients: Sequence[TrackingClient | ResultsClient] = (),
    settings: Settings | None = None,
    on_failure: OnFailure = "raise",
    validation: Where = "inline",
) -> Trainer[Points, Fit]:
    """Three epochs of two updates, with one part of a test's own."""
    given = DataLoader(TensorTable(points(10)), batch_size=5) if loader is None else loader
    return Trainer(
        plain_step() if step is None else step,
        train_loader=given,
        stop=[EpochBoundStopper(max_n_epochs=3), *stop],
        run_folder=folder,
        callbacks=callbacks,
        routines=routines,
        hooks=hooks,
        best=best,
        tracking_clients=clients,
        settings=settings,
        on_failure=on_failure,
        grace_s=600.0,  # at its end the process ends, and the tests with it
        progress=False,
        validation=validation,
    )


def plain_step() -> TrainingStep[Points, Fit]:
    """Of the usual model."""
    return OptimizerStep(seeded_regression(), optimizer=partial(optim.SGD, lr=0.1), device="cpu")
