"""Models, plans and splits of another domain, or of the wrong shape."""

from typing import TypedDict

import numpy as np
from artifact_torch import bind
from artifact_torch.binary_classification import BINARY_CLASSIFICATION, AnyBinaryClassifier, BinaryClassificationResources, binary_classification_routine, BinaryClassifier
from artifact_torch.contracts import ResultKind
from artifact_torch.domain_kit import DomainPlan, LabelledSplit
from artifact_torch.multiclass_classification import MULTICLASS_CLASSIFICATION, multiclass_classification_routine, MulticlassClassifier
from artifact_torch.regression import REGRESSION, AnyRegressor, regression_routine, Regressor
from numpy.typing import NDArray
from torch import Tensor, nn


class Rows(TypedDict):
    x: Tensor
    y: Tensor


class Loss(TypedDict):
    loss: Tensor


class Trains(nn.Module):
    def forward(self, rows: Rows) -> Loss:
        return Loss(loss=rows["x"].mean())


class Tumour(Trains):
    def probability(self, data: Tensor) -> Tensor:
        return data.sigmoid()


class OfArrays(Trains):
    def probability(self, data: Tensor) -> NDArray[np.float64]:
        return data.double().numpy()

    def probabilities(self, data: Tensor) -> NDArray[np.float64]:
        return data.double().numpy()


class Wine(Trains):
    def probabilities(self, data: Tensor) -> Tensor:
        return data.softmax(dim=1)


class OfNames(Trains):
    def probability(self, data: list[str]) -> Tensor:
        return Tensor([0.5 for _ in data])


class Progression(Trains):
    def predict(self, data: Tensor) -> Tensor:
        return data.sum(dim=1)




def of_two(model: BinaryClassifier[Rows, Loss, Tensor], /) -> None: ...
def of_several(model: MulticlassClassifier[Rows, Loss, Tensor], /) -> None: ...
def of_numbers(model: Regressor[Rows, Loss, Tensor], /) -> None: ...
def any_of_two(model: AnyBinaryClassifier, /) -> None: ...
def any_of_numbers(model: AnyRegressor, /) -> None: ...


# the model
of_two(Progression())  # E[pyright=reportArgumentType: "probability" is not present, mypy=arg-type: "Progression"]
of_two(OfArrays())  # E[pyright=reportArgumentType: "probability" is an incompatible type, mypy=arg-type: "OfArrays"]
of_two(OfNames())  # E[pyright=reportArgumentType: "probability" is an incompatible type, mypy=arg-type: "OfNames"]
of_several(Progression())  # E[pyright=reportArgumentType: "probabilities" is not present, mypy=arg-type: "Progression"]
of_several(OfArrays())  # E[pyright=reportArgumentType: "probabilities" is an incompatible type, mypy=arg-type: "OfArrays"]
of_several(Tumour())  # E[pyright=reportArgumentType: "probabilities" is not present, mypy=arg-type: "Tumour"]
of_two(Wine())  # E[pyright=reportArgumentType: "probability" is not present, mypy=arg-type: "Wine"]
of_numbers(Tumour())  # E[pyright=reportArgumentType: "predict" is not present, mypy=arg-type: "Tumour"]
any_of_two(Progression())  # E[pyright=reportArgumentType: "probability" is not present, mypy=arg-type: "Progression"]
any_of_numbers(Tumour())  # E[pyright=reportArgumentType: "predict" is not present, mypy=arg-type: "Tumour"]

# the plan and the split
x, y = Tensor(), Tensor()
two, several, numbers = DomainPlan(BINARY_CLASSIFICATION, scores=["F1"]), DomainPlan(MULTICLASS_CLASSIFICATION, scores=["MCC"]), DomainPlan(REGRESSION, scores=["R2"])
split = LabelledSplit(x, y, every=1)
binary_classification_routine(plan=numbers, test=split)  # E[pyright=reportArgumentType: RegressionResources, mypy=arg-type: RegressionResources]
regression_routine(plan=two, test=split)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
multiclass_classification_routine(plan=two, class_names=["a", "b"], test=split)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
multiclass_classification_routine(plan=several, test=split)  # E[pyright=reportCallIssue: "class_names", mypy=call-arg: "class_names"]
binary_classification_routine(plan=two, test=x)  # E[pyright=reportArgumentType: "Tensor", mypy=arg-type: "Tensor"]
LabelledSplit(x, y)  # E[pyright=reportCallIssue: "every", mypy=call-arg: "every"]
LabelledSplit(x, y, every=0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "float"]

# joined
bind(binary_classification_routine(plan=two, test=split), Progression())  # E[pyright=reportArgumentType: "probability" is not present]
bind(binary_classification_routine(plan=two, test=split), OfNames())  # E[pyright=reportArgumentType: "probability" is an incompatible type]
bind(multiclass_classification_routine(plan=several, class_names=["a", "b"], test=split), Tumour())  # E[pyright=reportArgumentType: "probabilities" is not present]
bind(binary_classification_routine(plan=two, test=split), Wine())  # E[pyright=reportArgumentType: "probability" is not present]
bind(regression_routine(plan=numbers, test=split), Tumour())  # E[pyright=reportArgumentType: "predict" is not present]


def bias(resources: BinaryClassificationResources) -> float:
    return float(resources.predicted.mean())


REGRESSION.register(ResultKind.SCORE, "BIAS_OF_TWO", bias)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
