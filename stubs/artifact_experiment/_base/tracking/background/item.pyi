from dataclasses import dataclass
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
from artifact_experiment._base.typing.tracking_data import TrackingData

TrackingDataTCov = TypeVar("TrackingDataTCov", bound=TrackingData, covariant=True)
ArtifactResultTCov = TypeVar("ArtifactResultTCov", bound=ArtifactResult, covariant=True)

@dataclass(frozen=True)
class TrackingQueueItem(Generic[TrackingDataTCov]):
    name: str
    value: TrackingDataTCov

@dataclass(frozen=True)
class ArtifactQueueItem(TrackingQueueItem[ArtifactResultTCov]): ...

@dataclass(frozen=True)
class ScoreQueueItem(ArtifactQueueItem[Score]): ...

@dataclass(frozen=True)
class ArrayQueueItem(ArtifactQueueItem[Array]): ...

@dataclass(frozen=True)
class PlotQueueItem(ArtifactQueueItem[Plot]): ...

@dataclass(frozen=True)
class ScoreCollectionQueueItem(ArtifactQueueItem[ScoreCollection]): ...

@dataclass(frozen=True)
class ArrayCollectionQueueItem(ArtifactQueueItem[ArrayCollection]): ...

@dataclass(frozen=True)
class PlotCollectionQueueItem(ArtifactQueueItem[PlotCollection]): ...

@dataclass(frozen=True)
class FileQueueItem(TrackingQueueItem[File]): ...

# Private, and the only thing that makes a logging thread end after its queue.
@dataclass(frozen=True)
class StopFlag(TrackingQueueItem[None]):
    name: str = "stop_flag"
    value: None = None
