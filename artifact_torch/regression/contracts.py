"""What a model that predicts numbers is."""

from typing import Never, Protocol, TypeAlias, runtime_checkable

from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.contracts.io import In_contra, ModelOutput, Out_co
from artifact_torch.contracts.model import Model

Data_contra = TypeVar("Data_contra", contravariant=True)


@runtime_checkable
class NumberPredictor(Protocol[Data_contra]):
    """Whatever predicts numbers. Called by the routine, once a validation for each split."""

    def predict(self, data: Data_contra, /) -> Tensor:
        """A number for each row, `[rows]`, in the units of the labels."""
        ...


@runtime_checkable
class Regressor(
    Model[In_contra, Out_co], NumberPredictor[Data_contra], Protocol[In_contra, Out_co, Data_contra]
):
    """A trainable model that predicts numbers: a plain `nn.Module` with `forward` and `predict`."""


AnyRegressor: TypeAlias = Regressor[Never, ModelOutput, Never]
"""Any trainable model that predicts numbers, whatever it takes."""
