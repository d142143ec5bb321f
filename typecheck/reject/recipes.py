"""Recipes of the wrong shape, or for other models."""

import torch
from artifact_torch import BatchRoutine, DataLoaderRoutine, EpochBoundStopper, PatienceStopper, Trainer
from artifact_torch.contracts import AnyModel, BatchCallback, BatchSource, Checkpointer, EarlyStopper, EpochState, LoaderRoutine, ModelTracker, Schedule, TrackingClient, TrainerRecipe
from torch import nn
from torch.optim.lr_scheduler import LRScheduler, StepLR
from typecheck.common import VAE, Classifier, CodesLoader, HasMu, ImageLoader, LabelledInput, LabelledLoader, LossOutput, MuScore, Regressor, SeesLabel, SeesMu, VAEInput, VAEOutput
from typing_extensions import override


def vae(recipe: TrainerRecipe[VAEInput, VAEOutput], /) -> None: ...
def losses(recipe: TrainerRecipe[VAEInput, LossOutput], /) -> None: ...


class _Hooks:
    """All hooks but the two that have no default."""

    def scheduler(self, optimizer: torch.optim.Optimizer) -> Schedule | None:
        return None

    def device(self) -> str:
        return "cpu"

    def model_tracker(self) -> ModelTracker[EpochState] | None:
        return None

    def checkpointer(self, tracking_client: TrackingClient | None) -> Checkpointer | None:
        return None

    def batch_routine(self, tracking_client: TrackingClient | None) -> BatchCallback[VAEInput, VAEOutput] | None:
        return None

    def train_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None

    def validation_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None


class _Stops(_Hooks):
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)


class _Optimizes(_Hooks):
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


class NoOptimizer(_Stops): ...


class NoStopper(_Optimizes): ...


class OptimizerWithoutModel(_Stops):
    def optimizer(self) -> torch.optim.Optimizer:
        raise NotImplementedError


class OptimizerOfVAE(_Stops):
    def optimizer(self, model: VAE) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


class OptimizerOfParameters(_Stops):
    def optimizer(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters)


class OptimizerClass(_Stops):
    def optimizer(self, model: AnyModel) -> type[torch.optim.Optimizer]:
        return torch.optim.Adam


class AsyncOptimizer(_Stops):
    async def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


class OptimizerAttribute(_Stops):
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer


class MaybeStopper(_Optimizes):
    def early_stopper(self) -> EarlyStopper[EpochState] | None:
        return None


class ScoreStopper(_Optimizes):
    def early_stopper(self) -> PatienceStopper:
        return PatienceStopper(patience=5)


class StopperAttribute(_Optimizes):
    early_stopper = EpochBoundStopper(max_n_epochs=3)


class BareScheduler(_Optimizes):
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)

    def scheduler(self, optimizer: torch.optim.Optimizer) -> LRScheduler:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return StepLR(optimizer, step_size=3)


class PlainScheduler:
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())

    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)

    def scheduler(self, optimizer: torch.optim.Optimizer) -> LRScheduler:
        return StepLR(optimizer, step_size=3)

    def device(self) -> str:
        return "cpu"

    def model_tracker(self) -> None: ...
    def checkpointer(self, tracking_client: object) -> None: ...
    def batch_routine(self, tracking_client: object) -> None: ...
    def train_loader_routine(self, loader: object, tracking_client: object) -> None: ...
    def validation_loader_routine(self, loader: object, tracking_client: object) -> None: ...


class Complete(_Stops):
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


class WatchesLabels:
    """Its callback reads what no batch has."""

    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())

    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)

    def scheduler(self, optimizer: torch.optim.Optimizer) -> None: ...
    def device(self) -> str:
        return "cpu"

    def model_tracker(self) -> None: ...
    def checkpointer(self, tracking_client: object) -> None: ...
    def batch_routine(self, tracking_client: object) -> SeesLabel:
        return SeesLabel()

    def train_loader_routine(self, loader: object, tracking_client: object) -> None: ...
    def validation_loader_routine(self, loader: object, tracking_client: object) -> None: ...


class Underscored:
    def _get_optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


vae(NoOptimizer())  # E[pyright=reportArgumentType: "optimizer" is not present, mypy=arg-type: "NoOptimizer"]
vae(NoStopper())  # E[pyright=reportArgumentType: "early_stopper" is not present, mypy=arg-type: "NoStopper"]
vae(OptimizerWithoutModel())  # E[pyright=reportArgumentType: "optimizer" is an incompatible, mypy=arg-type: "OptimizerWithoutModel"]
vae(OptimizerOfVAE())  # E[pyright=reportArgumentType: "optimizer" is an incompatible, mypy=arg-type: "OptimizerOfVAE"]
vae(OptimizerOfParameters())  # E[pyright=reportArgumentType: "optimizer" is an incompatible, mypy=arg-type: "OptimizerOfParameters"]
vae(OptimizerClass())  # E[pyright=reportArgumentType: "optimizer" is an incompatible, mypy=arg-type: "OptimizerClass"]
vae(AsyncOptimizer())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncOptimizer"]
vae(OptimizerAttribute(torch.optim.Adam([])))  # E[pyright=reportArgumentType: "optimizer" is an incompatible, mypy=arg-type: "OptimizerAttribute"]
vae(MaybeStopper())  # E[pyright=reportArgumentType: "early_stopper" is an incompatible, mypy=arg-type: "MaybeStopper"]
vae(ScoreStopper())  # E[pyright=reportArgumentType: "early_stopper" is an incompatible, mypy=arg-type: "ScoreStopper"]
vae(StopperAttribute())  # E[pyright=reportArgumentType: "early_stopper" is an incompatible, mypy=arg-type: "StopperAttribute"]
vae(PlainScheduler())  # E[pyright=reportArgumentType: "scheduler" is an incompatible, mypy=arg-type: "PlainScheduler"]
vae(WatchesLabels())  # E[pyright=reportArgumentType: "batch_routine" is an incompatible, mypy=arg-type: "WatchesLabels"]
vae(Underscored())  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "Underscored"]
vae(Complete)  # E[pyright=reportArgumentType: "type\[Complete\]", mypy=arg-type: "type\[Complete\]"]
losses(Complete())  # E[pyright=reportArgumentType: "Complete", mypy=arg-type: "Complete"]


# recipes that name the contract
class Forgot(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)


class Misspelled(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def optimiser(self, model: AnyModel) -> torch.optim.Optimizer:  # E[pyright=reportGeneralTypeIssues: "optimiser", mypy=misc: "optimiser"]
        return torch.optim.Adam(model.parameters())


class OtherCallback(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def batch_routine(self, tracking_client: TrackingClient | None) -> BatchCallback[VAEInput, LossOutput] | None:
        return BatchRoutine([SeesMu()])  # E[pyright=reportReturnType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]

    @override
    def train_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, LossOutput]:
        return DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[MuScore()])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]

    @override
    def validation_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])

    @override
    def checkpointer(self, tracking_client: TrackingClient | None) -> str:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return "checkpoints"

    @override
    def model_tracker(self) -> ModelTracker[float]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        raise NotImplementedError

    @override
    def device(self) -> int:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return 0


class NoSuchOutput(TrainerRecipe[VAEInput, HasMu]): ...  # E[pyright=reportInvalidTypeArguments: "HasMu", mypy=type-var: "HasMu"]


class VAERecipe(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())

    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)


class LabelRecipe(TrainerRecipe[LabelledInput, LossOutput]):
    @override
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())

    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)


Forgot()  # E[pyright=reportAbstractUsage: "TrainerRecipe.optimizer", mypy=abstract: "optimizer"]

# a recipe and its model and loaders
model, loader = VAE(), CodesLoader()
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=Regressor(), train_loader=loader)  # E[pyright=reportArgumentType: "Regressor", mypy=arg-type: "Regressor"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=Classifier(), train_loader=LabelledLoader())  # E[pyright=reportArgumentType: "Classifier", mypy=arg-type: "Classifier"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=model, train_loader=ImageLoader())  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "ImageLoader"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=model, train_loader=loader, validation_loader=ImageLoader())  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "ImageLoader"]
Trainer[VAEInput, VAEOutput].from_recipe(LabelRecipe(), model=model, train_loader=loader)  # E[pyright=reportArgumentType: "LabelRecipe", mypy=arg-type: "LabelRecipe"]
Trainer[LabelledInput, LossOutput].from_recipe(LabelRecipe(), model=Classifier(), train_loader=loader)  # E[pyright=reportArgumentType: "CodesLoader", mypy=arg-type: "CodesLoader"]
Trainer[VAEInput, LossOutput].from_recipe(VAERecipe(), model=Regressor(), train_loader=loader)  # E[pyright=reportArgumentType: "VAERecipe", mypy=arg-type: "VAERecipe"]
Trainer[VAEInput, VAEOutput].from_recipe(NoOptimizer(), model=model, train_loader=loader)  # E[pyright=reportArgumentType: "NoOptimizer", mypy=arg-type: "NoOptimizer"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe, model=model, train_loader=loader)  # E[pyright=reportArgumentType: "type\[VAERecipe\]", mypy=arg-type: "type\[VAERecipe\]"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=model)  # E[pyright=reportCallIssue: "train_loader", mypy=call-arg: "train_loader"]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model, loader)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Trainer[VAEInput, VAEOutput].from_recipe(VAERecipe(), model=model, train_loader=loader, tracking_client="results")  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "tracking_client"]
Trainer.from_recipe(VAERecipe(), model=Regressor(), train_loader=loader)  # E
Trainer.from_recipe(LabelRecipe(), model=model, train_loader=loader)  # E
