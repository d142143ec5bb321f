"""What a classifier of several classes is."""

from typing import Never, Protocol, TypeAlias, runtime_checkable

from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.contracts.io import In_contra, ModelOutput, Out_co
from artifact_torch.contracts.model import Model

Data_contra = TypeVar("Data_contra", contravariant=True)


@runtime_checkable
class MulticlassPredictor(Protocol[Data_contra]):
    """Whatever tells several classes apart. Called by the routine, once a validation for each split."""

    def probabilities(self, data: Data_contra, /) -> Tensor:
        """The probability of each class, `[rows, classes]`; each row sums to 1: logits after
        softmax.
        """
        ...


@runtime_checkable
class MulticlassClassifier(
    Model[In_contra, Out_co],
    MulticlassPredictor[Data_contra],
    Protocol[In_contra, Out_co, Data_contra],
):
    """A trainable classifier: a plain `nn.Module` with `forward` and `probabilities`."""


AnyMulticlassClassifier: TypeAlias = MulticlassClassifier[Never, ModelOutput, Never]
"""Any trainable classifier of several classes, whatever it takes."""
