"""Hooks of the wrong shape, and options that the trainer does not know."""

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer, TrainLoss
from artifact_torch.contracts import AnyStep, OnEnd, OnEpochEnd, OnException, OnStart, RunHook, RunState
from torch import nn
from typecheck.common import VAE, CodesLoader, adam

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)
step = OptimizerStep(VAE(), optimizer=adam)


def starts(hook: OnStart, /) -> None: ...
def ends(hook: OnEnd, /) -> None: ...
def ends_epochs(hook: OnEpochEnd, /) -> None: ...
def fails(hook: OnException, /) -> None: ...


class StartsWithoutState:
    def on_start(self, step: AnyStep) -> None: ...


class StartsByModel:
    def on_start(self, step: nn.Module, state: RunState) -> None: ...


class StartsSwapped:
    def on_start(self, state: RunState, step: AnyStep) -> None: ...


class StartsLate:
    async def on_start(self, step: AnyStep, state: RunState) -> None: ...


class EndsByEpoch:
    def on_epoch_end(self, epoch: int) -> None: ...


class EndsByEpochAndState:
    def on_epoch_end(self, epoch: int, state: RunState) -> None: ...


class DecidesAtEpochs:
    def on_epoch_end(self, state: RunState) -> bool:
        return True


class FailsByError:
    def on_exception(self, error: BaseException) -> None: ...


class FailsByExceptions:
    """Ctrl-C is no `Exception`."""

    def on_exception(self, error: Exception, state: RunState) -> None: ...


class EndsWithoutState:
    def on_end(self) -> None: ...


class EndsByKeyword:
    def on_end(self, *, state: RunState) -> None: ...


class EndsAsProperty:
    @property
    def on_end(self) -> None: ...


class Misspelled:
    def on_finish(self, state: RunState) -> None: ...


starts(StartsWithoutState())  # E[pyright=reportArgumentType: "on_start" is an incompatible, mypy=arg-type: "StartsWithoutState"]
starts(StartsByModel())  # E[pyright=reportArgumentType: "Module", mypy=arg-type: "StartsByModel"]
starts(StartsSwapped())  # E[pyright=reportArgumentType: "RunState", mypy=arg-type: "StartsSwapped"]
starts(StartsLate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "StartsLate"]
starts(StartsByModel)  # E[pyright=reportArgumentType: type\[StartsByModel\], mypy=arg-type: "StartsByModel"]
ends_epochs(EndsByEpoch())  # E[pyright=reportArgumentType: "RunState" is not assignable to "int", mypy=arg-type: "EndsByEpoch"]
ends_epochs(EndsByEpochAndState())  # E[pyright=reportArgumentType: Extra parameter "state", mypy=arg-type: "EndsByEpochAndState"]
ends_epochs(DecidesAtEpochs())  # E[pyright=reportArgumentType: "bool" is not assignable to "None", mypy=arg-type: "DecidesAtEpochs"]
fails(FailsByError())  # E[pyright=reportArgumentType: "on_exception" is an incompatible, mypy=arg-type: "FailsByError"]
fails(FailsByExceptions())  # E[pyright=reportArgumentType: "BaseException" is not assignable to "Exception", mypy=arg-type: "FailsByExceptions"]
ends(EndsWithoutState())  # E[pyright=reportArgumentType: "on_end" is an incompatible, mypy=arg-type: "EndsWithoutState"]
ends(EndsByKeyword())  # E[pyright=reportArgumentType: "state", mypy=arg-type: "EndsByKeyword"]
ends(EndsAsProperty())  # E[pyright=reportArgumentType: "on_end" is an incompatible, mypy=arg-type: "EndsAsProperty"]
ends(Misspelled())  # E[pyright=reportArgumentType: "on_end" is not present, mypy=arg-type: "Misspelled"]
hooks: list[RunHook] = [EndsByEpoch()]  # E[pyright=reportAssignmentType: "EndsByEpoch", mypy=list-item: "EndsByEpoch"]

Trainer(step, train_loader=loader, stop=[stop], hooks=[Misspelled()])  # E[pyright=reportArgumentType: "Misspelled", mypy=list-item: "Misspelled"]
Trainer(step, train_loader=loader, stop=[stop], hooks=[EndsByEpoch()])  # E[pyright=reportArgumentType: "EndsByEpoch", mypy=list-item: "EndsByEpoch"]
Trainer(step, train_loader=loader, stop=[stop], hooks=[EndsWithoutState])  # E[pyright=reportArgumentType: type\[EndsWithoutState\], mypy=list-item: "type\[EndsWithoutState\]"]
Trainer(step, train_loader=loader, stop=[stop], hooks=[TrainLoss()])  # E[pyright=reportArgumentType: "TrainLoss", mypy=list-item: "TrainLoss"]
Trainer(step, train_loader=loader, stop=[stop], hooks=EndsByKeyword())  # E[pyright=reportArgumentType: "EndsByKeyword", mypy=arg-type: "hooks"]
Trainer(step, train_loader=loader, stop=[stop], hooks=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "hooks"]
Trainer(step, train_loader=loader, stop=[stop], hooks=[lambda state: None])  # E[pyright=reportArgumentType, mypy=list-item]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[DecidesAtEpochs()])  # E[pyright=reportArgumentType: "DecidesAtEpochs", mypy=list-item: "DecidesAtEpochs"]
Trainer(step, train_loader=loader, stop=[stop], hook=[])  # E[pyright=reportCallIssue: "hook", mypy=call-arg: "hook"]
Trainer(step, train_loader=loader, stop=[stop], progress=True)  # E[pyright=reportArgumentType: "bool"|Literal\[True\]|True, mypy=arg-type: "progress"]
Trainer(step, train_loader=loader, stop=[stop], progress="line")  # E[pyright=reportArgumentType: "line"|'line', mypy=arg-type: "progress"]
Trainer(step, train_loader=loader, stop=[stop], progress=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "progress"]
Trainer(step, train_loader=loader, stop=[stop], sanity=2)  # E[pyright=reportArgumentType: "bool", mypy=arg-type: "sanity"]
Trainer(step, train_loader=loader, stop=[stop], settings=3)  # E[pyright=reportArgumentType: "settings", mypy=arg-type: "settings"]
Trainer(step, train_loader=loader, stop=[stop], hparams={})  # E[pyright=reportCallIssue: "hparams", mypy=call-arg: "hparams"]
