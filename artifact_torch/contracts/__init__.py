"""Every contract of the toolkit, each a `typing.Protocol`, with the records they exchange.

Each name brings its module when it is first asked for: whoever delivers results needs no torch.
"""

TYPE_CHECKING = False  # a checker takes it for true; to import typing for it takes 8 ms

if TYPE_CHECKING:
    from artifact_torch.contracts.callback import BatchCallback as BatchCallback
    from artifact_torch.contracts.callback import LoaderCallback as LoaderCallback
    from artifact_torch.contracts.callback import Merged as Merged
    from artifact_torch.contracts.callback import OnEnd as OnEnd
    from artifact_torch.contracts.callback import OnEpochEnd as OnEpochEnd
    from artifact_torch.contracts.callback import OnException as OnException
    from artifact_torch.contracts.callback import OnStart as OnStart
    from artifact_torch.contracts.callback import RunHook as RunHook
    from artifact_torch.contracts.callback import StepCallback as StepCallback
    from artifact_torch.contracts.callback import Watching as Watching
    from artifact_torch.contracts.checkpoint import Checkpointer as Checkpointer
    from artifact_torch.contracts.checkpoint import Continued as Continued
    from artifact_torch.contracts.checkpoint import Drained as Drained
    from artifact_torch.contracts.checkpoint import Stateful as Stateful
    from artifact_torch.contracts.data import BatchDataset as BatchDataset
    from artifact_torch.contracts.data import Batches as Batches
    from artifact_torch.contracts.data import BatchSource as BatchSource
    from artifact_torch.contracts.data import Dataset as Dataset
    from artifact_torch.contracts.data import IterableDataset as IterableDataset
    from artifact_torch.contracts.data import ResumableSource as ResumableSource
    from artifact_torch.contracts.data import Share as Share
    from artifact_torch.contracts.data import SharedSource as SharedSource
    from artifact_torch.contracts.inside import Summary as Summary
    from artifact_torch.contracts.io import InT as InT
    from artifact_torch.contracts.io import ModelInput as ModelInput
    from artifact_torch.contracts.io import ModelOutput as ModelOutput
    from artifact_torch.contracts.io import OutT as OutT
    from artifact_torch.contracts.kinds import ResultKind as ResultKind
    from artifact_torch.contracts.model import AnyModel as AnyModel
    from artifact_torch.contracts.model import Model as Model
    from artifact_torch.contracts.moment import Cadence as Cadence
    from artifact_torch.contracts.moment import Clocked as Clocked
    from artifact_torch.contracts.moment import Every as Every
    from artifact_torch.contracts.moment import Moment as Moment
    from artifact_torch.contracts.moment import Periodic as Periodic
    from artifact_torch.contracts.recipe import TrainerRecipe as TrainerRecipe
    from artifact_torch.contracts.routine import ArtifactPlan as ArtifactPlan
    from artifact_torch.contracts.routine import ArtifactResults as ArtifactResults
    from artifact_torch.contracts.routine import ArtifactRoutine as ArtifactRoutine
    from artifact_torch.contracts.routine import Failure as Failure
    from artifact_torch.contracts.routine import LoaderRoutine as LoaderRoutine
    from artifact_torch.contracts.routine import Result as Result
    from artifact_torch.contracts.routine import ResultName as ResultName
    from artifact_torch.contracts.routine import Results as Results
    from artifact_torch.contracts.step import AnyStep as AnyStep
    from artifact_torch.contracts.step import Averaged as Averaged
    from artifact_torch.contracts.step import Clipping as Clipping
    from artifact_torch.contracts.step import ClosureOptimizer as ClosureOptimizer
    from artifact_torch.contracts.step import Optimizer as Optimizer
    from artifact_torch.contracts.step import Planned as Planned
    from artifact_torch.contracts.step import Play as Play
    from artifact_torch.contracts.step import Portable as Portable
    from artifact_torch.contracts.step import Scheduler as Scheduler
    from artifact_torch.contracts.step import ScoreScheduler as ScoreScheduler
    from artifact_torch.contracts.step import Sharing as Sharing
    from artifact_torch.contracts.step import Skipping as Skipping
    from artifact_torch.contracts.step import TakesPart as TakesPart
    from artifact_torch.contracts.step import TrainingStep as TrainingStep
    from artifact_torch.contracts.step import Tunable as Tunable
    from artifact_torch.contracts.step import Tuned as Tuned
    from artifact_torch.contracts.step import Turn as Turn
    from artifact_torch.contracts.step import Windowed as Windowed
    from artifact_torch.contracts.stopping import Bounded as Bounded
    from artifact_torch.contracts.stopping import EarlyStopper as EarlyStopper
    from artifact_torch.contracts.stopping import ModelTracker as ModelTracker
    from artifact_torch.contracts.stopping import Monitor as Monitor
    from artifact_torch.contracts.stopping import RunState as RunState
    from artifact_torch.contracts.stopping import StepBounded as StepBounded
    from artifact_torch.contracts.stopping import StopperUpdateData as StopperUpdateData
    from artifact_torch.contracts.tracking import Ending as Ending
    from artifact_torch.contracts.tracking import Recorded as Recorded
    from artifact_torch.contracts.tracking import ResultsClient as ResultsClient
    from artifact_torch.contracts.tracking import RunIdentity as RunIdentity
    from artifact_torch.contracts.tracking import TrackingClient as TrackingClient
    from artifact_torch.contracts.tracking import Value as Value
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.contracts.callback": (
                "BatchCallback",
                "LoaderCallback",
                "Merged",
                "OnEnd",
                "OnEpochEnd",
                "OnException",
                "OnStart",
                "RunHook",
                "StepCallback",
                "Watching",
            ),
            "artifact_torch.contracts.checkpoint": (
                "Checkpointer",
                "Continued",
                "Drained",
                "Stateful",
            ),
            "artifact_torch.contracts.data": (
                "BatchDataset",
                "BatchSource",
                "Batches",
                "Dataset",
                "IterableDataset",
                "ResumableSource",
                "Share",
                "SharedSource",
            ),
            "artifact_torch.contracts.inside": ("Summary",),
            "artifact_torch.contracts.io": ("InT", "ModelInput", "ModelOutput", "OutT"),
            "artifact_torch.contracts.kinds": ("ResultKind",),
            "artifact_torch.contracts.model": ("AnyModel", "Model"),
            "artifact_torch.contracts.moment": (
                "Cadence",
                "Clocked",
                "Every",
                "Moment",
                "Periodic",
            ),
            "artifact_torch.contracts.recipe": ("TrainerRecipe",),
            "artifact_torch.contracts.routine": (
                "ArtifactPlan",
                "ArtifactResults",
                "ArtifactRoutine",
                "Failure",
                "LoaderRoutine",
                "Result",
                "ResultName",
                "Results",
            ),
            "artifact_torch.contracts.step": (
                "AnyStep",
                "Averaged",
                "Clipping",
                "ClosureOptimizer",
                "Optimizer",
                "Planned",
                "Play",
                "Portable",
                "Scheduler",
                "ScoreScheduler",
                "Sharing",
                "Skipping",
                "TakesPart",
                "TrainingStep",
                "Tunable",
                "Tuned",
                "Turn",
                "Windowed",
            ),
            "artifact_torch.contracts.stopping": (
                "Bounded",
                "EarlyStopper",
                "ModelTracker",
                "Monitor",
                "RunState",
                "StepBounded",
                "StopperUpdateData",
            ),
            "artifact_torch.contracts.tracking": (
                "Ending",
                "Recorded",
                "ResultsClient",
                "RunIdentity",
                "TrackingClient",
                "Value",
            ),
        },
    )
