from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from artifact_core.typing import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_experiment.tracking.spi import RunAdapter, TrackingClient

class DataSplit(Enum):
    ALL = "ALL"
    TRAIN = "TRAIN"
    VALIDATION = "VALIDATION"
    TEST = "TEST"
    @property
    def suffix(self) -> str: ...
    def append_to(self, name: str) -> str: ...

@dataclass(frozen=True)
class File:
    path_source: str

# Private upstream; a client hands one out as `client.run`.
class _BackendRunAdapter(RunAdapter[Any]):
    @property
    def experiment_id(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def is_active(self) -> bool: ...
    def stop(self) -> None: ...

class _FilesystemRunAdapter(_BackendRunAdapter):
    @property
    def experiment_dir(self) -> str: ...
    @property
    def run_dir(self) -> str: ...

class _InMemoryRunAdapter(_BackendRunAdapter):
    @property
    def scores(self) -> Mapping[str, Score]: ...
    @property
    def arrays(self) -> Mapping[str, Array]: ...
    @property
    def plots(self) -> Mapping[str, Plot]: ...
    @property
    def score_collections(self) -> Mapping[str, ScoreCollection]: ...
    @property
    def array_collections(self) -> Mapping[str, ArrayCollection]: ...
    @property
    def plot_collections(self) -> Mapping[str, PlotCollection]: ...
    @property
    def files(self) -> Mapping[str, File]: ...

class _MlflowRunAdapter(_BackendRunAdapter):
    @property
    def experiment_uuid(self) -> str: ...
    @property
    def run_uuid(self) -> str: ...

class FilesystemTrackingClient(TrackingClient[_FilesystemRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
    @property
    def experiment_dir(self) -> str: ...
    @property
    def run_dir(self) -> str: ...

class InMemoryTrackingClient(TrackingClient[_InMemoryRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
    @property
    def uploaded_files(self) -> Mapping[str, File]: ...

class MlflowTrackingClient(TrackingClient[_MlflowRunAdapter]):
    @classmethod
    def build(cls, experiment_id: str, run_id: str | None = None) -> Self: ...
