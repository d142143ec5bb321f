from artifact_experiment._base.tracking.backend.adapter import RunAdapter
from artifact_experiment._base.tracking.backend.client import TrackingClient
from artifact_experiment._base.tracking.backend.logger import ArtifactLogger, BackendLogger
from artifact_experiment._base.tracking.backend.worker import BackendLoggingWorker
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
from artifact_experiment._base.tracking.background.queue import TrackingQueue
from artifact_experiment._base.tracking.background.worker import TrackingWorker
from artifact_experiment._base.tracking.background.writer import (
    ArrayCollectionWriter,
    ArrayWriter,
    FileWriter,
    PlotCollectionWriter,
    PlotWriter,
    ScoreCollectionWriter,
    ScoreWriter,
    TrackingQueueWriter,
)

__all__ = [
    "RunAdapter",
    "TrackingClient",
    "ArtifactLogger",
    "BackendLogger",
    "BackendLoggingWorker",
    "ArrayCollectionQueueItem",
    "ArrayQueueItem",
    "FileQueueItem",
    "PlotCollectionQueueItem",
    "PlotQueueItem",
    "ScoreCollectionQueueItem",
    "ScoreQueueItem",
    "TrackingQueueItem",
    "TrackingQueue",
    "TrackingWorker",
    "ArrayCollectionWriter",
    "ArrayWriter",
    "FileWriter",
    "PlotCollectionWriter",
    "PlotWriter",
    "ScoreCollectionWriter",
    "ScoreWriter",
    "TrackingQueueWriter",
]
