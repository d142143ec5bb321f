from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from artifact_core.typing import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)

# Names of upstream, variance of ours: covariant, so that a FilesystemTrackingClient is a
# TrackingClient[RunAdapter[Any]]; upstream's invariant variables refuse it.
_NativeRunT_co = TypeVar("_NativeRunT_co", covariant=True)
_RunAdapterT_co = TypeVar("_RunAdapterT_co", bound=RunAdapter[Any], covariant=True)

class RunAdapter(ABC, Generic[_NativeRunT_co]):
    def __init__(self, native_run: _NativeRunT_co) -> None: ...
    @property
    @abstractmethod
    def experiment_id(self) -> str: ...
    @property
    @abstractmethod
    def run_id(self) -> str: ...
    @property
    @abstractmethod
    def is_active(self) -> bool: ...
    @abstractmethod
    def stop(self) -> None: ...
    def native(self) -> AbstractContextManager[_NativeRunT_co]: ...

class TrackingQueue:
    def __init__(
        self,
        queue: object,
        score_writer: object,
        array_writer: object,
        plot_writer: object,
        score_collection_writer: object,
        array_collection_writer: object,
        plot_collection_writer: object,
        file_writer: object,
        temp_dir: object,
    ) -> None: ...
    @property
    def queue(self) -> object: ...

class TrackingClient(Generic[_RunAdapterT_co]):
    def __init__(
        self, run: _RunAdapterT_co, tracking_queue: TrackingQueue, logger_worker: object
    ) -> None: ...
    @property
    def run(self) -> _RunAdapterT_co: ...
    @property
    def queue(self) -> TrackingQueue: ...
    def log_score(self, score: Score, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...
    def stop(self) -> None: ...
