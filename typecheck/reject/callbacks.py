"""Callbacks of the wrong shape, and callbacks that ask for what their model does not give."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NotRequired, TypedDict

import numpy as np
import torch
from artifact_torch import BatchRoutine, DataLoaderRoutine, LossCallback, OutputArrayCallback, OutputMeansCallback, TrainLoss
from artifact_torch.contracts import ArtifactResults, BatchCallback, Failure, LoaderCallback, LoaderRoutine, Moment, Result, ResultKind, ResultName
from numpy.typing import NDArray
from torch import Tensor
from typecheck.common import CodesLoader, HasMu, ImageInput, ImageLoader, LabelledInput, LabelScore, LossOutput, LossScore, MuMeans, MuScore, SeesLabel, SeesLoss, SeesMu, TableCallback, VAEInput, VAEOutput


def sees(callback: BatchCallback[VAEInput, VAEOutput], /) -> None: ...
def sees_loss(callback: BatchCallback[VAEInput, LossOutput], /) -> None: ...
def scores(callback: LoaderCallback[VAEInput, LossOutput, float], /) -> None: ...
def routine(routine: LoaderRoutine[VAEInput, LossOutput], /) -> None: ...


# batch callbacks
class AsyncCallback:
    async def on_batch(self, step: int, batch: object, output: object) -> None: ...


class Returning:
    def on_batch(self, step: int, batch: object, output: object) -> int:
        return 1


class MaybeReturning:
    def on_batch(self, step: int, batch: object, output: object) -> bool | None: ...


class TooShort:
    def on_batch(self, step: int, output: LossOutput) -> None: ...


class TooLong:
    def on_batch(self, step: int, batch: object, output: object, epoch: int) -> None: ...


class KeywordsOnly:
    def on_batch(self, *, step: int, batch: object, output: object) -> None: ...


class Misspelled:
    def on_bach(self, step: int, batch: object, output: object) -> None: ...


class StepName:
    def on_batch(self, step: str, batch: object, output: object) -> None: ...


class Swapped:
    def on_batch(self, step: int, output: LossOutput, batch: VAEInput) -> None: ...


class AsProperty:
    @property
    def on_batch(self) -> None: ...


class Generating:
    def on_batch(self, step: int, batch: object, output: object) -> Iterator[None]:
        yield


class WantsDict:
    def on_batch(self, step: int, batch: dict[str, Tensor], output: object) -> None: ...


class WantsTensors:
    def on_batch(self, step: int, batch: object, output: Mapping[str, Tensor]) -> None: ...


class MaybeMu(TypedDict):
    mu: NotRequired[Tensor]


class WantsMaybeMu:
    def on_batch(self, step: int, batch: object, output: MaybeMu) -> None: ...


class FloatMu(TypedDict):
    mu: float


class WantsFloatMu:
    def on_batch(self, step: int, batch: object, output: FloatMu) -> None: ...


def on_batch(step: int, batch: object, output: object) -> None: ...


sees(AsyncCallback())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncCallback"]
sees(Returning())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "Returning"]
sees(MaybeReturning())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "MaybeReturning"]
sees(TooShort())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "TooShort"]
sees(TooLong())  # E[pyright=reportArgumentType: Extra parameter "epoch", mypy=arg-type: "TooLong"]
sees(KeywordsOnly())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "KeywordsOnly"]
sees(Misspelled())  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type: "Misspelled"]
sees(StepName())  # E[pyright=reportArgumentType: "int" is not assignable to "str", mypy=arg-type: "StepName"]
sees(Swapped())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "Swapped"]
sees(AsProperty())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "AsProperty"]
sees(Generating())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "Generating"]
sees(WantsDict())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "WantsDict"]
sees(WantsTensors())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "WantsTensors"]
sees(WantsMaybeMu())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "WantsMaybeMu"]
sees(WantsFloatMu())  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: "WantsFloatMu"]
sees(SeesLoss)  # E[pyright=reportArgumentType: "type\[SeesLoss\]", mypy=arg-type: "type\[SeesLoss\]"]
sees(on_batch)  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type]
sees(lambda step, batch, output: None)  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type]
sees_loss(SeesMu())  # E[pyright=reportArgumentType: "LossOutput" is not assignable to "HasMu"|"mu" is missing, mypy=arg-type: "SeesMu"]
sees_loss(SeesLabel())  # E[pyright=reportArgumentType: "label" is missing, mypy=arg-type: "SeesLabel"]
sees([SeesLoss()])  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type: "list\[SeesLoss\]"]
least: BatchCallback = SeesMu()  # E[pyright=reportAssignmentType: "mu" is missing, mypy=assignment: "SeesMu"]


def narrow(callback: BatchCallback[LabelledInput, LossOutput]) -> None:
    sees_loss(callback)  # E[pyright=reportArgumentType: "LabelledInput", mypy=arg-type: "BatchCallback\[LabelledInput, LossOutput\]"]


TrainLoss(every="10")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "every"]
TrainLoss(10)  # E[pyright=reportArgumentType: "str", mypy=arg-type: "str"]
TrainLoss("loss", 10)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]


# loader callbacks
class MethodAsName:
    def name(self) -> str:
        return "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class NumberAsName:
    name = 3

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class MaybeNamed:
    name: str | None = None

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class Nameless:
    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class NoStart:
    name = "loss"

    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class StartWithEpoch:
    name = "loss"

    def start(self, epoch: int) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class UpdateWithStep:
    name = "loss"

    def start(self) -> None: ...
    def update(self, step: int, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class AsyncUpdate:
    name = "loss"

    def start(self) -> None: ...
    async def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class AsyncFinish:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    async def finish(self) -> float:
        return 0.0


class FinishNothing:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> None: ...


class FinishMaybe:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> float | None: ...


class FinishTensor:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> Tensor:
        raise NotImplementedError


class FinishIntegers:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    def finish(self) -> NDArray[np.int64]:
        raise NotImplementedError


class FinishProperty:
    name = "loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: LossOutput) -> None: ...
    @property
    def finish(self) -> float:
        return 0.0


scores(MethodAsName())  # E[pyright=reportArgumentType: "name" is an incompatible|"name" is invariant|name, mypy=arg-type: "MethodAsName"]
scores(NumberAsName())  # E[pyright=reportArgumentType: "int" is not assignable to "str", mypy=arg-type: "NumberAsName"]
scores(MaybeNamed())  # E[pyright=reportArgumentType: "None" is not assignable to "str", mypy=arg-type: "MaybeNamed"]
scores(Nameless())  # E[pyright=reportArgumentType: "name" is not present, mypy=arg-type: "Nameless"]
scores(NoStart())  # E[pyright=reportArgumentType: "start" is not present, mypy=arg-type: "NoStart"]
scores(StartWithEpoch())  # E[pyright=reportArgumentType: Extra parameter "epoch", mypy=arg-type: "StartWithEpoch"]
scores(UpdateWithStep())  # E[pyright=reportArgumentType: "update" is an incompatible, mypy=arg-type: "UpdateWithStep"]
scores(AsyncUpdate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncUpdate"]
scores(AsyncFinish())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncFinish"]
scores(FinishNothing())  # E[pyright=reportArgumentType: "finish" is an incompatible, mypy=arg-type: "FinishNothing"]
scores(FinishMaybe())  # E[pyright=reportArgumentType: "finish" is an incompatible, mypy=arg-type: "FinishMaybe"]
scores(FinishTensor())  # E[pyright=reportArgumentType: "finish" is an incompatible, mypy=arg-type: "FinishTensor"]
scores(FinishProperty())  # E[pyright=reportArgumentType: "finish" is an incompatible, mypy=arg-type: "FinishProperty"]
scores(MuScore())  # E[pyright=reportArgumentType: "mu" is missing, mypy=arg-type: "MuScore"]
scores(LabelScore())  # E[pyright=reportArgumentType: "label" is missing, mypy=arg-type: "LabelScore"]
scores(MuMeans())  # E[pyright=reportArgumentType: "MuMeans", mypy=arg-type: "MuMeans"]
scores(LossCallback)  # E[pyright=reportArgumentType: "type\[LossCallback, mypy=arg-type: "type\[LossCallback]
scores(SeesLoss())  # E[pyright=reportArgumentType: "name" is not present, mypy=arg-type: "SeesLoss"]
LossCallback()  # E[pyright=reportCallIssue: No overloads, mypy=call-overload: at least one]
LossCallback("loss", every="x")  # E[pyright=reportCallIssue: No overloads, mypy=call-overload: "every"]
OutputMeansCallback("terms", ["mu"])  # E[pyright=reportCallIssue: No overloads, mypy=call-overload: OutputMeansCallback]
OutputMeansCallback("terms", keys="mu")  # HOLE: a string is a sequence of strings
OutputArrayCallback("codes", key=["mu"])  # E[pyright=reportArgumentType: "str", mypy=arg-type: "key"]


# loader routines
loader = CodesLoader()
DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[MuScore()])  # E[pyright=reportArgumentType: "mu" is missing|"MuScore", mypy=list-item: "MuScore"]
DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[LossScore(), LabelScore()])  # E[pyright=reportArgumentType: "LabelScore", mypy=list-item: "LabelScore"]
DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[LossScore(), TableCallback()])  # E[pyright=reportArgumentType: "TableCallback", mypy=list-item: "TableCallback"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuMeans()])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, score_collections=[MuScore()])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, arrays=[MuScore()])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, arrays=[FinishIntegers()])  # E[pyright=reportArgumentType: "FinishIntegers", mypy=list-item: "FinishIntegers"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, plots=[MuScore()])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, plot_collections=[MuMeans()])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, array_collections=[MuMeans()])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossScore])  # E[pyright=reportArgumentType: "type\[LossScore\]", mypy=list-item: "type\[LossScore\]"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=LossScore())  # E[pyright=reportArgumentType: "LossScore", mypy=arg-type: "LossScore"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[SeesLoss()])  # E[pyright=reportArgumentType: "SeesLoss", mypy=list-item: "SeesLoss"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, [LossScore()])  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossScore()], every="5")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "every"]
DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossScore()], period=5)  # E[pyright=reportCallIssue: "period", mypy=call-arg: "period"]
DataLoaderRoutine[VAEInput, VAEOutput](scores=[LossScore()])  # E[pyright=reportCallIssue: "loader", mypy=call-arg: "loader"]
DataLoaderRoutine[VAEInput, VAEOutput](ImageLoader(), scores=[LossScore()])  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "ImageLoader"]
routine(DataLoaderRoutine[VAEInput, HasMu](loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: HasMu]
DataLoaderRoutine(loader, scores=[LabelScore()])  # E[pyright=reportArgumentType: "LabelScore", mypy=misc: Cannot infer]
routine(DataLoaderRoutine(loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, HasMu\], mypy=list-item: "MuScore"]
routine(DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: DataLoaderRoutine\[VAEInput, VAEOutput\]]
routine(LossScore())  # E[pyright=reportArgumentType: "result_names" is not present, mypy=arg-type: "LossScore"]
routine(DataLoaderRoutine)  # E[pyright=reportArgumentType: type\[DataLoaderRoutine, mypy=arg-type: type\[DataLoaderRoutine]
by_label = DataLoaderRoutine(loader, scores=[LossScore(), LabelScore()])  # E[pyright=reportArgumentType: "LabelScore", mypy=list-item: "LabelScore"]
DataLoaderRoutine(ImageLoader(), scores=[MuScore(), LabelScore()])  # E[pyright=reportArgumentType: "LabelScore", mypy]
DataLoaderRoutine(loader, scores=[LossScore()], at_end=False)  # E[pyright=reportCallIssue: "at_end", mypy=call-arg: "at_end"]


# loader routines of the user's own
class _Named:
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class NoRun(_Named): ...


class RunsWithEpoch(_Named):
    """As routines were called before."""

    def run(self, forward: Callable[[VAEInput], LossOutput], device: torch.device, epoch: int) -> ArtifactResults:
        return ArtifactResults()


class RunsFinal(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class EpochForMoment(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], epoch: int) -> ArtifactResults:
        return ArtifactResults()


class WantsNameSet(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: set[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class ReadsMuOfLoss(_Named):
    def run(self, evaluate: Callable[[VAEInput], HasMu], device: torch.device, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class FeedsImages(_Named):
    def run(self, evaluate: Callable[[ImageInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class GivesNothing(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> None: ...


class GivesFloat(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> float:
        return 0.0


class GivesTexts(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> dict[str, str]:
        return {}


class GivesPairs(_Named):
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> list[tuple[str, float]]:
        return []


class AsyncRun(_Named):
    async def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class _Runs:
    def run(self, evaluate: Callable[[VAEInput], LossOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class DueByEpoch(_Runs):
    result_names: Sequence[ResultName] = ()

    def due(self, epoch: int) -> Collection[ResultName]:
        return ()


class IsDue(_Runs):
    """As routines were asked before."""

    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return True


class DueIsBool(_Runs):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> bool:
        return True


class DueIsIterator(_Runs):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Iterator[ResultName]:
        return iter(self.result_names)


class DueIsTexts(_Runs):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> list[str]:
        return ["first"]


routine(NoRun())  # E[pyright=reportArgumentType: "run" is not present, mypy=arg-type: "NoRun"]
routine(RunsWithEpoch())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "RunsWithEpoch"]
routine(RunsFinal())  # E[pyright=reportArgumentType: "final", mypy=arg-type: "RunsFinal"]
routine(EpochForMoment())  # E[pyright=reportArgumentType: "Moment" is not assignable to "int", mypy=arg-type: "EpochForMoment"]
routine(WantsNameSet())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "WantsNameSet"]
routine(ReadsMuOfLoss())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "ReadsMuOfLoss"]
routine(FeedsImages())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "FeedsImages"]
routine(GivesNothing())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "GivesNothing"]
routine(GivesFloat())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "GivesFloat"]
routine(GivesTexts())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "GivesTexts"]
routine(GivesPairs())  # E[pyright=reportArgumentType: "run" is an incompatible, mypy=arg-type: "GivesPairs"]
routine(AsyncRun())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncRun"]
routine(DueByEpoch())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueByEpoch"]
routine(IsDue())  # E[pyright=reportArgumentType: "due" is not present, mypy=arg-type: "IsDue"]
routine(DueIsBool())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueIsBool"]
routine(DueIsIterator())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueIsIterator"]
routine(DueIsTexts())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueIsTexts"]
Moment(1, 10)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Moment(epoch=1)  # E[pyright=reportCallIssue: "step", mypy=call-arg: "step"]
Moment(epoch=1, step=10).epoch = 2  # E[pyright=reportAttributeAccessIssue: "epoch", mypy=misc: "epoch"]
Result("score", "first", 1.0)  # E[pyright=reportArgumentType: "ResultKind", mypy=arg-type: "Result"]
Result(ResultKind.SCORE, 1.0)  # E[pyright=reportCallIssue: "value", mypy=call-arg: Missing positional]
Failure(ResultKind.SCORE, "first", ValueError("no"))  # E[pyright=reportArgumentType: "ValueError", mypy=arg-type: "ValueError"]


# batch routines
BatchRoutine[VAEInput, LossOutput]([SeesLoss(), SeesMu()])  # E[pyright=reportArgumentType: "SeesMu", mypy=list-item: "SeesMu"]
BatchRoutine[VAEInput, LossOutput]([SeesLabel()])  # E[pyright=reportArgumentType: "SeesLabel", mypy=list-item: "SeesLabel"]
BatchRoutine[VAEInput, LossOutput](SeesLoss())  # E[pyright=reportArgumentType: "SeesLoss", mypy=arg-type: "SeesLoss"]
BatchRoutine[VAEInput, LossOutput]([SeesLoss])  # E[pyright=reportArgumentType: "type\[SeesLoss\]", mypy=list-item: "type\[SeesLoss\]"]
BatchRoutine[VAEInput, LossOutput]([LossScore()])  # E[pyright=reportArgumentType: "LossScore", mypy=list-item: "LossScore"]
BatchRoutine([AsyncCallback()])  # E[pyright=reportArgumentType: "AsyncCallback", mypy=list-item: "AsyncCallback"]
sees_loss(BatchRoutine([SeesMu()]))  # E[pyright=reportArgumentType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]
sees_loss(BatchRoutine([SeesLoss(), SeesLabel()]))  # E[pyright=reportArgumentType: "SeesLabel"|"BatchRoutine\[HasLabel, mypy=list-item: "SeesLabel"]
sees_loss(BatchRoutine[VAEInput, VAEOutput]([SeesMu()]))  # E[pyright=reportArgumentType: "on_batch" is an incompatible, mypy=arg-type: BatchRoutine\[VAEInput, VAEOutput\]]
