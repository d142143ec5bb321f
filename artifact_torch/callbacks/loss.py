"""The loss, batch by batch and over a loader."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, final, overload

import torch
from torch import Tensor

from artifact_torch.callbacks.rows import CountsRows, Rows
from artifact_torch.callbacks.sums import ratio, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts import ModelOutput
from artifact_torch.contracts.io import SeenIn_contra
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
class LossCallback(Generic[SeenIn_contra]):
    """The mean loss over the rows of a loader, as the score `name`.

    A batch counts by its number of rows, so a small last batch does not weigh like a full one:
    what `rows` says of it, a number or a tensor of shape [], or else the first dimension of its
    first tensor. Summed in float64 on the device; one sync per pass.
    """

    @overload
    def __init__(self: "LossCallback[object]", name: str) -> None: ...
    @overload
    def __init__(self, name: str, *, rows: Callable[[SeenIn_contra], int | Tensor]) -> None: ...
    def __init__(self, name: str, *, rows: Callable[..., int | Tensor] | None = None) -> None:
        refuse(text("LossCallback: name", name))
        self.name: Final = name
        self._rows = Rows("LossCallback", name, rows)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._rows.places(CountsRows[SeenIn_contra])

    def start(self) -> None:
        self._n_rows: int | Tensor = 0
        self._sum: int | Tensor = 0

    def update(self, batch: SeenIn_contra, output: ModelOutput, /) -> None:
        """Called by a routine with each batch. Raises `ValidationError` for a loss of rows."""
        n_rows = self._rows.of(batch)
        loss = output["loss"]
        if loss.dim() != 0:
            raise ValidationError(
                f'callback "{self.name}": loss: got a tensor of shape {list(loss.shape)}, expected '
                "a scalar of shape []; reduce it in evaluation too, for example with loss.mean()"
            )
        self._sum = self._sum + wide(loss) * n_rows
        self._n_rows = self._n_rows + n_rows

    def finish(self) -> float:
        """The mean; NaN when there was no row."""
        return ratio(float(self._sum), float(self._n_rows))
