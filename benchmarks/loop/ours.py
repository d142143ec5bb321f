"""Our trainer, bare and with a part of every kind, none of which is due."""

from tempfile import TemporaryDirectory

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    GradientNorm,
    LearningRate,
    LossCallback,
    OptimizerStep,
    ParameterNorm,
    PeakMemory,
    StepBoundStopper,
    TimeBoundStopper,
    Trainer,
    TrainLoss,
    WatchActivations,
    WatchGradients,
    minutes,
    steps,
)
from artifact_torch.inside import Mean, Norm, each
from benchmarks.loop.task import Source, Task


def bare(task: Task) -> None:
    """A trainer with nothing but what it needs."""
    Trainer(
        OptimizerStep(task.net, optimizer=task.adam, device="cpu"),
        train_loader=task.source,
        stop=[EpochBoundStopper(max_n_epochs=task.n_epochs)],
        progress=False,
    ).train()


def seen(task: Task) -> None:
    """One callback that sees every batch."""
    Trainer(
        OptimizerStep(task.net, optimizer=task.adam, device="cpu"),
        train_loader=task.source,
        stop=[EpochBoundStopper(max_n_epochs=task.n_epochs)],
        callbacks=[TrainLoss(every=steps(10**9))],
        progress=False,
    ).train()


def attached(task: Task) -> None:
    """A part of every kind, none of which is due within an epoch."""
    far = steps(10**9)
    with TemporaryDirectory() as folder:
        Trainer(
            OptimizerStep(task.net, optimizer=task.adam, device="cpu"),
            train_loader=task.source,
            stop=[
                EpochBoundStopper(max_n_epochs=task.n_epochs),
                StepBoundStopper(max_n_steps=10**9),
                TimeBoundStopper(max_minutes=10**6),
            ],
            run_folder=folder,
            checkpoint_every=minutes(10**6),
            callbacks=[
                LearningRate(every=far),
                GradientNorm(every=far),
                ParameterNorm(every=far),
                PeakMemory(every=far),
                WatchActivations("means", each(Mean), task.net, every=far),
                WatchGradients("gradients", each(Norm), task.net, every=far),
            ],
            routines=[
                DataLoaderRoutine(
                    Source(task.source.size), scores=[LossCallback("loss")], every=far
                )
            ],
            sanity=False,
            progress=False,
        ).train()
