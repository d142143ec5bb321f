"""Recipes of the wrong shape, or for other models."""

from collections.abc import Sequence

import torch
from artifact_torch import BatchRoutine, BestScoreTracker, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LearningRate, OptimizerStep, PatienceStopper, Trainer, steps, trainer_from_recipe
from artifact_torch.contracts import AnyModel, BatchCallback, BatchSource, Checkpointer, EarlyStopper, RunState, LoaderRoutine, Model, ModelTracker, OnEnd, StepCallback, TrainerRecipe, TrainingStep
from torch import nn
from typecheck.common import VAE, Classifier, CodesLoader, HasMu, ImageLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuScore, Regressor, SeesLabel, SeesLoss, SeesMu, ThresholdStopper, VAEInput, VAEOutput, adam
from typing_extensions import override


def vae(recipe: TrainerRecipe[VAEInput, VAEOutput], /) -> None: ...
def losses(recipe: TrainerRecipe[VAEInput, LossOutput], /) -> None: ...


class _Hooks:
    """All hooks but the two that have no default."""

    def best(self) -> ModelTracker[RunState] | None:
        return None

    def callbacks(self) -> Sequence[BatchCallback[VAEInput, VAEOutput]]:
        return ()

    def checkpointer(self) -> Checkpointer | None:
        return None

    def train_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None

    def validation_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None


class _Stops(_Hooks):
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]


class _Steps(_Hooks):
    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)


class NoStep(_Stops): ...


class NoStopper(_Steps): ...


class StepWithoutModel(_Stops):
    def step(self) -> TrainingStep[VAEInput, VAEOutput]:
        raise NotImplementedError


class StepOfVAE(_Stops):
    def step(self, model: VAE) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)


class StepOfAnyModel(_Stops):
    """What such a model takes is unknown, so no step can be made of it."""

    def step(self, model: AnyModel) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)  # E[pyright, mypy=arg-type: "Model\[Never, ModelOutput\]"]


class StepOfParameters(_Stops):
    def step(self, parameters: list[nn.Parameter]) -> TrainingStep[VAEInput, VAEOutput]:
        raise NotImplementedError


class StepGivesOptimizer(_Stops):
    def step(self, model: Model[VAEInput, VAEOutput]) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters())


class StepGivesLess(_Stops):
    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, LossOutput]:
        return OptimizerStep(model, optimizer=adam)


class AsyncStep(_Stops):
    async def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)


class StepAttribute(_Stops):
    def __init__(self, step: TrainingStep[VAEInput, VAEOutput]) -> None:
        self.step = step


class MaybeStopper(_Steps):
    def stop(self) -> Sequence[EarlyStopper[RunState]] | None:
        return None


class OneStopper(_Steps):
    def stop(self) -> PatienceStopper:
        return PatienceStopper("loss", patience=5)


class NumberStopper(_Steps):
    def stop(self) -> Sequence[ThresholdStopper]:
        return [ThresholdStopper()]


class StopperAttribute(_Steps):
    stop = [EpochBoundStopper(max_n_epochs=3)]


class Complete(_Stops):
    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)


class WatchesLabels:
    """Its callback reads what no batch has."""

    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> None: ...
    def callbacks(self) -> Sequence[SeesLabel]:
        return [SeesLabel()]

    def checkpointer(self) -> None: ...
    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


class OneCallback:
    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> None: ...
    def callbacks(self) -> SeesLoss:
        return SeesLoss()

    def checkpointer(self) -> None: ...
    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


class AsksForClient:
    """A hook with one parameter more than it is given."""

    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> None: ...
    def callbacks(self) -> Sequence[SeesLoss]:
        return [SeesLoss()]

    def checkpointer(self, tracking_client: object) -> None: ...
    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


class Underscored:
    def _get_step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)


vae(NoStep())  # E[pyright=reportArgumentType: "step" is not present, mypy=arg-type: "NoStep"]
vae(NoStopper())  # E[pyright=reportArgumentType: "stop" is not present, mypy=arg-type: "NoStopper"]
vae(StepWithoutModel())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepWithoutModel"]
vae(StepOfVAE())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepOfVAE"]
vae(StepOfParameters())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepOfParameters"]
vae(StepGivesOptimizer())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepGivesOptimizer"]
vae(StepGivesLess())  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepGivesLess"]
vae(AsyncStep())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncStep"]
vae(StepAttribute(OptimizerStep(VAE(), optimizer=adam)))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepAttribute"]
vae(MaybeStopper())  # E[pyright=reportArgumentType: "stop" is an incompatible, mypy=arg-type: "MaybeStopper"]
vae(OneStopper())  # E[pyright=reportArgumentType: "stop" is an incompatible, mypy=arg-type: "OneStopper"]
vae(NumberStopper())  # E[pyright=reportArgumentType: "stop" is an incompatible, mypy=arg-type: "NumberStopper"]
vae(StopperAttribute())  # E[pyright=reportArgumentType: "stop" is an incompatible, mypy=arg-type: "StopperAttribute"]
vae(WatchesLabels())  # E[pyright=reportArgumentType: "callbacks" is an incompatible, mypy=arg-type: "WatchesLabels"]
vae(OneCallback())  # E[pyright=reportArgumentType: "callbacks" is an incompatible, mypy=arg-type: "OneCallback"]
vae(AsksForClient())  # E[pyright=reportArgumentType: Extra parameter "tracking_client", mypy=arg-type: "AsksForClient"]
vae(Underscored())  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "Underscored"]
vae(Complete)  # E[pyright=reportArgumentType: "type\[Complete\]", mypy=arg-type: "type\[Complete\]"]
losses(Complete())  # E[pyright=reportArgumentType: "Complete", mypy=arg-type: "Complete"]


# recipes that name the contract
class Forgot(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]


class Misspelled(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def steps(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:  # E[pyright=reportGeneralTypeIssues: "steps", mypy=misc: "steps"]
        return OptimizerStep(model, optimizer=adam)

    @override
    def batch_routine(self) -> None: ...  # E[pyright=reportGeneralTypeIssues: "batch_routine", mypy=misc: "batch_routine"]


class OtherCallback(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def callbacks(self) -> Sequence[BatchCallback[VAEInput, LossOutput]]:
        return [BatchRoutine([SeesMu()])]  # E[pyright=reportReturnType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]

    @override
    def train_loader_routine(self, loader: BatchSource[VAEInput], /) -> LoaderRoutine[VAEInput, LossOutput]:
        return DataLoaderRoutine(loader, scores=[LossScore(), MuScore()])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]

    @override
    def validation_loader_routine(self, loader: BatchSource[VAEInput], /) -> LoaderRoutine[VAEInput, VAEOutput]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])

    @override
    def checkpointer(self) -> str:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return "checkpoints"

    @override
    def best(self) -> ModelTracker[float]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        raise NotImplementedError

    @override
    def stop(self) -> int:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return 0

    @override
    def step(self, model: Model[VAEInput, VAEOutput], /) -> TrainingStep[VAEInput, LossOutput]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return OptimizerStep(model, optimizer=adam)


class MoreCallbacks(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def callbacks(self) -> Sequence[BatchCallback[VAEInput, LossOutput]]:
        return [SeesLoss(), SeesMu()]  # E[pyright=reportReturnType: "mu" is missing, mypy=list-item: "SeesMu"]

    @override
    def train_loader_routine(self, loader: BatchSource[VAEInput], /) -> LoaderRoutine[VAEInput, LossOutput]:
        return DataLoaderRoutine(loader, scores=[LabelScore()])  # E[pyright=reportArgumentType: "label" is missing, mypy=list-item: "LabelScore"]

    @override
    def best(self) -> BestScoreTracker:
        return BestScoreTracker()  # E[pyright=reportCallIssue: "score"|positional, mypy=call-arg: "BestScoreTracker"]

    @override
    def checkpointer(self) -> FolderCheckpointer:
        return FolderCheckpointer()  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]


class StepCallbacks(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def callbacks(self) -> Sequence[BatchCallback[VAEInput, LossOutput] | StepCallback]:
        return [LearningRate(), SeesMu()]  # E[pyright=reportReturnType: "SeesMu", mypy=list-item: "SeesMu"]

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [steps(100)]  # E[pyright=reportReturnType: "Cadence", mypy=list-item: "Cadence"]


class GivesNames(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def callbacks(self) -> Sequence[StepCallback]:
        return [LearningRate(), SeesLoss()]  # E[pyright=reportReturnType: "SeesLoss", mypy=list-item: "SeesLoss"]


class HooksOfRuns(TrainerRecipe[VAEInput, LossOutput]):
    @override
    def callbacks(self) -> Sequence[OnEnd]:  # E[pyright=reportIncompatibleMethodOverride, mypy=override]
        return []

    @override
    def hooks(self) -> Sequence[OnEnd]:  # E[pyright=reportGeneralTypeIssues: "hooks", mypy=misc: "hooks"]
        return []


class NoSuchOutput(TrainerRecipe[VAEInput, HasMu]): ...  # E[pyright=reportInvalidTypeArguments: "HasMu", mypy=type-var: "HasMu"]


class VAERecipe(TrainerRecipe[VAEInput, VAEOutput]):
    @override
    def step(self, model: Model[VAEInput, VAEOutput], /) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]


class LabelRecipe(TrainerRecipe[LabelledInput, LossOutput]):
    @override
    def step(self, model: Model[LabelledInput, LossOutput], /) -> TrainingStep[LabelledInput, LossOutput]:
        return OptimizerStep(model, optimizer=adam)

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]


class LeastRecipe(TrainerRecipe[VAEInput, LossOutput]):
    """For every model that has at least a loss."""

    @override
    def step(self, model: Model[VAEInput, LossOutput], /) -> TrainingStep[VAEInput, LossOutput]:
        return OptimizerStep(model, optimizer=adam)

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]


class NoLoss(nn.Module):
    def forward(self, x: VAEInput) -> HasMu:
        raise NotImplementedError


Forgot()  # E[pyright=reportAbstractUsage: "TrainerRecipe.step", mypy=abstract: "step"]

# a recipe and its model and loaders
model, loader = VAE(), CodesLoader()
trainer_from_recipe(VAERecipe(), Regressor(), train_loader=loader)  # E[pyright=reportArgumentType: "VAERecipe", mypy=misc: Cannot infer]
trainer_from_recipe(VAERecipe(), Classifier(), train_loader=LabelledLoader())  # E[pyright=reportArgumentType: "Classifier", mypy=misc: Cannot infer]
trainer_from_recipe(LeastRecipe(), NoLoss(), train_loader=loader)  # E[pyright=reportArgumentType: "loss" is missing from "HasMu"|"HasMu" is not assignable, mypy=misc: Cannot infer]
trainer_from_recipe(LeastRecipe(), Classifier(), train_loader=LabelledLoader())  # E[pyright=reportArgumentType: "label" is missing, mypy=misc: Cannot infer]
trainer_from_recipe(VAERecipe(), model, train_loader=ImageLoader())  # E[pyright=reportArgumentType: "ImageLoader", mypy=misc: Cannot infer]
trainer_from_recipe(VAERecipe(), model, train_loader=loader, validation_loader=ImageLoader())  # E[pyright=reportArgumentType: "ImageLoader", mypy=misc: Cannot infer]
trainer_from_recipe(LabelRecipe(), model, train_loader=loader)  # E[pyright=reportArgumentType: "CodesLoader", mypy=misc: Cannot infer]
trainer_from_recipe(LabelRecipe(), Classifier(), train_loader=loader)  # E[pyright=reportArgumentType: "CodesLoader", mypy=misc: Cannot infer]
trainer_from_recipe(NoStep(), model, train_loader=loader)  # E[pyright=reportArgumentType: "step" is not present, mypy=arg-type: "NoStep"]
trainer_from_recipe(WatchesLabels(), model, train_loader=loader)  # E[pyright=reportArgumentType: "WatchesLabels", mypy=misc: Cannot infer]
trainer_from_recipe(MaybeStopper(), model, train_loader=loader)  # E[pyright=reportArgumentType: "stop" is an incompatible, mypy=arg-type: "MaybeStopper"]
trainer_from_recipe(VAERecipe, model, train_loader=loader)  # E[pyright=reportArgumentType: "type\[VAERecipe\]", mypy=arg-type: "type\[VAERecipe\]"]
trainer_from_recipe(VAERecipe(), VAE, train_loader=loader)  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "type\[VAE\]"]
trainer_from_recipe(model, VAERecipe(), train_loader=loader)  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "VAE"]
trainer_from_recipe(VAERecipe(), model)  # E[pyright=reportCallIssue: "train_loader", mypy=call-arg: "train_loader"]
trainer_from_recipe(VAERecipe(), model, loader)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
trainer_from_recipe(VAERecipe(), train_loader=loader)  # E[pyright=reportCallIssue: "model", mypy=call-arg: "model"]
trainer_from_recipe(VAERecipe(), model, train_loader=loader, callbacks=[SeesLoss()])  # E[pyright=reportCallIssue: "callbacks", mypy=call-arg: "callbacks"]
trainer_from_recipe(VAERecipe(), model, train_loader=loader, tracking_clients=["results"])  # E[pyright=reportArgumentType: "log_score" is not present, mypy=list-item: "str"]
trainer_from_recipe(VAERecipe(), model, train_loader=loader, routines=[DataLoaderRoutine(loader, scores=[LossScore(), LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing, mypy=list-item: "LabelScore"]
trainer_from_recipe(LeastRecipe(), model, train_loader=loader, routines=[DataLoaderRoutine(loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: "mu" is missing|HasMu, mypy=list-item: "MuScore"]
trainer_from_recipe(LeastRecipe(), Regressor(), train_loader=loader, routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing, mypy=list-item: "LabelScore"]
of_losses: Trainer[VAEInput, VAEOutput] = trainer_from_recipe(LeastRecipe(), model, train_loader=loader)  # E[pyright, mypy=arg-type: "LeastRecipe"]
