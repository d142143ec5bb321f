from abc import ABC, ABCMeta, abstractmethod
from typing import Generic, TypeVar

from artifact_core.typing import (
    Array,
    ArrayCollection,
    ArtifactResult,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)
from artifact_experiment._base.primitives.file import File
from artifact_experiment._base.tracking.background.item import (
    ArrayCollectionQueueItem,
    ArrayQueueItem,
    FileQueueItem,
    PlotCollectionQueueItem,
    PlotQueueItem,
    ScoreCollectionQueueItem,
    ScoreQueueItem,
    TrackingQueueItem,
)
from artifact_experiment._base.tracking.background.temp_dir import TrackingTempDir
from artifact_experiment._base.typing.tracking_data import TrackingData
from artifact_experiment._utils.concurrency.typed_queue import TypedQueue

TrackingDataTContr = TypeVar("TrackingDataTContr", bound=TrackingData, contravariant=True)
ArtifactResultTContr = TypeVar("ArtifactResultTContr", bound=ArtifactResult, contravariant=True)

class TrackingQueueWriter(ABC, Generic[TrackingDataTContr]):
    def __init__(self, queue: TypedQueue[TrackingQueueItem[TrackingData]]) -> None: ...
    def write(self, name: str, value: TrackingDataTContr) -> None: ...
    # The library has TrackingQueueItem[TrackingDataTContr], where that variable may not stand.
    @classmethod
    @abstractmethod
    def _get_queue_item(
        cls, name: str, value: TrackingDataTContr
    ) -> TrackingQueueItem[TrackingData]: ...

class ArtifactQueueWriter(TrackingQueueWriter[ArtifactResultTContr], metaclass=ABCMeta): ...

class ScoreWriter(ArtifactQueueWriter[Score]):
    @classmethod
    def _get_queue_item(cls, name: str, value: Score) -> ScoreQueueItem: ...

class ArrayWriter(ArtifactQueueWriter[Array]):
    @classmethod
    def _get_queue_item(cls, name: str, value: Array) -> ArrayQueueItem: ...

class PlotWriter(ArtifactQueueWriter[Plot]):
    @classmethod
    def _get_queue_item(cls, name: str, value: Plot) -> PlotQueueItem: ...

class ScoreCollectionWriter(ArtifactQueueWriter[ScoreCollection]):
    @classmethod
    def _get_queue_item(cls, name: str, value: ScoreCollection) -> ScoreCollectionQueueItem: ...

class ArrayCollectionWriter(ArtifactQueueWriter[ArrayCollection]):
    @classmethod
    def _get_queue_item(cls, name: str, value: ArrayCollection) -> ArrayCollectionQueueItem: ...

class PlotCollectionWriter(ArtifactQueueWriter[PlotCollection]):
    @classmethod
    def _get_queue_item(cls, name: str, value: PlotCollection) -> PlotCollectionQueueItem: ...

class FileWriter(TrackingQueueWriter[File]):
    def __init__(
        self, queue: TypedQueue[TrackingQueueItem[TrackingData]], temp_dir: TrackingTempDir
    ) -> None: ...
    @classmethod
    def _get_queue_item(cls, name: str, value: File) -> FileQueueItem: ...
