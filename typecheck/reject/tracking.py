"""Tracking clients and checkpointers of the wrong shape."""

from collections.abc import Mapping
from pathlib import Path

from artifact_core.typing import Array, ArrayCollection, Plot, PlotCollection, ScoreCollection
from artifact_experiment.tracking import FilesystemTrackingClient
from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Checkpointer, Moment, TrackingClient
from artifact_torch.tracking import RunRecorder


def client(client: TrackingClient, /) -> None: ...
def checkpointer(checkpointer: Checkpointer, /) -> None: ...


class _AllButScores:
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoScores(_AllButScores): ...


class OtherNames(_AllButScores):
    def log_score(self, value: float, key: str) -> None: ...


class PositionalOnly(_AllButScores):
    def log_score(self, score: float, name: str, /) -> None: ...


class WithStep(_AllButScores):
    def log_score(self, score: float, name: str, step: int) -> None: ...


class WithoutName(_AllButScores):
    def log_score(self, score: float) -> None: ...


class IntegerScores(_AllButScores):
    def log_score(self, score: int, name: str) -> None: ...


class MaybeNamed(_AllButScores):
    def log_score(self, score: float, name: int) -> None: ...


class ScoreAttribute(_AllButScores):
    log_score = 0.0


class ScoreProperty(_AllButScores):
    @property
    def log_score(self) -> float:
        return 0.0


class LogScores(_AllButScores):
    def log_scores(self, score: float, name: str) -> None: ...


class AsyncScores(_AllButScores):
    async def log_score(self, score: float, name: str) -> None: ...


class Complete(_AllButScores):
    def log_score(self, score: float, name: str) -> None: ...


class DictCollections(Complete):
    def log_score_collection(self, score_collection: dict[str, float], name: str) -> None: ...  # E[pyright=reportIncompatibleMethodOverride, mypy=override]


class MutableScores:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: dict[str, float], name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class FilesByPath:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: Path, name: str) -> None: ...


class NoArrays:
    def log_score(self, score: float, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoPlots:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoScoreCollections:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoArrayCollections:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoPlotCollections:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class NoFiles:
    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...


client(NoArrays())  # E[pyright=reportArgumentType: "log_array" is not present, mypy=arg-type: "NoArrays"]
client(NoPlots())  # E[pyright=reportArgumentType: "log_plot" is not present, mypy=arg-type: "NoPlots"]
client(NoScoreCollections())  # E[pyright=reportArgumentType: "log_score_collection" is not present, mypy=arg-type: "NoScoreCollections"]
client(NoArrayCollections())  # E[pyright=reportArgumentType: "log_array_collection" is not present, mypy=arg-type: "NoArrayCollections"]
client(NoPlotCollections())  # E[pyright=reportArgumentType: "log_plot_collection" is not present, mypy=arg-type: "NoPlotCollections"]
client(NoFiles())  # E[pyright=reportArgumentType: "log_file" is not present, mypy=arg-type: "NoFiles"]
client(NoScores())  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "NoScores"]
client(OtherNames())  # E[pyright=reportArgumentType: name mismatch] # HOLE[mypy]: it does not compare the names of parameters that may be given by position
client(PositionalOnly())  # E[pyright=reportArgumentType: "log_score" is an incompatible] # HOLE[mypy]: it does not compare the kind of parameters that may be given by position
client(WithStep())  # E[pyright=reportArgumentType: Extra parameter "step", mypy=arg-type: "WithStep"]
client(WithoutName())  # E[pyright=reportArgumentType: "log_score" is an incompatible, mypy=arg-type: "WithoutName"]
client(IntegerScores())  # E[pyright=reportArgumentType: "float" is not assignable to "int", mypy=arg-type: "IntegerScores"]
client(MaybeNamed())  # E[pyright=reportArgumentType: "str" is not assignable to "int", mypy=arg-type: "MaybeNamed"]
client(ScoreAttribute())  # E[pyright=reportArgumentType: "log_score" is an incompatible, mypy=arg-type: "ScoreAttribute"]
client(ScoreProperty())  # E[pyright=reportArgumentType: "log_score" is an incompatible, mypy=arg-type: "ScoreProperty"]
client(LogScores())  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "LogScores"]
client(AsyncScores())  # HOLE: a coroutine is an object, which is all the contract asks for; the check at build refuses it
client(MutableScores())  # E[pyright=reportArgumentType: "log_score_collection" is an incompatible, mypy=arg-type: "MutableScores"]
client(FilesByPath())  # E[pyright=reportArgumentType: "str" is not assignable to "Path", mypy=arg-type: "FilesByPath"]
client(FilesystemTrackingClient)  # E[pyright=reportArgumentType: "type\[FilesystemTrackingClient\]", mypy=arg-type: "type\[FilesystemTrackingClient\]"]
client("results")  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "str"]
client(None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
RunRecorder(None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
RunRecorder("results")  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "str"]
RunRecorder()  # E[pyright=reportCallIssue: "client", mypy=call-arg: "client"]
FilesystemTrackingClient.build()  # E[pyright=reportCallIssue: "experiment_id", mypy=call-arg: "experiment_id"]


# checkpointers
class NoDue:
    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class DueAttribute:
    is_due = True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class SavesDict:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: dict[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class SavesPath:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> Path:
        return Path()

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class SavesSwapped:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, state: Mapping[str, object], moment: Moment) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class AsyncSave:
    def is_due(self, moment: Moment) -> bool:
        return True

    async def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class LoadNeedsEpoch:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, epoch: int) -> Mapping[str, object]:
        return {}


class LoadsMaybe:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object] | None: ...


class LoadsWithoutNone:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, epoch: int = 0) -> Mapping[str, object]:
        return {}


class SavesTensors:
    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, float]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


checkpointer(NoDue())  # E[pyright=reportArgumentType: "is_due" is not present, mypy=arg-type: "NoDue"]
checkpointer(DueAttribute())  # E[pyright=reportArgumentType: "is_due" is an incompatible, mypy=arg-type: "DueAttribute"]
checkpointer(SavesDict())  # E[pyright=reportArgumentType: "save" is an incompatible, mypy=arg-type: "SavesDict"]
checkpointer(SavesPath())  # E[pyright=reportArgumentType: "save" is an incompatible, mypy=arg-type: "SavesPath"]
checkpointer(SavesSwapped())  # E[pyright=reportArgumentType: "save" is an incompatible, mypy=arg-type: "SavesSwapped"]
checkpointer(AsyncSave())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncSave"]
checkpointer(LoadNeedsEpoch())  # E[pyright=reportArgumentType: "load" is an incompatible, mypy=arg-type: "LoadNeedsEpoch"]
checkpointer(LoadsMaybe())  # E[pyright=reportArgumentType: "load" is an incompatible, mypy=arg-type: "LoadsMaybe"]
checkpointer(LoadsWithoutNone())  # E[pyright=reportArgumentType: "load" is an incompatible, mypy=arg-type: "LoadsWithoutNone"]
checkpointer(SavesTensors())  # E[pyright=reportArgumentType: "save" is an incompatible, mypy=arg-type: "SavesTensors"]
checkpointer("checkpoints")  # E[pyright=reportArgumentType: "is_due" is not present, mypy=arg-type: "str"]
checkpointer(FolderCheckpointer)  # E[pyright=reportArgumentType: "type\[FolderCheckpointer\]", mypy=arg-type: "type\[FolderCheckpointer\]"]
FolderCheckpointer()  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]
FolderCheckpointer("checkpoints", 5)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
FolderCheckpointer("checkpoints", every="5")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "every"]
FolderCheckpointer(5, every=5)  # E[pyright=reportArgumentType: "folder", mypy=arg-type: "int"]
FolderCheckpointer("checkpoints", every=5, keep="all")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "keep"]
