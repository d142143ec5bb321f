"""Functions that make a trainer, as the fault kit takes them."""

from functools import partial
from pathlib import Path

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.testing import BrokenPromiseError, Faults, MakeTrainer, survives_corruption, survives_full_disk, survives_kills, survives_trackers
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def make_trainer(folder: Path) -> Trainer[VAEInput, VAEOutput]:
    return Trainer(
        OptimizerStep(VAE(), optimizer=adam),
        train_loader=CodesLoader(),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        run_folder=folder,
    )


def of_a_width(folder: Path, width: int) -> Trainer[VAEInput, VAEOutput]:
    return make_trainer(folder)


def test_my_run(faults: Faults) -> None:
    faults.check(make_trainer)  # OK
    faults.check(make_trainer, ignore=["result.scores.rows_per_second.*"], timeout_s=60)  # OK


class Makes:
    def __call__(self, path: Path, /) -> Trainer[VAEInput, VAEOutput]:
        return make_trainer(path)


survives_kills(make_trainer)  # OK
survives_kills(make_trainer, kills=None, in_a_row=2, ignore=("a.*",))  # OK
survives_kills(partial(of_a_width, width=8), kills=10)  # OK
survives_corruption(make_trainer, damages=100)  # OK
survives_full_disk(make_trainer)  # OK
survives_trackers(Makes())  # OK
makes: MakeTrainer[VAEInput, VAEOutput] = make_trainer  # OK

try:
    survives_kills(make_trainer)
except BrokenPromiseError as error:
    assert_type(error.promise, str)  # OK
    assert_type(error.where, str)  # OK
    assert_type(error.field, str)  # OK
