"""A run that goes on, told in the wrong words; checkpointers that cannot be told."""

from collections.abc import Mapping
from pathlib import Path

import torch

from artifact_torch import ClosureStep, EpochBoundStopper, FolderCheckpointer, OptimizerStep, RunFolder, Trainer, minutes, steps
from artifact_torch.contracts import Continued, Drained, Moment, Skipping, Windowed
from typecheck.common import VAE, CodesLoader, adam, lbfgs

loader, step, stop = CodesLoader(), OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
Trainer(step, train_loader=loader, stop=stop, run_folder=3)  # E[pyright=reportArgumentType: "run_folder", mypy=arg-type: "run_folder"]
Trainer(step, train_loader=loader, stop=stop, run_folder=True)  # E[pyright=reportArgumentType: "run_folder", mypy=arg-type: "run_folder"]
Trainer(step, train_loader=loader, stop=stop, run_folder=RunFolder)  # E[pyright=reportArgumentType: "run_folder", mypy=arg-type: "run_folder"]
Trainer(step, train_loader=loader, stop=stop, run_folder=["runs/vae"])  # E[pyright=reportArgumentType: "run_folder", mypy=arg-type: "run_folder"]
Trainer(step, train_loader=loader, stop=stop, run_folder=FolderCheckpointer("runs/vae"))  # E[pyright=reportArgumentType: "run_folder", mypy=arg-type: "run_folder"]
Trainer(step, train_loader=loader, stop=stop, folder="runs/vae")  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", checkpoint_every=0.5)  # E[pyright=reportArgumentType: "checkpoint_every", mypy=arg-type: "checkpoint_every"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", checkpoint_every="10 minutes")  # E[pyright=reportArgumentType: "checkpoint_every", mypy=arg-type: "checkpoint_every"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", checkpoint_every=[1, "epoch"])  # E[pyright=reportArgumentType: "checkpoint_every", mypy=list-item: "str"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", checkpoint_every=minutes)  # E[pyright=reportArgumentType: "checkpoint_every", mypy=arg-type: "checkpoint_every"]
Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae", checkpoint_every=None)  # E[pyright=reportArgumentType: "checkpoint_every", mypy=arg-type: "checkpoint_every"]
Trainer(step, train_loader=loader, stop=stop, checkpointer=RunFolder("runs/vae"))  # E[pyright=reportArgumentType: "checkpointer", mypy=arg-type: "checkpointer"]
Trainer(step, train_loader=loader, stop=stop, grace_s=minutes(1))  # E[pyright=reportArgumentType: "grace_s", mypy=arg-type: "grace_s"]
Trainer(step, train_loader=loader, stop=stop, grace_s="30")  # E[pyright=reportArgumentType: "grace_s", mypy=arg-type: "grace_s"]
Trainer(step, train_loader=loader, stop=stop, grace_s=None)  # E[pyright=reportArgumentType: "grace_s", mypy=arg-type: "grace_s"]
Trainer(step, train_loader=loader, stop=stop, on_failure="skip")  # E[pyright=reportArgumentType: "on_failure", mypy=arg-type: "on_failure"]
Trainer(step, train_loader=loader, stop=stop, on_failure=True)  # E[pyright=reportArgumentType: "on_failure", mypy=arg-type: "on_failure"]
Trainer(step, train_loader=loader, stop=stop, on_failure=None)  # E[pyright=reportArgumentType: "on_failure", mypy=arg-type: "on_failure"]
Trainer(step, train_loader=loader, stop=stop, time_limit=300)  # E[pyright=reportArgumentType: "time_limit", mypy=arg-type: "time_limit"]
Trainer(step, train_loader=loader, stop=stop, time_limit="5 minutes")  # E[pyright=reportArgumentType: "time_limit", mypy=arg-type: "time_limit"]
Trainer(step, train_loader=loader, stop=stop, time_limit=[minutes(5)])  # E[pyright=reportArgumentType: "time_limit", mypy=arg-type: "time_limit"]

trainer = Trainer(step, train_loader=loader, stop=stop, run_folder="runs/vae")
trainer.restore(where="best")  # E[pyright=reportCallIssue: "where", mypy=call-arg: "where"]
trainer.restore(steps(500))  # E[pyright=reportArgumentType: "where", mypy=arg-type: "Cadence"]
trainer.restore(epoch=minutes(3))  # E[pyright=reportArgumentType: "epoch", mypy=arg-type: "epoch"]
trainer.restore(["runs/vae"])  # E[pyright=reportArgumentType: "where", mypy=arg-type: "list\[str\]"]
trainer.train(run_folder="runs/vae")  # E[pyright=reportCallIssue: "run_folder", mypy=call-arg: "run_folder"]
trainer.replay(137)  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]
trainer.replay(folder="runs/vae")  # E[pyright=reportCallIssue: positional, mypy=call-arg: "replay"]
trainer.replay(step=137, folder="runs/vae")  # E[pyright=reportCallIssue: positional, mypy=call-arg: "step"]
trainer.replay(137, "runs/vae")  # E[pyright=reportCallIssue: positional, mypy=call-arg: "replay"]
trainer.replay("137", folder="runs/vae")  # E[pyright=reportArgumentType: "step", mypy=arg-type: "str"]
trainer.replay(137, folder=None)  # E[pyright=reportArgumentType: "folder", mypy=arg-type: "folder"]
trainer.replay(137, folder=RunFolder("runs/vae"))  # E[pyright=reportArgumentType: "folder", mypy=arg-type: "folder"]
trainer.replay(137, folder="runs/vae").loss  # E[pyright=reportAttributeAccessIssue: "loss", mypy=attr-defined: "loss"]
trainer.replay(137, folder="runs/vae")["loss"]  # E[pyright=reportIndexIssue: __getitem__, mypy=index: "Replayed"]
trainer.train().outages.append("mlflow")  # E[pyright=reportAttributeAccessIssue: "append", mypy=attr-defined: "append"]
trainer.train().outages = {}  # E[pyright=reportAttributeAccessIssue: "outages", mypy=misc: "outages"]
trainer.train().run_folder / "plots"  # E[pyright=reportOperatorIssue: "str \| None", mypy=operator: \("str"\)]
trainer.train().failures["accuracy"].reason  # E[pyright=reportAttributeAccessIssue: "reason", mypy=attr-defined: "reason"]

OptimizerStep(VAE(), optimizer=adam, nonfinite="ignore")  # E[pyright=reportArgumentType: "nonfinite", mypy=arg-type: "nonfinite"]
OptimizerStep(VAE(), optimizer=adam, nonfinite=None)  # E[pyright=reportArgumentType: "nonfinite", mypy=arg-type: "nonfinite"]
OptimizerStep(VAE(), optimizer=adam, nonfinite=True)  # E[pyright=reportArgumentType: "nonfinite", mypy=arg-type: "nonfinite"]
OptimizerStep(VAE(), optimizer=adam).n_skipped = 0  # E[pyright=reportAttributeAccessIssue: "n_skipped", mypy=misc: "n_skipped"]
ClosureStep(VAE(), optimizer=lbfgs, nonfinite="warn")  # E[pyright=reportArgumentType: "nonfinite", mypy=arg-type: "nonfinite"]

FolderCheckpointer("run", 5)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "FolderCheckpointer"]
FolderCheckpointer("run", keep="all")  # E[pyright=reportArgumentType: "keep", mypy=arg-type: "keep"]
FolderCheckpointer("run", strict="yes")  # E[pyright=reportArgumentType: "strict", mypy=arg-type: "strict"]
FolderCheckpointer("run").newest().name  # E[pyright=reportOptionalMemberAccess: "name", mypy=union-attr: "name"]


class BeginsWithoutState:
    def begin(self, step: int) -> None: ...


class BeginsAtAMoment:
    def begin(self, step: Moment, state: Mapping[str, object]) -> None: ...


class BeginsWithADict:
    def begin(self, step: int, state: dict[str, object]) -> None: ...


class BeginsByName:
    def begin(self, *, step: int, state: Mapping[str, object]) -> None: ...


class BeginsAnswering:
    def begin(self, step: int, state: Mapping[str, object]) -> Path:
        return Path()


class BeginsAsync:
    async def begin(self, step: int, state: Mapping[str, object]) -> None: ...


class DrainsForever:
    def drain(self) -> None: ...


class DrainsByName:
    def drain(self, *, timeout_s: float) -> None: ...


class DrainsWholeSeconds:
    def drain(self, timeout_s: int) -> None: ...


class DrainsAnswering:
    def drain(self, timeout_s: float) -> bool:
        return True


class DrainAttribute:
    drain = 60.0


class NoDrain:
    def close(self, timeout_s: float) -> None: ...


def goes_on(part: Continued, /) -> None: ...
def is_waited_for(part: Drained, /) -> None: ...


goes_on(BeginsWithoutState())  # E[pyright=reportArgumentType: "BeginsWithoutState", mypy=arg-type: "BeginsWithoutState"]
goes_on(BeginsAtAMoment())  # E[pyright=reportArgumentType: "BeginsAtAMoment", mypy=arg-type: "BeginsAtAMoment"]
goes_on(BeginsWithADict())  # E[pyright=reportArgumentType: "BeginsWithADict", mypy=arg-type: "BeginsWithADict"]
goes_on(BeginsByName())  # E[pyright=reportArgumentType: "BeginsByName", mypy=arg-type: "BeginsByName"]
goes_on(BeginsAnswering())  # E[pyright=reportArgumentType: "BeginsAnswering", mypy=arg-type: "BeginsAnswering"]
goes_on(BeginsAsync())  # E[pyright=reportArgumentType: "BeginsAsync", mypy=arg-type: "BeginsAsync"]
goes_on(FolderCheckpointer)  # E[pyright=reportArgumentType: "type\[FolderCheckpointer\]", mypy=arg-type: "type\[FolderCheckpointer\]"]
is_waited_for(DrainsForever())  # E[pyright=reportArgumentType: "DrainsForever", mypy=arg-type: "DrainsForever"]
is_waited_for(DrainsByName())  # E[pyright=reportArgumentType: "DrainsByName", mypy=arg-type: "DrainsByName"]
is_waited_for(DrainsWholeSeconds())  # E[pyright=reportArgumentType: "DrainsWholeSeconds", mypy=arg-type: "DrainsWholeSeconds"]
is_waited_for(DrainsAnswering())  # E[pyright=reportArgumentType: "DrainsAnswering", mypy=arg-type: "DrainsAnswering"]
is_waited_for(DrainAttribute())  # E[pyright=reportArgumentType: "DrainAttribute", mypy=arg-type: "DrainAttribute"]
is_waited_for(NoDrain())  # E[pyright=reportArgumentType: "NoDrain", mypy=arg-type: "NoDrain"]


class DropsAnotherWindow:
    def drop_window(self, n: int) -> None: ...


class DropsAsync:
    async def drop_window(self) -> None: ...


class SkipsByMethod:
    def n_skipped(self) -> int:
        return 0


class SkipsATensor:
    @property
    def n_skipped(self) -> torch.Tensor:
        return torch.zeros(())


def gathers(part: Windowed, /) -> None: ...
def leaves_out(part: Skipping, /) -> None: ...


gathers(DropsAnotherWindow())  # E[pyright=reportArgumentType: "DropsAnotherWindow", mypy=arg-type: "DropsAnotherWindow"]
gathers(DropsAsync())  # E[pyright=reportArgumentType: "DropsAsync", mypy=arg-type: "DropsAsync"]
leaves_out(SkipsByMethod())  # E[pyright=reportArgumentType: "SkipsByMethod", mypy=arg-type: "SkipsByMethod"]
leaves_out(SkipsATensor())  # E[pyright=reportArgumentType: "SkipsATensor", mypy=arg-type: "SkipsATensor"]
