"""What a classifier of two classes is."""

from typing import Never, Protocol, TypeAlias, runtime_checkable

from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.contracts.io import In_contra, ModelOutput, Out_co
from artifact_torch.contracts.model import Model

Data_contra = TypeVar("Data_contra", contravariant=True)


@runtime_checkable
class BinaryPredictor(Protocol[Data_contra]):
    """Whatever tells two classes apart. Called by the routine, once a validation for each split."""

    def probability(self, data: Data_contra, /) -> Tensor:
        """The probability of class 1 for each row, `[rows]`: logits after sigmoid."""
        ...


@runtime_checkable
class BinaryClassifier(
    Model[In_contra, Out_co],
    BinaryPredictor[Data_contra],
    Protocol[In_contra, Out_co, Data_contra],
):
    """A trainable classifier: a plain `nn.Module` with `forward` and `probability`."""


AnyBinaryClassifier: TypeAlias = BinaryClassifier[Never, ModelOutput, Never]
"""Any trainable classifier of two classes, whatever it takes."""
