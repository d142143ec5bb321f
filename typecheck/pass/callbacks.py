"""Callbacks and the routines that run them."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import torch
from artifact_torch import BatchRoutine, DataLoaderRoutine, LossCallback, OutputArrayCallback, OutputMeansCallback, TrainLoss, steps
from artifact_torch.contracts import ArtifactResults, BatchCallback, Failure, LoaderCallback, LoaderRoutine, ModelInput, ModelOutput, Moment, Result, ResultKind, ResultName, Results
from matplotlib.figure import Figure
from numpy.typing import NDArray
from typecheck.common import CodesLoader, HasMu, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuMeans, MuScore, SeesLabel, SeesLoss, SeesMu, VAEInput, VAEOutput
from typing_extensions import ReadOnly, assert_type, override
from typing_extensions import TypedDict as NewTypedDict


def sees(callback: BatchCallback[VAEInput, VAEOutput], /) -> None: ...
def sees_labels(callback: BatchCallback[LabelledInput, LossOutput], /) -> None: ...
def scores(callback: LoaderCallback[VAEInput, VAEOutput, float], /) -> None: ...
def means(callback: LoaderCallback[VAEInput, VAEOutput, Mapping[str, float]], /) -> None: ...
def routine(routine: LoaderRoutine[VAEInput, VAEOutput], /) -> None: ...


sees(SeesLoss())  # OK
sees(SeesMu())  # OK
sees(TrainLoss(every=steps(10)))  # OK
sees_labels(SeesLabel())  # OK
sees_labels(SeesLoss())  # OK


class SeesAnything:
    def on_batch(self, step: int, batch: object, output: object) -> None: ...


class SeesAll:
    """Any number of arguments."""

    def on_batch(self, *what: object) -> None: ...


class WithDefault:
    def on_batch(self, step: int, batch: VAEInput, output: VAEOutput, verbose: bool = False) -> None: ...


class PositionalOnly:
    def on_batch(self, _step: float, _batch: VAEInput, _output: VAEOutput, /) -> None: ...


class Static:
    @staticmethod
    def on_batch(step: int, batch: VAEInput, output: VAEOutput) -> None: ...


class FrozenMu(NewTypedDict):
    mu: ReadOnly[object]


class ReadsMu:
    def on_batch(self, step: int, batch: object, output: FrozenMu) -> None: ...


class ReadsMapping:
    def on_batch(self, step: int, batch: Mapping[str, object], output: Mapping[str, object]) -> None: ...


class Named(BatchCallback[VAEInput, VAEOutput]):
    @override
    def on_batch(self, step: int, batch: VAEInput, output: VAEOutput, /) -> None: ...


class NamedWithDefaults(BatchCallback):
    """Bare, it asks for no key of the input and for the loss."""

    @override
    def on_batch(self, step: int, batch: object, output: ModelOutput, /) -> None: ...


sees(SeesAnything())  # OK
sees(SeesAll())  # OK
sees(WithDefault())  # OK
sees(PositionalOnly())  # OK
sees(Static())  # OK
sees(ReadsMu())  # OK
sees(ReadsMapping())  # OK
sees(Named())  # OK
sees(NamedWithDefaults())  # OK
least: BatchCallback = SeesLoss()  # OK
sees(least)  # OK
sees_labels(least)  # OK


class NameAttribute:
    def __init__(self) -> None:
        self.name = "mean"

    def start(self) -> None: ...
    def update(self, batch: VAEInput, output: VAEOutput) -> None: ...
    def finish(self) -> int:
        return 0


class NameOfClass:
    name = "mean"

    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> float:
        return 0.0


class Arrays:
    name = "mu"

    def start(self) -> None: ...
    def update(self, batch: object, output: HasMu) -> None: ...
    def finish(self) -> NDArray[np.float32]:
        raise NotImplementedError


class Drawn:
    name = "histogram"

    def start(self) -> None: ...
    def update(self, batch: object, output: HasMu) -> None: ...
    def finish(self) -> Figure:
        raise NotImplementedError




scores(LossScore())  # OK
scores(MuScore())  # OK
scores(LossCallback("loss"))  # OK
scores(NameAttribute())  # OK
scores(NameOfClass())  # OK
means(MuMeans())  # OK
means(OutputMeansCallback("terms", keys=["mu"]))  # OK
least_score: LoaderCallback = LossScore()  # OK

class SeesAllOfIt:
    def on_batch(self, step: int, batch: VAEInput, output: VAEOutput) -> None: ...


loader = CodesLoader()
assert_type(DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("loss")]), DataLoaderRoutine[VAEInput, VAEOutput])  # OK
assert_type(DataLoaderRoutine(loader, scores=[LossScore()]), DataLoaderRoutine[VAEInput, LossOutput])  # OK
routine(DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossScore(), MuScore(), LossCallback("loss")], every=5))  # OK
routine(DataLoaderRoutine[VAEInput, VAEOutput](loader, score_collections=[MuMeans(), OutputMeansCallback("terms", keys=["loss"])]))  # OK
routine(DataLoaderRoutine[VAEInput, VAEOutput](loader, arrays=[Arrays(), OutputArrayCallback("codes", key="mu")]))  # OK
routine(DataLoaderRoutine[VAEInput, VAEOutput](loader, plots=[Drawn()]))  # OK
routine(DataLoaderRoutine[VAEInput, VAEOutput](LabelledLoader(), scores=[MuScore()]))  # OK
routine(DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]))  # OK
routine(DataLoaderRoutine(loader, scores=[LossScore(), MuScore(), LossCallback("loss")], arrays=[OutputArrayCallback("codes", key="mu")], plots=[Drawn()]))  # OK
routine(DataLoaderRoutine(loader, scores=(LossScore(), MuScore())))  # OK
routine(DataLoaderRoutine(loader, score_collections=[MuMeans()], every=3))  # OK
by_loss = DataLoaderRoutine(loader, scores=[LossScore(), LossCallback("loss")])  # OK
routine(by_loss)  # OK
by_mu = DataLoaderRoutine(loader, scores=[MuScore()], score_collections=[MuMeans()])  # OK
routine(by_mu)  # OK
DataLoaderRoutine(loader, scores=[LossScore(), MuScore()])  # FALSE: alone, neither checker joins the keys that two callbacks ask for; write the types, or the routine inside the trainer's call
assert_type(DataLoaderRoutine[LabelledInput, LossOutput](LabelledLoader(), scores=[LabelScore()]).result_names[0][1], str)  # OK
assert_type(by_loss.due(Moment(epoch=1, step=10, ends_run=True)), Sequence[ResultName])  # OK

sees(BatchRoutine[VAEInput, VAEOutput]([SeesLoss(), SeesMu(), SeesAnything()]))  # OK
sees(BatchRoutine([SeesLoss(), SeesMu(), SeesAnything()]))  # OK
sees(BatchRoutine([BatchRoutine([SeesMu()]), SeesLoss()]))  # OK
written: list[BatchCallback[VAEInput, VAEOutput]] = [SeesLoss(), SeesMu()]  # OK
sees(BatchRoutine(written))  # OK
together = (SeesLoss(), SeesMu())
sees(BatchRoutine(together))  # OK
unwritten = [SeesLoss(), SeesMu()]
sees(BatchRoutine(unwritten))  # FALSE[mypy]: a list of two classes is list[object] to mypy; write its type, or a tuple
alone = BatchRoutine([SeesLoss()])  # OK
sees(alone)  # OK
tuple_alone = BatchRoutine((SeesLoss(), SeesAllOfIt()))  # OK
sees(tuple_alone)  # OK
BatchRoutine([SeesLoss(), SeesAllOfIt()])  # FALSE[mypy]: outside a call that gives the types, a list of two classes is list[object] to mypy; write a tuple, or the types
BatchRoutine((SeesLoss(), SeesMu()))  # FALSE[pyright]: it joins no keys of two typed dicts that are not one another's; write the types
mixed = BatchRoutine[VAEInput, VAEOutput]([SeesLoss(), SeesMu()])  # OK
sees(mixed)  # OK
sees(BatchRoutine[ModelInput, ModelOutput]([SeesLoss()]))  # OK


class OwnRoutine:
    """A loader routine of the user's own: results as data, some of them failed."""

    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "first"),)

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if moment.step % 10 == 0 or moment.ends_run else ()

    def run(self, evaluate: Callable[[VAEInput], HasMu], device: torch.device, names: Collection[ResultName], moment: Moment) -> list[Result | Failure]:
        output = evaluate(VAEInput(codes=torch.zeros(1, device=device)))
        return [Result(ResultKind.SCORE, "first", output["mu"].mean().item()), Failure(ResultKind.SCORE, "second", "no rows")]


class ScoresOnly:
    @property
    def result_names(self) -> tuple[ResultName, ...]:
        return ((ResultKind.SCORE, "first"),)

    def due(self, moment: Moment) -> set[ResultName]:
        return set(self.result_names)

    def run(self, evaluate: Callable[[VAEInput], ModelOutput], device: torch.device, names: Collection[ResultName], moment: Moment) -> dict[str, float]:
        return {"first": 1.0}


class Comfortable(ScoresOnly):
    def __init__(self, results: Results) -> None:
        self.results = results


class GivesAll:
    result_names: tuple[ResultName, ...] = ()

    def due(self, moment: object) -> frozenset[ResultName]:
        return frozenset()

    def run(self, *what: object) -> ArtifactResults:
        return ArtifactResults(scores={"a": 1.0})


routine(OwnRoutine())  # OK
routine(ScoresOnly())  # OK
routine(Comfortable({"first": 1.0}))  # OK
routine(Comfortable([Result(ResultKind.ARRAY, "a", np.zeros(3))]))  # OK
routine(GivesAll())  # OK
