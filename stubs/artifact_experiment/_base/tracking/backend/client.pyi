from abc import abstractmethod
from typing import Any, Generic, Self, TypeVar

from artifact_core.typing import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_experiment._base.tracking.backend.adapter import RunAdapter
from artifact_experiment._base.tracking.backend.worker import BackendLoggingWorker
from artifact_experiment._base.tracking.background.queue import TrackingQueue
from artifact_experiment._base.tracking.background.writer import (
    ArrayWriter,
    ArrayCollectionWriter,
    FileWriter,
    PlotWriter,
    PlotCollectionWriter,
    ScoreWriter,
    ScoreCollectionWriter,
)

RunAdapterT = TypeVar("RunAdapterT", bound=RunAdapter[Any])
TrackingClientT = TypeVar("TrackingClientT", bound=TrackingClient[Any])

class TrackingClient(Generic[RunAdapterT]):
    _run: RunAdapterT
    _tracking_queue: TrackingQueue
    def __init__(
        self,
        run: RunAdapterT,
        tracking_queue: TrackingQueue,
        logger_worker: BackendLoggingWorker[RunAdapterT],
    ) -> None: ...
    @classmethod
    def from_run(cls, run: RunAdapterT) -> Self: ...
    @property
    def run(self) -> RunAdapterT: ...
    @property
    def queue(self) -> TrackingQueue: ...
    @property
    def score_writer(self) -> ScoreWriter: ...
    @property
    def array_writer(self) -> ArrayWriter: ...
    @property
    def plot_writer(self) -> PlotWriter: ...
    @property
    def score_collection_writer(self) -> ScoreCollectionWriter: ...
    @property
    def array_collection_writer(self) -> ArrayCollectionWriter: ...
    @property
    def plot_collection_writer(self) -> PlotCollectionWriter: ...
    @property
    def file_writer(self) -> FileWriter: ...
    @staticmethod
    @abstractmethod
    def _get_worker(
        run: RunAdapterT, tracking_queue: TrackingQueue
    ) -> BackendLoggingWorker[RunAdapterT]: ...
    def log_score(self, score: Score, name: str) -> None: ...
    def log_array(self, array: Array, name: str) -> None: ...
    def log_plot(self, plot: Plot, name: str) -> None: ...
    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> None: ...
    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...
    def stop(self) -> None: ...
    @classmethod
    def _build(cls, run: RunAdapterT) -> Self: ...
