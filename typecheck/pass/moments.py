"""What is due at the moments of a run: callbacks, routines, checkpoints and stoppers of one's own."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from artifact_torch import BatchRoutine, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LearningRate, OptimizerStep, StepBoundStopper, TimeBoundStopper, Trainer, TrainLoss, minutes, steps, stop_when
from artifact_torch.contracts import AnyStep, BatchCallback, Bounded, Cadence, Checkpointer, Clocked, Continued, EarlyStopper, Every, LoaderRoutine, ModelOutput, Moment, Periodic, ResultKind, ResultName, Results, RunState, StepBounded, StepCallback, Watching
from typecheck.common import VAE, CodesLoader, HasMu, LossScore, MuScore, SeesMu, ThresholdStopper, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

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
assert_type(steps(500), Cadence)  # OK
assert_type(minutes(0.5), Cadence)  # OK
assert_type(minutes(10), Cadence)  # OK
often: list[Every] = [1, steps(500), minutes(10)]  # OK
assert_type(Moment(epoch=1, step=10).reaches(steps(5)), bool)  # OK
assert_type(Moment(epoch=1, step=10, ends_epoch=False).reaches(2), bool)  # OK


# a batch callback that is not wanted at every update
class EveryTen:
    every = 10

    def on_batch(self, step: int, batch: object, output: HasMu) -> None: ...


class EveryHundredSteps:
    def __init__(self) -> None:
        self.every = steps(100)

    def on_batch(self, step: int, batch: object, output: ModelOutput) -> None: ...


class AsOftenAsTold:
    def __init__(self, every: Every) -> None:
        self._every: Every = every

    @property
    def every(self) -> Every:
        return self._every

    def on_batch(self, step: int, batch: object, output: object) -> None: ...


sees(EveryTen())  # OK
sees(EveryHundredSteps())  # OK
sees(AsOftenAsTold(minutes(1)))  # OK
is_periodic(EveryTen())  # OK
is_periodic(EveryHundredSteps())  # OK
is_periodic(AsOftenAsTold(3))  # OK
is_periodic(LearningRate())  # OK


# step callbacks
class Largest:
    """The largest weight, as a score."""

    every: Every = steps(100)
    result_names: Sequence[ResultName] = [(ResultKind.SCORE, "largest")]

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        with torch.no_grad():
            return {"largest": max(each.abs().max().item() for each in step.model.parameters())}


class Halving:
    """Acts, and says nothing."""

    every = 10
    result_names: tuple[ResultName, ...] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Results:
        for each in step.model.parameters():
            each.requires_grad_(not moment.ends_epoch)
        return {}


class Both:
    """Sees every batch, is asked now and then, and is kept in checkpoints."""

    every = steps(10)
    result_names: Sequence[ResultName] = ()
    n_batches = 0

    def on_batch(self, step: int, batch: object, output: HasMu) -> None:
        self.n_batches += 1

    def on_moment(self, step: object, moment: object) -> dict[str, float]:
        return {}

    def state_dict(self) -> dict[str, object]:
        return {"n_batches": self.n_batches}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Looking:
    """Looks inside the model at each hundredth update."""

    every = steps(100)
    result_names: Sequence[ResultName] = ()

    @contextmanager
    def watching(self) -> Generator[None]:
        yield

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class LooksByBatch(EveryTen):
    def watching(self) -> AbstractContextManager[object]:
        return nullcontext()


acts(Largest())  # OK
acts(Halving())  # OK
acts(Both())  # OK
sees(Both())  # OK
acts(Looking())  # OK
watches(Looking())  # OK
watches(LooksByBatch())  # OK
sees(LooksByBatch())  # OK
callbacks: list[BatchCallback[VAEInput, VAEOutput] | StepCallback] = [SeesMu(), Largest(), Both()]  # OK
Trainer(step, train_loader=loader, stop=[stop], callbacks=callbacks)  # OK
assert_type(Trainer(OptimizerStep(VAE(), optimizer=adam), train_loader=loader, stop=[stop], callbacks=[Largest(), Halving()]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=[EveryTen(), Largest(), SeesMu(), Both(), Looking()]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=(EveryTen(), Largest())), Trainer[VAEInput, VAEOutput])  # OK
Trainer(step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([EveryTen(), SeesMu()]), TrainLoss(every=minutes(1))])  # OK


# routines of one's own that are due within epochs
class OwnRoutine:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "first"),)
    cadences = (1, steps(500))

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if any(moment.reaches(each) for each in self.cadences) else ()

    def run(self, evaluate: Callable[[VAEInput], ModelOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> dict[str, float]:
        return {"first": 0.0 if moment.is_rehearsal else 1.0}


routine(OwnRoutine())  # OK
is_clocked(OwnRoutine())  # OK
is_clocked(DataLoaderRoutine(loader, scores=[LossScore()], every=steps(500)))  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=[OwnRoutine(), DataLoaderRoutine(loader, scores=[MuScore()], every=minutes(10))])  # OK


# checkpoints
class InMemory:
    """A checkpointer of one's own, due by steps."""

    cadences: list[Every] = [steps(100)]

    def __init__(self) -> None:
        self.states: dict[int, Mapping[str, object]] = {}

    def is_due(self, moment: Moment) -> bool:
        return moment.reaches(steps(100))

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        self.states[moment.step] = state

    def load(self, *, step: int | None = None, epoch: int | None = None) -> Mapping[str, object]:
        return self.states[max(self.states) if step is None else step]

    def begin(self, step: int, state: Mapping[str, object]) -> None: ...


keeps(InMemory())  # OK
is_clocked(InMemory())  # OK
continued: Continued = InMemory()  # OK
keeps(FolderCheckpointer("run", every=1))  # OK
keeps(FolderCheckpointer("run", every=steps(500)))  # OK
keeps(FolderCheckpointer("run", every=[1, steps(500), minutes(10)]))  # OK
keeps(FolderCheckpointer("run", every=(steps(500), minutes(10)), keep=None))  # OK
keeps(FolderCheckpointer("run", every=often))  # OK
is_clocked(FolderCheckpointer("run", every=1))  # OK
Trainer(step, train_loader=loader, stop=[stop], checkpointer=InMemory())  # OK


# stoppers
class AtLoss:
    """Stops at any moment, and says by which cadence it is asked."""

    cadences: Sequence[Every] = (steps(10),)

    def should_stop(self, update: RunState) -> bool:
        return not update.ends_epoch and update.seconds > 60 and update.scores.get("loss", 1.0) < 0.1


stops(AtLoss())  # OK
is_clocked(AtLoss())  # OK
stops(StepBoundStopper(max_n_steps=10_000))  # OK
stops(TimeBoundStopper(max_minutes=90))  # OK
stops(TimeBoundStopper(max_minutes=0.5))  # OK
stops(stop_when(ThresholdStopper(), on=lambda state: state.seconds / 60))  # OK
bound: StepBounded = StepBoundStopper(max_n_steps=10)  # OK
by_epoch: Bounded = EpochBoundStopper(max_n_epochs=10)  # OK
Trainer(step, train_loader=loader, stop=[stop, StepBoundStopper(max_n_steps=10_000), TimeBoundStopper(max_minutes=90), AtLoss()])  # OK
