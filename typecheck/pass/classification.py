"""Models of two classes, of several, and of numbers, with their routines, plans and one recipe."""

from typing import TypedDict

from artifact_torch import bind, trainer_from_recipe
from artifact_torch.binary_classification import BINARY_CLASSIFICATION, AnyBinaryClassifier, BinaryClassificationResources, binary_classification_routine, BinaryClassifier
from artifact_torch.contracts import ArtifactPlan, ArtifactRoutine, BatchSource, ModelOutput, ResultKind, TrainerRecipe
from artifact_torch.domain_kit import DomainPlan, LabelledSplit
from artifact_torch.domain_kit.recipe import LossRecipe
from artifact_torch.multiclass_classification import MULTICLASS_CLASSIFICATION, multiclass_classification_routine, MulticlassClassifier
from artifact_torch.regression import REGRESSION, AnyRegressor, RegressionResources, regression_routine, Regressor
from torch import Tensor, nn


class Rows(TypedDict):
    x: Tensor
    y: Tensor


class Loss(TypedDict):
    loss: Tensor


class Explained(TypedDict):
    loss: Tensor
    logits: Tensor


class Tumour(nn.Module):
    def forward(self, rows: Rows) -> Loss:
        return Loss(loss=rows["x"].mean())

    def probability(self, data: Tensor) -> Tensor:
        return data.sigmoid()


class OfColumns(nn.Module):
    def forward(self, rows: Rows) -> Explained:
        return Explained(loss=rows["x"].mean(), logits=rows["x"])

    def probabilities(self, data: dict[str, Tensor]) -> Tensor:
        return data["x"].softmax(dim=1)


class Progression(nn.Module):
    def forward(self, rows: Rows) -> Loss:
        return Loss(loss=rows["x"].mean())

    def predict(self, data: Tensor) -> Tensor:
        return data.sum(dim=1)


def of_two(model: BinaryClassifier[Rows, Loss, Tensor], /) -> None: ...
def of_several(model: MulticlassClassifier[Rows, Loss, dict[str, Tensor]], /) -> None: ...
def of_numbers(model: Regressor[Rows, Loss, Tensor], /) -> None: ...
def any_of_two(model: AnyBinaryClassifier, /) -> None: ...
def any_of_numbers(model: AnyRegressor, /) -> None: ...
def computes(plan: ArtifactPlan[BinaryClassificationResources], /) -> None: ...
def validates(routine: ArtifactRoutine[Tumour], /) -> None: ...
def trains(recipe: TrainerRecipe[Rows, ModelOutput], /) -> None: ...


of_two(Tumour())
of_several(OfColumns())
of_numbers(Progression())
any_of_two(Tumour())
any_of_numbers(Progression())

x, y = Tensor(), Tensor()
two = DomainPlan(BINARY_CLASSIFICATION, scores=["ROC_AUC"], plots=["ROC_CURVE"])
computes(two)
routine = binary_classification_routine(plan=two, validation=LabelledSplit(x, y, every=5), threshold=0.3)
validates(routine)
bind(routine, Tumour())
several = multiclass_classification_routine(plan=DomainPlan(MULTICLASS_CLASSIFICATION, scores=["MACRO_F1"]), class_names=["a", "b"], test=LabelledSplit({"x": x}, y, every=None))
bind(several, OfColumns())
numbers = regression_routine(plan=DomainPlan(REGRESSION, scores=["R2"]), train=LabelledSplit(x, [1.0, 2.0], every=1, weights=y))
bind(numbers, Progression())


def bias(resources: RegressionResources) -> float:
    return float((resources.predicted - resources.labels).mean())


REGRESSION.register(ResultKind.SCORE, "BIAS", bias)


recipe = LossRecipe[Rows](patience=5)
trains(recipe)


def train(rows: BatchSource[Rows]) -> None:
    """One recipe, three domains."""
    trainer_from_recipe(recipe, Tumour(), train_loader=rows, validation_loader=rows, routines=[bind(routine, Tumour())]).train()
    trainer_from_recipe(recipe, OfColumns(), train_loader=rows, validation_loader=rows).train()
    trainer_from_recipe(recipe, Progression(), train_loader=rows, validation_loader=rows).train()
