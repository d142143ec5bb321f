"""Tracking clients, checkpointers, and every implementation the toolkit and its ecosystem ship."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from artifact_core.table_comparison import TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient, InMemoryTrackingClient, MlflowTrackingClient
from artifact_torch import ArtifactTorchError, BatchRoutine, BestScoreTracker, CheckpointError, ConfigurationError, ContractError, DataError, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, LossError, OptimizerStep, OutputArrayCallback, OutputMeansCallback, PatienceStopper, Schedule, TensorTable, TorchLoader, Trainer, TrainingResult, TrainingSeconds, ValidationError, per_epoch, TrainLoss
from artifact_torch.contracts import ArtifactPlan, ArtifactRoutine, BatchCallback, BatchDataset, BatchSource, Bounded, Checkpointer, EarlyStopper, LoaderCallback, LoaderRoutine, ModelOutput, ModelTracker, Moment, Monitor, RunState, Scheduler, Stateful, StopperUpdateData, TrackingClient, TrainingStep
from artifact_torch.tracking import RunRecorder
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources, TableComparisonRoutine, TableGenerator, TableSpec
from typecheck.common import VAE, SamplingParams, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def client(client: TrackingClient, /) -> None: ...
def checkpointer(checkpointer: Checkpointer, /) -> None: ...
def stateful(part: Stateful, /) -> None: ...


class PrintingClient:
    """A client of the user's own; results may be of any type and the return value too."""

    def log_score(self, score: float, name: str) -> None: ...
    def log_array(self, array: object, name: str) -> None: ...
    def log_plot(self, plot: object, name: str) -> str:
        return name

    def log_score_collection(self, score_collection: Mapping[str, float], name: str) -> None: ...
    def log_array_collection(self, array_collection: Mapping[str, object], name: str) -> None: ...
    def log_plot_collection(self, plot_collection: Mapping[str, Any], name: str, dpi: int = 100) -> None: ...
    def log_file(self, path_source: str | Path, name: str) -> bool:
        return True


class LogsAnything:
    def log_score(self, **what: object) -> None: ...
    def log_array(self, **what: object) -> None: ...
    def log_plot(self, **what: object) -> None: ...
    def log_score_collection(self, **what: object) -> None: ...
    def log_array_collection(self, **what: object) -> None: ...
    def log_plot_collection(self, **what: object) -> None: ...
    def log_file(self, **what: object) -> None: ...


class MemoryCheckpointer:
    """Keeps the newest state in memory."""

    def __init__(self) -> None:
        self.newest: Mapping[str, object] = {}

    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        self.newest = state

    def load(self, *, epoch: int | None = None, step: int | None = None) -> dict[str, object]:
        return dict(self.newest)


client(PrintingClient())  # OK
client(FilesystemTrackingClient.build(experiment_id="demo"))  # OK
client(InMemoryTrackingClient.build(experiment_id="demo"))  # OK
client(MlflowTrackingClient.build(experiment_id="demo", run_id="1"))  # OK
checkpointer(MemoryCheckpointer())  # OK
checkpointer(FolderCheckpointer("checkpoints", every=5))  # OK
checkpointer(FolderCheckpointer(Path("checkpoints"), every=5, keep=None))  # OK
assert_type(FolderCheckpointer("checkpoints", every=5).steps(), list[int])  # OK
RunRecorder(PrintingClient()).log_file(Path("a"), "b")  # OK


def shipped(
    table: TensorTable[VAEInput],
    loader: DataLoader[VAEInput],
    torch_loader: TorchLoader[VAEInput],
    step: OptimizerStep[VAEInput, VAEOutput],
    trainer: Trainer[VAEInput, VAEOutput],
    batch_routine: BatchRoutine[VAEInput, VAEOutput],
    loader_routine: DataLoaderRoutine[VAEInput, VAEOutput],
    spec: TabularDataSpec,
    plan: TableComparisonPlan,
    routine: TableComparisonRoutine[SamplingParams],
) -> None:
    """Each implementation satisfies its contract, though it inherits none."""
    _1: BatchDataset[VAEInput] = table  # OK
    _2: BatchSource[VAEInput] = loader  # OK
    _3: BatchSource[VAEInput] = torch_loader  # OK
    _4: TrainingStep[VAEInput, VAEOutput] = step  # OK
    _5: Stateful = trainer  # OK
    _6: BatchCallback[VAEInput, VAEOutput] = batch_routine  # OK
    _7: LoaderRoutine[VAEInput, VAEOutput] = loader_routine  # OK
    _8: BatchCallback[object, ModelOutput] = TrainLoss()  # OK
    _9: LoaderCallback[VAEInput, ModelOutput, float] = LossCallback("loss")  # OK
    _10: LoaderCallback[object, ModelOutput, Mapping[str, float]] = OutputMeansCallback("terms", keys=["loss"])  # OK
    _11: LoaderCallback[object, ModelOutput, object] = OutputArrayCallback("losses", key="loss")  # OK
    _12: EarlyStopper[StopperUpdateData] = EpochBoundStopper(max_n_epochs=3)  # OK
    _13: EarlyStopper[RunState] = EpochBoundStopper(max_n_epochs=3)  # OK
    _14: EarlyStopper[RunState] = PatienceStopper("loss", patience=5)  # OK
    _15: Monitor = PatienceStopper("loss", patience=5)  # OK
    _16: ModelTracker[RunState] = BestScoreTracker("loss")  # OK
    _17: Bounded = EpochBoundStopper(max_n_epochs=3)  # OK
    _18: Monitor = BestScoreTracker("loss")  # OK
    _19: Stateful = TrainLoss()  # OK
    _20: Monitor = step  # OK
    _21: Checkpointer = FolderCheckpointer("checkpoints", every=5)  # OK
    _22: TableSpec = spec  # OK
    _23: ArtifactPlan[TableComparisonResources] = plan  # OK
    _24: ArtifactRoutine[TableGenerator[SamplingParams]] = routine  # OK
    _25: ArtifactRoutine[VAE] = routine  # OK
    _26: Schedule = per_epoch(torch.optim.lr_scheduler.StepLR(adam([]), step_size=3))  # OK
    _27: StopperUpdateData = RunState(n_epochs_elapsed=1, n_steps=1, scores={})  # OK


stateful(PatienceStopper("loss", patience=5))  # OK
stateful(BestScoreTracker("loss"))  # OK
stateful(torch.optim.lr_scheduler.StepLR(adam([]), step_size=3))  # OK
scheduler: Scheduler = torch.optim.lr_scheduler.StepLR(adam([]), step_size=3)  # OK
stateful(VAE())  # OK


def used(result: TrainingResult) -> None:
    assert_type(result.epoch_scores, pd.DataFrame)  # OK
    assert_type(result.best_epoch, int | None)  # OK
    assert_type(result.stop_reason, str)  # OK
    assert_type(result.seconds, TrainingSeconds)  # OK
    assert_type(result.seconds.training, float)  # OK
    assert_type(result.failures, Mapping[str, str])  # OK
    assert_type(result.run_folder, str | None)  # OK


def handled(trainer: Trainer[VAEInput, VAEOutput]) -> str:
    """Everything that the toolkit raises is one of its own errors."""
    try:
        trainer.train()  # OK
    except (CheckpointError, ConfigurationError, ContractError) as error:
        assert_type(error, CheckpointError | ConfigurationError | ContractError)  # OK
        return str(error)
    except (DataError, LossError, ValidationError) as error:
        known: ArtifactTorchError = error  # OK
        return str(known)
    except ArtifactTorchError as error:
        return str(error)
    return ""
