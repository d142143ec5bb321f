from collections.abc import Mapping
from typing import Self

from artifact_experiment._base.primitives.data_split import DataSplit
from artifact_experiment._base.primitives.file import File
from artifact_experiment._base.tracking.backend.client import TrackingClient
from artifact_experiment._base.tracking.backend.worker import BackendLoggingWorker
from artifact_experiment._base.tracking.background.queue import TrackingQueue
from artifact_experiment._impl.backends.clear_ml.client import ClearMLTrackingClient  # type: ignore[import-untyped]
from artifact_experiment._impl.backends.filesystem.adapter import FilesystemRunAdapter
from artifact_experiment._impl.backends.filesystem.native_run import FilesystemRun
from artifact_experiment._impl.backends.in_memory.adapter import InMemoryRunAdapter
from artifact_experiment._impl.backends.in_memory.native_run import InMemoryRun
from artifact_experiment._impl.backends.mlflow.adapter import MlflowNativeRun, MlflowRunAdapter  # type: ignore[import-untyped]
from artifact_experiment._impl.backends.neptune.client import NeptuneTrackingClient  # type: ignore[import-untyped]

__all__ = [
    "DataSplit",
    "File",
    "ClearMLTrackingClient",
    "FilesystemTrackingClient",
    "InMemoryTrackingClient",
    "MlflowTrackingClient",
    "NeptuneTrackingClient",
]

class FilesystemTrackingClient(TrackingClient[FilesystemRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
    @classmethod
    def from_native_run(cls, native_run: FilesystemRun) -> Self: ...
    @property
    def experiment_dir(self) -> str: ...
    @property
    def run_dir(self) -> str: ...
    @staticmethod
    def _get_worker(
        run: FilesystemRunAdapter, tracking_queue: TrackingQueue
    ) -> BackendLoggingWorker[FilesystemRunAdapter]: ...

class InMemoryTrackingClient(TrackingClient[InMemoryRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
    @classmethod
    def from_native_run(cls, native_run: InMemoryRun) -> Self: ...
    @property
    def uploaded_files(self) -> Mapping[str, File]: ...
    @staticmethod
    def _get_worker(
        run: InMemoryRunAdapter, tracking_queue: TrackingQueue
    ) -> BackendLoggingWorker[InMemoryRunAdapter]: ...

class MlflowTrackingClient(TrackingClient[MlflowRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
    @classmethod
    def from_native_run(cls, native_run: MlflowNativeRun) -> Self: ...
    @staticmethod
    def _get_worker(
        run: MlflowRunAdapter, tracking_queue: TrackingQueue
    ) -> BackendLoggingWorker[MlflowRunAdapter]: ...
