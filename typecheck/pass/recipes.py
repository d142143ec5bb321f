"""Recipes: one set of hooks that trains every model of a domain."""


import torch
from artifact_torch import AnyStopper, BatchLossCallback, BatchRoutine, BestScoreTracker, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, PatienceStopper, Trainer, by_score, per_epoch, score, stop_when, track_best
from artifact_torch.contracts import AnyModel, BatchCallback, BatchSource, Checkpointer, EarlyStopper, EpochState, LoaderRoutine, InT, OutT, ModelTracker, Schedule, TrackingClient, TrainerRecipe
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from typecheck.common import VAE, Classifier, CodesLoader, LabelledInput, LabelledLoader, LossOutput, MuScore, Regressor, SeesLabel, SeesLoss, SeesMu, VAEInput, VAEOutput
from typing_extensions import assert_type, override


def vae(recipe: TrainerRecipe[VAEInput, VAEOutput], /) -> None: ...
def codes(recipe: TrainerRecipe[VAEInput, LossOutput], /) -> None: ...
def labels(recipe: TrainerRecipe[LabelledInput, LossOutput], /) -> None: ...


class PlainRecipe:
    """A class like any other, with all hooks."""

    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters(), lr=1e-3)

    def scheduler(self, optimizer: torch.optim.Optimizer) -> Schedule | None:
        return per_epoch(StepLR(optimizer, step_size=10))

    def device(self) -> str:
        return "cpu"

    def early_stopper(self) -> EarlyStopper[EpochState]:
        return AnyStopper(EpochBoundStopper(max_n_epochs=200), stop_when(PatienceStopper(patience=5), on=score("loss")))

    def model_tracker(self) -> ModelTracker[EpochState]:
        return track_best(BestScoreTracker(), by=score("loss"))

    def checkpointer(self, tracking_client: TrackingClient | None) -> Checkpointer | None:
        return FolderCheckpointer("checkpoints", every=5)

    def batch_routine(self, tracking_client: TrackingClient | None) -> BatchCallback[VAEInput, VAEOutput] | None:
        return BatchRoutine([BatchLossCallback(), SeesMu()])

    def train_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("loss"), MuScore()])

    def validation_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput] | None:
        return None


class ConcreteRecipe:
    """Results named by their own classes, which says more than the contract asks for."""

    def optimizer(self, model: AnyModel) -> torch.optim.Adam:
        return torch.optim.Adam(model.parameters(), lr=1e-3)

    def scheduler(self, optimizer: torch.optim.Optimizer) -> None: ...
    def device(self) -> torch.device:
        return torch.device("cpu")

    def early_stopper(self) -> EpochBoundStopper:
        return EpochBoundStopper(max_n_epochs=3)

    def model_tracker(self) -> None: ...
    def checkpointer(self, tracking_client: object) -> FolderCheckpointer:
        return FolderCheckpointer("checkpoints", every=5)

    def batch_routine(self, tracking_client: object) -> BatchLossCallback:
        return BatchLossCallback()

    def train_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: object) -> DataLoaderRoutine[VAEInput, VAEOutput]:
        return DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("loss")])

    def validation_loader_routine(self, loader: object, tracking_client: object) -> None: ...


class _NoRoutines:
    """Nothing that depends on the model's types."""

    def scheduler(self, optimizer: object) -> None: ...
    def device(self) -> str:
        return "cpu"

    def early_stopper(self) -> EpochBoundStopper:
        return EpochBoundStopper(max_n_epochs=3)

    def model_tracker(self) -> None: ...
    def checkpointer(self, tracking_client: object) -> None: ...
    def batch_routine(self, tracking_client: object) -> BatchLossCallback:
        return BatchLossCallback()

    def train_loader_routine(self, loader: object, tracking_client: object) -> None: ...
    def validation_loader_routine(self, loader: object, tracking_client: object) -> None: ...


class NoRoutines(_NoRoutines):
    def optimizer(self, model: AnyModel) -> torch.optim.Adam:
        return torch.optim.Adam(model.parameters(), lr=1e-3)


class OfModules(_NoRoutines):
    """A hook that takes any module, which every model is."""

    def optimizer(self, model: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(model.parameters(), lr=1e-3)


class TwoHooks(TrainerRecipe[VAEInput, VAEOutput]):
    """One that names the contract inherits the defaults."""

    @override
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters(), lr=1e-3)

    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)


class ForAnyModel(TrainerRecipe[InT, OutT]):
    """Asks nothing of input and output."""

    @override
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.Adam(model.parameters(), lr=1e-3)

    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)

    @override
    def scheduler(self, optimizer: torch.optim.Optimizer) -> Schedule:
        return by_score(ReduceLROnPlateau(optimizer), "loss")


class WithRoutines(TwoHooks):
    @override
    def batch_routine(self, tracking_client: TrackingClient | None) -> BatchCallback[VAEInput, VAEOutput]:
        return BatchRoutine[VAEInput, VAEOutput]([SeesLoss(), SeesMu()])

    @override
    def validation_loader_routine(self, loader: BatchSource[VAEInput], tracking_client: TrackingClient | None) -> LoaderRoutine[VAEInput, VAEOutput]:
        return DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()], every=5)


class LabelRecipe(TrainerRecipe[LabelledInput, LossOutput]):
    @override
    def optimizer(self, model: AnyModel) -> torch.optim.Optimizer:
        return torch.optim.SGD(model.parameters(), lr=0.1)

    @override
    def early_stopper(self) -> EarlyStopper[EpochState]:
        return EpochBoundStopper(max_n_epochs=3)

    @override
    def batch_routine(self, tracking_client: TrackingClient | None) -> BatchCallback[LabelledInput, LossOutput]:
        return SeesLabel()


vae(PlainRecipe())  # OK
vae(ConcreteRecipe())  # OK
vae(OfModules())  # FALSE: the contract gives AnyModel, and no protocol is an nn.Module
vae(TwoHooks())  # OK
vae(WithRoutines())  # OK
labels(LabelRecipe())  # OK

model, loader = VAE(), CodesLoader()
assert_type(Trainer.from_recipe(PlainRecipe(), model=model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
assert_type(Trainer[VAEInput, VAEOutput].from_recipe(PlainRecipe(), model=model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer.from_recipe(ConcreteRecipe(), model=model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
assert_type(Trainer.from_recipe(TwoHooks(), model=model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
assert_type(Trainer.from_recipe(LabelRecipe(), model=Classifier(), train_loader=LabelledLoader()), Trainer[LabelledInput, LossOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
Trainer[VAEInput, VAEOutput].from_recipe(TwoHooks(), model=model, train_loader=loader, validation_loader=loader, progress=False)  # OK
Trainer[VAEInput, VAEOutput].from_recipe(WithRoutines(), model=model, train_loader=LabelledLoader())  # OK
Trainer.from_recipe(WithRoutines(), model=model, train_loader=LabelledLoader())  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
Trainer[LabelledInput, LossOutput].from_recipe(LabelRecipe(), model=VAE(), train_loader=LabelledLoader())  # OK
Trainer.from_recipe(LabelRecipe(), model=VAE(), train_loader=LabelledLoader())  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe


# one recipe for several models and inputs
vae(ForAnyModel())  # OK
labels(ForAnyModel())  # OK
codes(ForAnyModel())  # OK
Trainer.from_recipe(ForAnyModel(), model=model, train_loader=loader)  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
Trainer[VAEInput, VAEOutput].from_recipe(ForAnyModel[VAEInput, VAEOutput](), model=model, train_loader=loader)  # OK
Trainer[LabelledInput, LossOutput].from_recipe(ForAnyModel(), model=Classifier(), train_loader=LabelledLoader())  # OK
Trainer[LabelledInput, LossOutput].from_recipe(ForAnyModel(), model=Regressor(), train_loader=LabelledLoader())  # OK

vae(NoRoutines())  # OK
labels(NoRoutines())  # OK
assert_type(Trainer.from_recipe(NoRoutines(), model=model, train_loader=loader), Trainer[VAEInput, VAEOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
assert_type(Trainer.from_recipe(NoRoutines(), model=Classifier(), train_loader=LabelledLoader()), Trainer[LabelledInput, LossOutput])  # FALSE[pyright]: it solves no type variable of a class through a classmethod; write Trainer[In, Out].from_recipe
