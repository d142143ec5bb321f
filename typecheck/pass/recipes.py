"""Recipes: one set of hooks that trains every model of a domain."""

from collections.abc import Collection, Sequence
from functools import partial

import torch
from artifact_experiment.tracking import InMemoryTrackingClient
from artifact_torch import BestScoreTracker, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, PatienceStopper, Trainer, bind, by_score, stop_when, track_best, trainer_from_recipe, TrainLoss
from artifact_torch.contracts import AnyModel, ArtifactResults, BatchCallback, BatchSource, Checkpointer, EarlyStopper, RunState, InT, LoaderRoutine, Model, ModelTracker, Moment, OutT, ResultName, TrainerRecipe, TrainingStep
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from typecheck.common import VAE, Classifier, CodesLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuScore, Regressor, SeesLabel, SeesLoss, SeesMu, ThresholdStopper, ThresholdTracker, VAEInput, VAEOutput, adam
from typing_extensions import assert_type, override


def vae(recipe: TrainerRecipe[VAEInput, VAEOutput], /) -> None: ...
def codes(recipe: TrainerRecipe[VAEInput, LossOutput], /) -> None: ...
def labels(recipe: TrainerRecipe[LabelledInput, LossOutput], /) -> None: ...


class PlainRecipe:
    """A class like any other, with all hooks."""

    def step(self, model: Model[VAEInput, VAEOutput]) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3), clip_norm=1.0)

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=200), PatienceStopper("loss", patience=5), stop_when(ThresholdStopper(), on=lambda state: state.scores["loss"])]

    def best(self) -> ModelTracker[RunState]:
        return BestScoreTracker("loss")

    def callbacks(self) -> Sequence[BatchCallback[VAEInput, VAEOutput]]:
        return [TrainLoss(), SeesMu(), SeesLoss()]

    def checkpointer(self) -> Checkpointer | None:
        return FolderCheckpointer("checkpoints", every=5)

    def train_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return DataLoaderRoutine(loader, scores=[LossCallback("loss"), MuScore()])

    def validation_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None


class ConcreteRecipe:
    """Results named by their own classes, which says more than the contract asks for."""

    def step(self, model: Model[VAEInput, VAEOutput]) -> OptimizerStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    def stop(self) -> list[EpochBoundStopper]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> BestScoreTracker:
        return BestScoreTracker("loss")

    def callbacks(self) -> tuple[SeesLoss, SeesMu]:
        return SeesLoss(), SeesMu()

    def checkpointer(self) -> FolderCheckpointer:
        return FolderCheckpointer("checkpoints", every=5)

    def train_loader_routine(self, loader: BatchSource[VAEInput]) -> DataLoaderRoutine[VAEInput, VAEOutput]:
        return DataLoaderRoutine(loader, scores=[LossCallback("loss")])

    def validation_loader_routine(self, loader: object) -> None: ...


class LeastRecipe:
    """Names the least output that it reads, so that every model that has it is trained."""

    def step(self, model: Model[VAEInput, LossOutput]) -> TrainingStep[VAEInput, LossOutput]:
        return OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer), "loss"))

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return (EpochBoundStopper(max_n_epochs=200), PatienceStopper("loss", patience=5))

    def best(self) -> ModelTracker[RunState] | None:
        return track_best(ThresholdTracker(), by=lambda state: state.scores["loss"])

    def callbacks(self) -> Sequence[BatchCallback[VAEInput, LossOutput]]:
        return [SeesLoss(), TrainLoss()]

    def checkpointer(self) -> None: ...
    def train_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, LossOutput]:
        return DataLoaderRoutine(loader, scores=[LossScore()])

    def validation_loader_routine(self, loader: BatchSource[VAEInput]) -> LoaderRoutine[VAEInput, LossOutput]:
        return DataLoaderRoutine(loader, scores=[LossScore(), LossCallback("loss")], every=5)


class NoHooks:
    """Nothing that depends on the model's types but the step, which takes any."""

    def step(self, model: Model[InT, OutT]) -> TrainingStep[InT, OutT]:
        return OptimizerStep(model, optimizer=adam)

    def stop(self) -> list[EpochBoundStopper]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> None: ...
    def callbacks(self) -> list[TrainLoss]:
        return [TrainLoss()]

    def checkpointer(self) -> None: ...
    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


class OfModules:
    """A hook that takes any module, which every model is."""

    def step(self, model: nn.Module) -> TrainingStep[VAEInput, VAEOutput]:
        raise NotImplementedError

    def stop(self) -> list[EpochBoundStopper]:
        return [EpochBoundStopper(max_n_epochs=3)]

    def best(self) -> None: ...
    def callbacks(self) -> list[TrainLoss]:
        return []

    def checkpointer(self) -> None: ...
    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


class TwoHooks(TrainerRecipe[VAEInput, VAEOutput]):
    """One that names the contract inherits the defaults."""

    @override
    def step(self, model: Model[VAEInput, VAEOutput], /) -> TrainingStep[VAEInput, VAEOutput]:
        return OptimizerStep(model, optimizer=adam)

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3), PatienceStopper("loss", patience=3)]


class ForAnyModel(TrainerRecipe[InT, OutT]):
    """Asks nothing of input and output."""

    @override
    def step(self, model: Model[InT, OutT], /) -> TrainingStep[InT, OutT]:
        return OptimizerStep(model, optimizer=adam)

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]

    @override
    def callbacks(self) -> Sequence[BatchCallback[InT, OutT]]:
        return [TrainLoss()]

    @override
    def validation_loader_routine(self, loader: BatchSource[InT], /) -> LoaderRoutine[InT, OutT]:
        return DataLoaderRoutine(loader, scores=[LossCallback("loss")])


class WithRoutines(TwoHooks):
    @override
    def callbacks(self) -> Sequence[BatchCallback[VAEInput, VAEOutput]]:
        return [SeesLoss(), SeesMu()]

    @override
    def validation_loader_routine(self, loader: BatchSource[VAEInput], /) -> LoaderRoutine[VAEInput, VAEOutput]:
        return DataLoaderRoutine(loader, scores=[MuScore(), LossScore()], every=5)


class LabelRecipe(TrainerRecipe[LabelledInput, LossOutput]):
    @override
    def step(self, model: Model[LabelledInput, LossOutput], /) -> TrainingStep[LabelledInput, LossOutput]:
        return OptimizerStep(model, optimizer=partial(torch.optim.SGD, lr=0.1))

    @override
    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return [EpochBoundStopper(max_n_epochs=3)]

    @override
    def callbacks(self) -> Sequence[BatchCallback[LabelledInput, LossOutput]]:
        return [SeesLabel()]


class WeightRoutine:
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()

    def validate(self, model: AnyModel, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class Autoregressive(nn.Module):
    """Asks for as little as the VAE, gives another output."""

    def forward(self, x: VAEInput) -> LossOutput:
        raise NotImplementedError


vae(PlainRecipe())  # OK
vae(ConcreteRecipe())  # OK
vae(OfModules())  # FALSE: the contract gives a Model, and no protocol is an nn.Module
vae(TwoHooks())  # OK
vae(WithRoutines())  # OK
codes(LeastRecipe())  # OK
labels(LabelRecipe())  # OK
vae(NoHooks())  # OK
labels(NoHooks())  # OK

model, loader = VAE(), CodesLoader()
assert_type(trainer_from_recipe(PlainRecipe(), model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer_from_recipe(ConcreteRecipe(), model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer_from_recipe(TwoHooks(), model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer_from_recipe(LabelRecipe(), Classifier(), train_loader=LabelledLoader()), Trainer[LabelledInput, LossOutput])  # OK
assert_type(trainer_from_recipe(NoHooks(), model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # FALSE[pyright]: it solves a hook that is generic itself before it has seen the model; write model= first, or a class of TrainerRecipe[InT, OutT]
assert_type(trainer_from_recipe(model=model, recipe=NoHooks(), train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer_from_recipe(model=Classifier(), recipe=NoHooks(), train_loader=LabelledLoader()), Trainer[LabelledInput, LossOutput])  # OK
trainer_from_recipe(TwoHooks(), model, train_loader=loader, validation_loader=loader, progress=False)  # OK
trainer_from_recipe(recipe=TwoHooks(), model=model, train_loader=loader, debug=True, validation_seed=3, fixed_dimensions=("genes",))  # OK
trainer_from_recipe(WithRoutines(), model, train_loader=LabelledLoader())  # OK
trainer_from_recipe(TwoHooks(), model, train_loader=loader, tracking_clients=[InMemoryTrackingClient.build(experiment_id="demo")])  # OK
trainer_from_recipe(TwoHooks(), model, train_loader=loader, routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]), bind(WeightRoutine(), model)])  # OK
trainer_from_recipe(LabelRecipe(), model, train_loader=LabelledLoader(), routines=[DataLoaderRoutine(LabelledLoader(), scores=[LabelScore(), LossScore()])])  # OK

# one recipe for several models and inputs
assert_type(trainer_from_recipe(LeastRecipe(), model, train_loader=loader), Trainer[VAEInput, LossOutput])  # OK
assert_type(trainer_from_recipe(LeastRecipe(), Autoregressive(), train_loader=loader), Trainer[VAEInput, LossOutput])  # OK
assert_type(trainer_from_recipe(LeastRecipe(), Regressor(), train_loader=LabelledLoader(), validation_loader=LabelledLoader()), Trainer[VAEInput, LossOutput])  # OK
for each in (VAE(), Autoregressive(), Regressor()):
    trainer_from_recipe(LeastRecipe(), each, train_loader=loader).train()  # OK
vae(ForAnyModel())  # OK
labels(ForAnyModel())  # OK
codes(ForAnyModel())  # OK
trainer_from_recipe(ForAnyModel[VAEInput, VAEOutput](), model, train_loader=loader)  # OK
trainer_from_recipe(ForAnyModel[LabelledInput, LossOutput](), Classifier(), train_loader=LabelledLoader())  # OK
assert_type(trainer_from_recipe(ForAnyModel(), model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer_from_recipe(ForAnyModel(), Classifier(), train_loader=LabelledLoader()), Trainer[LabelledInput, LossOutput])  # OK
any_recipe: TrainerRecipe[VAEInput, LossOutput] = LeastRecipe() if len("ab") else NoHooks()  # OK
assert_type(trainer_from_recipe(any_recipe, model, train_loader=loader), Trainer[VAEInput, LossOutput])  # OK
