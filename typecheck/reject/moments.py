"""Parts that are due at the wrong places, or told so in the wrong words."""

from collections.abc import Callable, Collection, Mapping, Sequence

import torch
from artifact_torch import DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, OptimizerStep, PatienceStopper, StepBoundStopper, TimeBoundStopper, Trainer, TrainLoss, minutes, steps
from artifact_torch.contracts import AnyStep, BatchCallback, Bounded, Checkpointer, Clocked, EarlyStopper, Every, LoaderRoutine, ModelOutput, Moment, Periodic, ResultName, RunState, StepBounded, StepCallback, Watching
from torch import optim
from typecheck.common import VAE, CodesLoader, HasMu, LossScore, SeesMu, VAEInput, VAEOutput, adam

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)
step = OptimizerStep(VAE(), optimizer=adam)


def sees(callback: BatchCallback[VAEInput, VAEOutput], /) -> None: ...
def acts(callback: StepCallback, /) -> None: ...
def is_periodic(part: Periodic, /) -> None: ...
def watches(part: Watching, /) -> None: ...
def is_clocked(part: Clocked, /) -> None: ...
def keeps(part: Checkpointer, /) -> None: ...
def stops(stopper: EarlyStopper[RunState], /) -> None: ...
def routine(routine: LoaderRoutine[VAEInput, VAEOutput], /) -> None: ...


# how often
steps()  # E[pyright=reportCallIssue: positional|"n", mypy=call-arg: "steps"]
steps(0.5)  # E[pyright=reportArgumentType: "float" is not assignable to "int", mypy=arg-type: "steps"]
steps(n=500)  # E[pyright=reportCallIssue: "n"|positional, mypy=call-arg: "steps"]
minutes("10")  # E[pyright=reportArgumentType: "str"|"Literal\['10'\]"|'10', mypy=arg-type: "minutes"]
often: Every = "500 steps"  # E[pyright=reportAssignmentType: '500 steps'|"str", mypy=assignment: "str"]
seldom: Every = 2.5  # E[pyright=reportAssignmentType: "float", mypy=assignment: "float"]
never: Every = None  # E[pyright=reportAssignmentType: "None", mypy=assignment: "None"]
Moment(1, 10)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Moment(epoch=1)  # E[pyright=reportCallIssue: "step", mypy=call-arg: "step"]
Moment(epoch=1, step=10).reaches("epoch")  # E[pyright=reportArgumentType: "reaches", mypy=arg-type: "reaches"]
Moment(epoch=1, step=10).step = 11  # E[pyright=reportAttributeAccessIssue: "step", mypy=misc: "step"]
DataLoaderRoutine(loader, scores=[LossScore()], every="epoch")  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
DataLoaderRoutine(loader, scores=[LossScore()], every=0.25)  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
DataLoaderRoutine(loader, scores=[LossScore()], every=[1, steps(5)])  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
DataLoaderRoutine(loader, scores=[LossScore()], every=minutes)  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
TrainLoss(every=10.0)  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
TrainLoss(every_steps=10)  # E[pyright=reportCallIssue: "every_steps", mypy=call-arg: "every_steps"]


# how often, of a batch callback
class EveryText:
    every = "10"

    def on_batch(self, step: int, batch: object, output: object) -> None: ...


class EveryMethod:
    def every(self) -> int:
        return 10

    def on_batch(self, step: int, batch: object, output: object) -> None: ...


class EveryTen:
    every = 10

    def on_batch(self, step: int, batch: object, output: HasMu) -> None: ...


is_periodic(EveryText())  # E[pyright=reportArgumentType: "every" is, mypy=arg-type: "EveryText"]
is_periodic(EveryMethod())  # E[pyright=reportArgumentType: "every" is, mypy=arg-type: "EveryMethod"]
is_periodic(SeesMu())  # E[pyright=reportArgumentType: "every" is not present, mypy=arg-type: "SeesMu"]
acts(EveryTen())  # E[pyright=reportArgumentType: "on_moment" is not present, mypy=arg-type: "EveryTen"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[EveryText()])  # HOLE: `every` is asked for beside the contract, by `isinstance`; refused when the trainer is built


# step callbacks
class _Names:
    result_names: Sequence[ResultName] = ()


class NoEvery(_Names):
    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class NoNames:
    every = 1

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class TextNames:
    every = 1
    result_names = ("largest",)

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class ByEpoch(_Names):
    every = 1

    def on_moment(self, epoch: int, moment: Moment) -> Mapping[str, float]:
        return {}


class ByOptimizer(_Names):
    every = 1

    def on_moment(self, step: optim.Optimizer, moment: Moment) -> Mapping[str, float]:
        return {}


class ByOptimizerStep(_Names):
    """Asks for our step, where any may come."""

    every = 1

    def on_moment(self, step: OptimizerStep[VAEInput, VAEOutput], moment: Moment) -> Mapping[str, float]:
        return {}


class Swapped(_Names):
    every = 1

    def on_moment(self, moment: Moment, step: AnyStep) -> Mapping[str, float]:
        return {}


class GivesNumber(_Names):
    every = 1

    def on_moment(self, step: AnyStep, moment: Moment) -> float:
        return 0.0


class GivesText(_Names):
    every = 1

    def on_moment(self, step: AnyStep, moment: Moment) -> dict[str, str]:
        return {}


class GivesNothing(_Names):
    every = 1

    def on_moment(self, step: AnyStep, moment: Moment) -> None: ...


class Late(_Names):
    every = 1

    async def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class TooMuch(_Names):
    every = 1

    def on_moment(self, step: AnyStep, moment: Moment, scores: Mapping[str, float]) -> Mapping[str, float]:
        return {}


acts(NoEvery())  # E[pyright=reportArgumentType: "every" is not present, mypy=arg-type: "NoEvery"]
acts(NoNames())  # E[pyright=reportArgumentType: "result_names" is not present, mypy=arg-type: "NoNames"]
acts(TextNames())  # E[pyright=reportArgumentType: "result_names" is, mypy=arg-type: "TextNames"]
acts(ByEpoch())  # E[pyright=reportArgumentType: "int", mypy=arg-type: "ByEpoch"]
acts(ByOptimizer())  # E[pyright=reportArgumentType: "Optimizer", mypy=arg-type: "ByOptimizer"]
acts(ByOptimizerStep())  # E[pyright=reportArgumentType: OptimizerStep, mypy=arg-type: "ByOptimizerStep"]
acts(Swapped())  # E[pyright=reportArgumentType: "Moment", mypy=arg-type: "Swapped"]
acts(GivesNumber())  # E[pyright=reportArgumentType: "float" is not assignable, mypy=arg-type: "GivesNumber"]
acts(GivesText())  # E[pyright=reportArgumentType: dict\[str, str\], mypy=arg-type: "GivesText"]
acts(GivesNothing())  # E[pyright=reportArgumentType: "None", mypy=arg-type: "GivesNothing"]
acts(Late())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "Late"]
acts(TooMuch())  # E[pyright=reportArgumentType: Extra parameter "scores", mypy=arg-type: "TooMuch"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[NoEvery()])  # E[pyright=reportArgumentType: "every" is not present, mypy=list-item: "NoEvery"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[SeesMu(), GivesNothing()])  # E[pyright=reportArgumentType: "GivesNothing", mypy=list-item: List item 1 has incompatible type "GivesNothing"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[ByOptimizerStep()])  # E[pyright=reportArgumentType: "ByOptimizerStep", mypy=list-item: "ByOptimizerStep"]
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], callbacks=[TooMuch(), EveryTen()])  # E[pyright=reportArgumentType: "TooMuch", mypy=list-item: List item 0 has incompatible type "TooMuch"]


# looking inside
class WatchesNothing:
    every = steps(10)

    def watching(self) -> None: ...


class WatchesModel:
    def watching(self, model: VAE) -> torch.no_grad:
        raise NotImplementedError


watches(WatchesNothing())  # E[pyright=reportArgumentType: "None", mypy=arg-type: "WatchesNothing"]
watches(WatchesModel())  # E[pyright=reportArgumentType: Extra parameter "model", mypy=arg-type: "WatchesModel"]
watches(EveryTen())  # E[pyright=reportArgumentType: "watching" is not present, mypy=arg-type: "EveryTen"]


# routines of one's own
class _Runs(_Names):
    def run(self, evaluate: Callable[[VAEInput], ModelOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> dict[str, float]:
        return {}


class DueByEpoch(_Runs):
    def due(self, epoch: int) -> Collection[ResultName]:
        return ()


class IsDue(_Runs):
    def due(self, moment: Moment) -> bool:
        return moment.ends_run


class OneCadence(_Runs):
    cadences = steps(10)

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class TextCadences:
    cadences = ["10 steps"]


class CadencesAsMethod:
    def cadences(self) -> list[Every]:
        return [1]


routine(DueByEpoch())  # E[pyright=reportArgumentType: "int", mypy=arg-type: "DueByEpoch"]
routine(IsDue())  # E[pyright=reportArgumentType: "bool", mypy=arg-type: "IsDue"]
is_clocked(OneCadence())  # E[pyright=reportArgumentType: "cadences" is, mypy=arg-type: "OneCadence"]
is_clocked(TextCadences())  # E[pyright=reportArgumentType: "cadences" is, mypy=arg-type: "TextCadences"]
is_clocked(CadencesAsMethod())  # E[pyright=reportArgumentType: "cadences" is, mypy=arg-type: "CadencesAsMethod"]
is_clocked(PatienceStopper("loss", patience=3))  # E[pyright=reportArgumentType: "cadences" is not present, mypy=arg-type: "PatienceStopper"]


# checkpointers
class _Keeps:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...


class LoadsByEpoch(_Keeps):
    def load(self, *, epoch: int | None = None) -> Mapping[str, object]:
        return {}


class LoadsByPosition(_Keeps):
    def load(self, step: int) -> Mapping[str, object]:
        return {}


class LoadsNothing(_Keeps):
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object] | None:
        return None


class _Loads:
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class SavesByEpoch(_Loads):
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, epoch: int, state: Mapping[str, object]) -> None: ...


class DueByNumber(_Loads):
    def is_due(self, n_epochs: int) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...


class SavesDict(_Loads):
    """Asks for what can be changed."""

    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: dict[str, object]) -> None: ...


keeps(LoadsByEpoch())  # E[pyright=reportArgumentType: "step", mypy=arg-type: "LoadsByEpoch"]
keeps(LoadsByPosition())  # E[pyright=reportArgumentType: "load" is an incompatible, mypy=arg-type: "LoadsByPosition"]
keeps(LoadsNothing())  # E[pyright=reportArgumentType: "load" is an incompatible, mypy=arg-type: "LoadsNothing"]
keeps(SavesByEpoch())  # E[pyright=reportArgumentType: "Moment" is not assignable to "int", mypy=arg-type: "SavesByEpoch"]
keeps(DueByNumber())  # E[pyright=reportArgumentType: "Moment" is not assignable to "int", mypy=arg-type: "DueByNumber"]
keeps(SavesDict())  # E[pyright=reportArgumentType: dict\[str, object\], mypy=arg-type: "SavesDict"]
keeps(_Keeps())  # E[pyright=reportArgumentType: "load" is not present, mypy=arg-type: "_Keeps"]
Trainer(step, train_loader=loader, stop=[stop], checkpointer=LoadsByEpoch())  # E[pyright=reportArgumentType: "LoadsByEpoch", mypy=arg-type: "checkpointer"]
FolderCheckpointer(every=2)  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]
FolderCheckpointer("run", every="epoch")  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
FolderCheckpointer("run", every=0.5)  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
FolderCheckpointer("run", every=[1, "10 minutes"])  # E[pyright=reportArgumentType: "every", mypy=list-item: "str"]
FolderCheckpointer("run", every=[steps])  # E[pyright=reportArgumentType: "every", mypy=list-item]
FolderCheckpointer("run", every={1, 2})  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]


# stoppers
class AskedByStep:
    def should_stop(self, n_steps: int) -> bool:
        return n_steps > 10


class TextSteps:
    max_n_steps = "10"


stops(AskedByStep())  # E[pyright=reportArgumentType: "RunState" is not assignable to "int", mypy=arg-type: "AskedByStep"]
StepBoundStopper(10)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
StepBoundStopper(max_n_steps=1e5)  # E[pyright=reportArgumentType: "float" is not assignable to "int", mypy=arg-type: "max_n_steps"]
StepBoundStopper(max_n_epochs=3)  # E[pyright=reportCallIssue: "max_n_epochs"|"max_n_steps", mypy=call-arg: "max_n_epochs"]
TimeBoundStopper(max_minutes="90")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "max_minutes"]
TimeBoundStopper(max_minutes=minutes(90))  # E[pyright=reportArgumentType: "Cadence", mypy=arg-type: "max_minutes"]
TimeBoundStopper(max_seconds=90)  # E[pyright=reportCallIssue: "max_seconds"|"max_minutes", mypy=call-arg: "max_seconds"]
TimeBoundStopper(max_minutes=1).max_minutes = 2  # E[pyright=reportAttributeAccessIssue: "max_minutes", mypy=misc: "max_minutes"]
bound: StepBounded = TextSteps()  # E[pyright=reportAssignmentType: "max_n_steps", mypy=assignment: "TextSteps"]
by_epoch: Bounded = StepBoundStopper(max_n_steps=3)  # E[pyright=reportAssignmentType: "max_n_epochs" is not present, mypy=assignment: "StepBoundStopper"]
Trainer(step, train_loader=loader, stop=[steps(100)])  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=list-item: "Cadence"]
Trainer(step, train_loader=loader, stop=[stop, AskedByStep()])  # E[pyright=reportArgumentType: "AskedByStep", mypy=list-item: List item 1 has incompatible type "AskedByStep"]
RunState(n_epochs_elapsed=1, n_steps=3)  # E[pyright=reportCallIssue: "scores", mypy=call-arg: "scores"]
