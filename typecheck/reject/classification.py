"""Models, plans and splits of another domain, or of the wrong shape."""

from typing import TypedDict

import numpy as np
from artifact_torch import bind
from artifact_torch.binary_classification import BINARY_CLASSIFICATION, AnyBinaryClassifier, BinaryClassificationResources, BinaryClassificationRoutine, BinaryClassifier
from artifact_torch.contracts import ResultKind
from artifact_torch.domain_kit import DomainPlan, LabelledSplit
from artifact_torch.multiclass_classification import MULTICLASS_CLASSIFICATION, MulticlassClassificationRoutine, MulticlassClassifier
from artifact_torch.regression import REGRESSION, AnyRegressor, RegressionRoutine, Regressor
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
    def classify(self, data: Tensor) -> Tensor:
        return data.sigmoid()


class OfArrays(Trains):
    def classify(self, data: Tensor) -> NDArray[np.float64]:
        return data.double().numpy()


class OfNames(Trains):
    def classify(self, data: list[str]) -> Tensor:
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
of_two(Progression())  # E[pyright=reportArgumentType: "classify" is not present, mypy=arg-type: "Progression"]
of_two(OfArrays())  # E[pyright=reportArgumentType: "classify" is an incompatible type, mypy=arg-type: "OfArrays"]
of_two(OfNames())  # E[pyright=reportArgumentType: "classify" is an incompatible type, mypy=arg-type: "OfNames"]
of_several(Progression())  # E[pyright=reportArgumentType: "classify" is not present, mypy=arg-type: "Progression"]
of_several(OfArrays())  # E[pyright=reportArgumentType: "classify" is an incompatible type, mypy=arg-type: "OfArrays"]
of_numbers(Tumour())  # E[pyright=reportArgumentType: "predict" is not present, mypy=arg-type: "Tumour"]
any_of_two(Progression())  # E[pyright=reportArgumentType: "classify" is not present, mypy=arg-type: "Progression"]
any_of_numbers(Tumour())  # E[pyright=reportArgumentType: "predict" is not present, mypy=arg-type: "Tumour"]

# the plan and the split
x, y = Tensor(), Tensor()
two, several, numbers = DomainPlan(BINARY_CLASSIFICATION, scores=["F1"]), DomainPlan(MULTICLASS_CLASSIFICATION, scores=["MCC"]), DomainPlan(REGRESSION, scores=["R2"])
split = LabelledSplit(x, y, every=1)
BinaryClassificationRoutine(plan=numbers, test=split)  # E[pyright=reportArgumentType: RegressionResources, mypy=arg-type: RegressionResources]
RegressionRoutine(plan=two, test=split)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
MulticlassClassificationRoutine(plan=two, class_names=["a", "b"], test=split)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
MulticlassClassificationRoutine(plan=several, test=split)  # E[pyright=reportCallIssue: "class_names", mypy=call-arg: "class_names"]
BinaryClassificationRoutine(plan=two, test=x)  # E[pyright=reportArgumentType: "Tensor", mypy=arg-type: "Tensor"]
LabelledSplit(x, y)  # E[pyright=reportCallIssue: "every", mypy=call-arg: "every"]
LabelledSplit(x, y, every=0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "float"]

# joined
bind(BinaryClassificationRoutine(plan=two, test=split), Progression())  # E[pyright=reportArgumentType: "classify" is not present]
bind(BinaryClassificationRoutine(plan=two, test=split), OfNames())  # E[pyright=reportArgumentType: "classify" is an incompatible type]
bind(RegressionRoutine(plan=numbers, test=split), Tumour())  # E[pyright=reportArgumentType: "predict" is not present]


def bias(resources: BinaryClassificationResources) -> float:
    return float(resources.predicted.mean())


REGRESSION.register(ResultKind.SCORE, "BIAS_OF_TWO", bias)  # E[pyright=reportArgumentType: BinaryClassificationResources, mypy=arg-type: BinaryClassificationResources]
