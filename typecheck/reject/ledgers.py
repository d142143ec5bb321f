"""A ledger asked for in the wrong words, and runs that are compared by what is no folder."""

from pathlib import Path

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.run_folder import difference, read_ledger
from typecheck.common import VAE, CodesLoader, adam

loader, step, stop = CodesLoader(), OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", ledger="runs/vae")  # E[pyright=reportArgumentType: "ledger", mypy=arg-type: "ledger"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", ledger=None)  # E[pyright=reportArgumentType: "ledger", mypy=arg-type: "ledger"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", ledgers=True)  # E[pyright=reportCallIssue: "ledgers", mypy=call-arg: "ledgers"]
difference("runs/a", "runs/b")  # E[pyright=reportArgumentType: "one", mypy=arg-type: "str"]
difference(Path("runs/a"))  # E[pyright=reportCallIssue, mypy=call-arg: "difference"]
difference(one=Path("runs/a"), other=Path("runs/b"))  # E[pyright=reportCallIssue, mypy=call-arg]
print(read_ledger(Path("runs/a")).updates)  # E[pyright=reportOptionalMemberAccess: "updates", mypy=union-attr: "updates"]
