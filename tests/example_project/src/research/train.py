"""`python -m research.train`: two epochs."""

import sys
from functools import partial

import torch

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
)
from research.callbacks import LatentSpread, StepCounter
from research.loaders import COLUMNS, Measurements
from research.models import GenerationParams, TabularVAE, VAEInput, VAEOutput


def make_trainer() -> Trainer[VAEInput, VAEOutput]:
    """All parts, checked against each other; nothing is trained yet."""
    return compose(TabularVAE(COLUMNS))


def compose(model: TabularVAE) -> Trainer[VAEInput, VAEOutput]:
    loader = Measurements(256)
    return Trainer(
        OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=0.01), device="cpu"),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[StepCounter()],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("train_loss"), LatentSpread()])],
    )


def main() -> None:
    torch.default_generator.manual_seed(0)
    model = TabularVAE(COLUMNS)
    result = compose(model).train()
    generated = model.generate(GenerationParams(n_records=3))
    sys.stdout.write(f"{result.epoch_scores}\n\n{generated}\n")


if __name__ == "__main__":
    main()
