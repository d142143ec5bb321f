"""The loss over a loader."""

import math
from typing import Final, final

import torch
from torch import Tensor

from artifact_torch.contracts import ModelInput, ModelOutput
from artifact_torch.data import number_of_rows
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse, text


@final
class LossCallback:
    """The mean loss over the rows of a loader, as the score `name`.

    A batch counts by its number of rows (the first dimension of its first tensor), so a small last
    batch does not weigh like a full one. Summed in float64 on the device; one sync per pass.
    """

    def __init__(self, name: str) -> None:
        refuse(text("LossCallback: name", name))
        self.name: Final = name
        self._n_rows = 0
        self._sum: Tensor | None = None

    def start(self) -> None:
        self._n_rows, self._sum = 0, None

    def update(self, batch: ModelInput, output: ModelOutput, /) -> None:
        """Called by a routine with each batch. Raises `ValidationError` for a loss of rows."""
        n_rows = number_of_rows(batch)
        loss = output["loss"]
        if loss.dim() != 0:
            raise ValidationError(
                f'callback "{self.name}": loss: got a tensor of shape {list(loss.shape)}, expected '
                "a scalar of shape []; reduce it in evaluation too, for example with loss.mean()"
            )
        weighted = wide(loss) * n_rows
        self._sum = weighted if self._sum is None else self._sum + weighted
        self._n_rows += n_rows

    def finish(self) -> float:
        """The mean; NaN when there was no row."""
        return (
            self._sum.item() / self._n_rows if self._sum is not None and self._n_rows else math.nan
        )


def wide(tensor: Tensor) -> Tensor:
    """Without gradient, in float64 where the device has it."""
    return tensor.detach().to(torch.float32 if tensor.device.type == "mps" else torch.float64)
