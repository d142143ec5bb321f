"""Train, validate, checkpoint and track any `nn.Module` whose methods satisfy a contract.

Importing the package loads nothing else: each name brings its module when it is first asked for.
"""

TYPE_CHECKING = False  # a checker takes it for true; to import typing for it takes 8 ms

if TYPE_CHECKING:
    from artifact_torch.callbacks import AUROC as AUROC
    from artifact_torch.callbacks import Accuracy as Accuracy
    from artifact_torch.callbacks import AveragePrecision as AveragePrecision
    from artifact_torch.callbacks import ConfusionMatrix as ConfusionMatrix
    from artifact_torch.callbacks import Frozen as Frozen
    from artifact_torch.callbacks import GradientNorm as GradientNorm
    from artifact_torch.callbacks import LearningRate as LearningRate
    from artifact_torch.callbacks import LossCallback as LossCallback
    from artifact_torch.callbacks import MeanAbsoluteError as MeanAbsoluteError
    from artifact_torch.callbacks import MeanSquaredError as MeanSquaredError
    from artifact_torch.callbacks import MetricCallback as MetricCallback
    from artifact_torch.callbacks import MetricResultCallback as MetricResultCallback
    from artifact_torch.callbacks import OutputArrayCallback as OutputArrayCallback
    from artifact_torch.callbacks import OutputMeansCallback as OutputMeansCallback
    from artifact_torch.callbacks import ParameterNorm as ParameterNorm
    from artifact_torch.callbacks import PeakMemory as PeakMemory
    from artifact_torch.callbacks import Perplexity as Perplexity
    from artifact_torch.callbacks import Profile as Profile
    from artifact_torch.callbacks import R2Score as R2Score
    from artifact_torch.callbacks import Throughput as Throughput
    from artifact_torch.callbacks import TrainLoss as TrainLoss
    from artifact_torch.checkpoints.folder import FolderCheckpointer as FolderCheckpointer
    from artifact_torch.data import DataLoader as DataLoader
    from artifact_torch.data import TensorTable as TensorTable
    from artifact_torch.data import TorchLoader as TorchLoader
    from artifact_torch.data import collated as collated
    from artifact_torch.data import limited as limited
    from artifact_torch.data import mapped as mapped
    from artifact_torch.data import prefetched as prefetched
    from artifact_torch.data import repeated as repeated
    from artifact_torch.data.parquet.columns import ParquetColumns as ParquetColumns
    from artifact_torch.data.parquet.loader import ParquetLoader as ParquetLoader
    from artifact_torch.errors import ArtifactTorchError as ArtifactTorchError
    from artifact_torch.errors import CheckpointError as CheckpointError
    from artifact_torch.errors import ConfigurationError as ConfigurationError
    from artifact_torch.errors import ContractError as ContractError
    from artifact_torch.errors import DataError as DataError
    from artifact_torch.errors import LossError as LossError
    from artifact_torch.errors import MissingExtraError as MissingExtraError
    from artifact_torch.errors import RankError as RankError
    from artifact_torch.errors import RunFolderError as RunFolderError
    from artifact_torch.errors import ValidationError as ValidationError
    from artifact_torch.inside import ParameterGradients as ParameterGradients
    from artifact_torch.inside import WatchActivations as WatchActivations
    from artifact_torch.inside import WatchGradients as WatchGradients
    from artifact_torch.internal.cadence import minutes as minutes
    from artifact_torch.internal.cadence import steps as steps
    from artifact_torch.internal.randomness import seed_everything as seed_everything
    from artifact_torch.models import Labelled as Labelled
    from artifact_torch.models import Predicted as Predicted
    from artifact_torch.models import supervised as supervised
    from artifact_torch.models import with_forward as with_forward
    from artifact_torch.parallel.plan import Parallel as Parallel
    from artifact_torch.routines import BatchRoutine as BatchRoutine
    from artifact_torch.routines import DataLoaderRoutine as DataLoaderRoutine
    from artifact_torch.routines import bind as bind
    from artifact_torch.run_folder.configuration import RunFolder as RunFolder
    from artifact_torch.run_folder.names import new_run as new_run
    from artifact_torch.stepping.alternating import AlternatingStep as AlternatingStep
    from artifact_torch.stepping.averaged import AveragedStep as AveragedStep
    from artifact_torch.stepping.averaged import averaged as averaged
    from artifact_torch.stepping.averaging import ema as ema
    from artifact_torch.stepping.averaging import swa as swa
    from artifact_torch.stepping.closure import ClosureStep as ClosureStep
    from artifact_torch.stepping.compiling.options import Compile as Compile
    from artifact_torch.stepping.finding import FoundRate as FoundRate
    from artifact_torch.stepping.finding import find_learning_rate as find_learning_rate
    from artifact_torch.stepping.optimizer import OptimizerStep as OptimizerStep
    from artifact_torch.stepping.parts import Part as Part
    from artifact_torch.stepping.schedules import Schedule as Schedule
    from artifact_torch.stepping.schedules import by_score as by_score
    from artifact_torch.stepping.schedules import per_epoch as per_epoch
    from artifact_torch.stepping.schedules import per_step as per_step
    from artifact_torch.stepping.schedules import planned as planned
    from artifact_torch.stopping.best import BestScoreTracker as BestScoreTracker
    from artifact_torch.stopping.best import track_best as track_best
    from artifact_torch.stopping.score_bound import ScoreBoundStopper as ScoreBoundStopper
    from artifact_torch.stopping.scores import score as score
    from artifact_torch.stopping.stoppers import EpochBoundStopper as EpochBoundStopper
    from artifact_torch.stopping.stoppers import PatienceStopper as PatienceStopper
    from artifact_torch.stopping.stoppers import StepBoundStopper as StepBoundStopper
    from artifact_torch.stopping.stoppers import TimeBoundStopper as TimeBoundStopper
    from artifact_torch.stopping.stoppers import stop_when as stop_when
    from artifact_torch.tracking import CsvClient as CsvClient
    from artifact_torch.tracking import MLflowClient as MLflowClient
    from artifact_torch.tracking import TensorBoardClient as TensorBoardClient
    from artifact_torch.tracking import WandbClient as WandbClient
    from artifact_torch.trainer.display.summary import ModelSummary as ModelSummary
    from artifact_torch.trainer.display.summary import PartSummary as PartSummary
    from artifact_torch.trainer.display.summary import summarize_model as summarize_model
    from artifact_torch.trainer.recipe import trainer_from_recipe as trainer_from_recipe
    from artifact_torch.trainer.result import TrainingResult as TrainingResult
    from artifact_torch.trainer.result import TrainingSeconds as TrainingSeconds
    from artifact_torch.trainer.trainer import Trainer as Trainer
    from artifact_torch.validation.configuration import Beside as Beside
else:  # a checker would take any name for one of the package
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.callbacks": (
                "AUROC",
                "Accuracy",
                "AveragePrecision",
                "ConfusionMatrix",
                "Frozen",
                "GradientNorm",
                "LearningRate",
                "LossCallback",
                "MeanAbsoluteError",
                "MeanSquaredError",
                "MetricCallback",
                "MetricResultCallback",
                "OutputArrayCallback",
                "OutputMeansCallback",
                "ParameterNorm",
                "PeakMemory",
                "Perplexity",
                "Profile",
                "R2Score",
                "Throughput",
                "TrainLoss",
            ),
            "artifact_torch.checkpoints.folder": ("FolderCheckpointer",),
            "artifact_torch.data": (
                "DataLoader",
                "TensorTable",
                "TorchLoader",
                "collated",
                "limited",
                "mapped",
                "prefetched",
                "repeated",
            ),
            "artifact_torch.data.parquet.columns": ("ParquetColumns",),
            "artifact_torch.data.parquet.loader": ("ParquetLoader",),
            "artifact_torch.errors": (
                "ArtifactTorchError",
                "CheckpointError",
                "ConfigurationError",
                "ContractError",
                "DataError",
                "LossError",
                "MissingExtraError",
                "RankError",
                "RunFolderError",
                "ValidationError",
            ),
            "artifact_torch.inside": ("ParameterGradients", "WatchActivations", "WatchGradients"),
            "artifact_torch.internal.cadence": ("minutes", "steps"),
            "artifact_torch.internal.randomness": ("seed_everything",),
            "artifact_torch.models": ("Labelled", "Predicted", "supervised", "with_forward"),
            "artifact_torch.parallel.plan": ("Parallel",),
            "artifact_torch.routines": ("BatchRoutine", "DataLoaderRoutine", "bind"),
            "artifact_torch.run_folder.configuration": ("RunFolder",),
            "artifact_torch.run_folder.names": ("new_run",),
            "artifact_torch.stepping.alternating": ("AlternatingStep",),
            "artifact_torch.stepping.averaged": ("AveragedStep", "averaged"),
            "artifact_torch.stepping.averaging": ("ema", "swa"),
            "artifact_torch.stepping.closure": ("ClosureStep",),
            "artifact_torch.stepping.compiling.options": ("Compile",),
            "artifact_torch.stepping.finding": ("FoundRate", "find_learning_rate"),
            "artifact_torch.stepping.optimizer": ("OptimizerStep",),
            "artifact_torch.stepping.parts": ("Part",),
            "artifact_torch.stepping.schedules": (
                "Schedule",
                "by_score",
                "per_epoch",
                "per_step",
                "planned",
            ),
            "artifact_torch.stopping.best": ("BestScoreTracker", "track_best"),
            "artifact_torch.stopping.score_bound": ("ScoreBoundStopper",),
            "artifact_torch.stopping.scores": ("score",),
            "artifact_torch.stopping.stoppers": (
                "EpochBoundStopper",
                "PatienceStopper",
                "StepBoundStopper",
                "TimeBoundStopper",
                "stop_when",
            ),
            "artifact_torch.trainer.recipe": ("trainer_from_recipe",),
            "artifact_torch.trainer.result": ("TrainingResult", "TrainingSeconds"),
            "artifact_torch.tracking": (
                "CsvClient",
                "MLflowClient",
                "TensorBoardClient",
                "WandbClient",
            ),
            "artifact_torch.trainer.display.summary": (
                "ModelSummary",
                "PartSummary",
                "summarize_model",
            ),
            "artifact_torch.trainer.trainer": ("Trainer",),
            "artifact_torch.validation.configuration": ("Beside",),
        },
    )
