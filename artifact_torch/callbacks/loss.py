"""The loss, batch by batch and over a loader."""

import math
from collections.abc import Mapping
from typing import Final, final

import torch
from torch import Tensor

from artifact_torch.contracts import ModelInput, ModelOutput
from artifact_torch.data import number_of_rows
from artifact_torch.errors import CheckpointError, ValidationError
from artifact_torch.internal.arguments import integer, refuse, shown, text
from artifact_torch.internal.narrowing import is_list


@final
class BatchLossCallback:
    """Keeps the training loss of every `every_n_steps`-th step, for a curve finer than epochs.

    It keeps the tensors and reads no value, so it does not sync.
    """

    def __init__(self, *, every_n_steps: int = 1) -> None:
        refuse(integer("BatchLossCallback: every_n_steps", every_n_steps, least=1))
        self._every = every_n_steps
        self._losses: dict[int, Tensor] = {}

    def on_batch(self, step: int, _batch: object, output: ModelOutput, /) -> None:
        if step % self._every == 0:
            self._losses[step] = output["loss"].detach()

    def state_dict(self) -> Mapping[str, object]:
        """Steps and losses so far. Syncs."""
        return {"losses": list(self.losses.items())}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        losses: dict[int, Tensor] = {}
        saved = state_dict.get("losses")
        if not is_list(saved):
            raise CheckpointError(
                f'checkpoint: "losses" must be a list, got {shown(saved)}; load a checkpoint that '
                "was written by the same composition of parts"
            )
        for entry in saved:
            match entry:
                case (int(step), float(loss)):
                    losses[step] = torch.tensor(loss, dtype=torch.float64)
                case _:
                    raise CheckpointError(
                        f"checkpoint: got the loss {shown(entry)}, expected two numbers"
                    )
        self._losses = losses

    @property
    def losses(self) -> Mapping[int, float]:
        """Step to loss; of accumulated batches, the last one's. Syncs."""
        return {step: loss.item() for step, loss in self._losses.items()}


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
