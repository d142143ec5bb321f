"""Functions that make no trainer, or not from a folder."""

from functools import partial
from pathlib import Path

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer, TrainingResult
from artifact_torch.testing import Faults, MakeTrainer, survives_corruption, survives_kills, survives_trackers
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam


def makes_without_a_folder() -> Trainer[VAEInput, VAEOutput]:
    return Trainer(OptimizerStep(VAE(), optimizer=adam), train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=3)])


def make_trainer(folder: Path) -> Trainer[VAEInput, VAEOutput]:
    return makes_without_a_folder()


def takes_a_number(folder: int) -> Trainer[VAEInput, VAEOutput]:
    return makes_without_a_folder()


def trains(folder: Path) -> TrainingResult:
    return makes_without_a_folder().train()


def needs_a_width(folder: Path, width: int) -> Trainer[VAEInput, VAEOutput]:
    return makes_without_a_folder()


def makes_nothing(folder: Path) -> None: ...


def test_my_run(faults: Faults) -> None:
    faults.check(makes_without_a_folder)  # E[pyright=reportArgumentType, mypy=arg-type]
    faults.check(trains)  # E[pyright=reportArgumentType, mypy=arg-type]
    faults.check(make_trainer(Path()))  # E[pyright=reportArgumentType, mypy=arg-type]
    faults.check()  # E[pyright=reportCallIssue, mypy=call-arg]


survives_kills(makes_without_a_folder)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_kills(takes_a_number)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_kills(needs_a_width)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_kills(makes_nothing)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_kills(make_trainer, kills="all")  # E[pyright=reportArgumentType, mypy=arg-type]
survives_kills(make_trainer, 10)  # E[pyright=reportCallIssue, mypy=call-arg]
survives_kills(partial(needs_a_width, width="8"))  # E[pyright=reportArgumentType, mypy=arg-type]
survives_corruption(trains)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_corruption(make_trainer, damages=None)  # E[pyright=reportArgumentType, mypy=arg-type]
survives_trackers(make_trainer, ignore=3)  # E[pyright=reportArgumentType, mypy=arg-type]
makes: MakeTrainer[VAEInput, VAEOutput] = trains  # E[pyright=reportAssignmentType, mypy=assignment]
