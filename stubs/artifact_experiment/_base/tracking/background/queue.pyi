from typing import Self, TypeVar

from artifact_core.typing import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_experiment._base.primitives.file import File
from artifact_experiment._base.tracking.background.item import TrackingQueueItem
from artifact_experiment._base.tracking.background.temp_dir import TrackingTempDir
from artifact_experiment._base.tracking.background.writer import (
    ArrayWriter,
    ArrayCollectionWriter,
    FileWriter,
    PlotWriter,
    PlotCollectionWriter,
    ScoreWriter,
    ScoreCollectionWriter,
)
from artifact_experiment._base.typing.tracking_data import TrackingData
from artifact_experiment._utils.concurrency.typed_queue import TypedQueue

TrackingQueueT = TypeVar("TrackingQueueT", bound=TrackingQueue)

class TrackingQueue:
    def __init__(
        self,
        queue: TypedQueue[TrackingQueueItem[TrackingData]],
        score_writer: ScoreWriter,
        array_writer: ArrayWriter,
        plot_writer: PlotWriter,
        score_collection_writer: ScoreCollectionWriter,
        array_collection_writer: ArrayCollectionWriter,
        plot_collection_writer: PlotCollectionWriter,
        file_writer: FileWriter,
        temp_dir: TrackingTempDir,
    ) -> None: ...
    @classmethod
    def build(cls) -> Self: ...
    @property
    def queue(self) -> TypedQueue[TrackingQueueItem[TrackingData]]: ...
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
    @property
    def temp_dir(self) -> TrackingTempDir: ...
    def put_score(self, name: str, value: Score) -> None: ...
    def put_array(self, name: str, value: Array) -> None: ...
    def put_plot(self, name: str, value: Plot) -> None: ...
    def put_score_collection(self, name: str, value: ScoreCollection) -> None: ...
    def put_array_collection(self, name: str, value: ArrayCollection) -> None: ...
    def put_plot_collection(self, name: str, value: PlotCollection) -> None: ...
    def put_file(self, name: str, value: File) -> None: ...
