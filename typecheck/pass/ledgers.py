"""A run that keeps a ledger, and what two of them tell."""

from collections.abc import Sequence
from pathlib import Path

from artifact_torch import EpochBoundStopper, OptimizerStep, RunFolder, Trainer
from artifact_torch.run_folder import Difference, Ledger, difference, read_ledger
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

loader, step, stop = CodesLoader(), OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
assert_type(Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", ledger=True), Trainer[VAEInput, VAEOutput])  # OK
Trainer(step, train_loader=loader, stop=stop, run_folder=RunFolder("runs/vae"), ledger=False)  # OK

found = difference(Path("runs/a"), Path("runs/b"))
assert_type(found, Difference)  # OK
assert_type(found.is_equal, bool)  # OK
if found.parting is not None:
    assert_type(found.parting.step, int)  # OK
assert_type(found.remarks, Sequence[str])  # OK
assert_type(read_ledger(Path("runs/a")), Ledger | None)  # OK
