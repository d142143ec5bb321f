"""The loss over a loader."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, final, overload

import torch
from torch import Tensor

from artifact_torch.callbacks.rows import CountsRows, Rows
from artifact_torch.callbacks.sums import ratio, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts import ModelOutput
from artifact_torch.contracts.io import SeenIn_contra
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse, text


@final
class LossCallback(Generic[SeenIn_contra]):
    """The mean loss over the rows of a loader, as the score `name`.

    A batch counts by its number of rows, so a small last batch does not weigh like a full one:
    what `rows` says of it, a number or a tensor of shape [], or else the first dimension of its
    first tensor. Summed in float64 on the device; one sync per pass.
    """

    higher_is_better: Final = False

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

    def seen(self) -> tuple[float, float]:
        """The sum of the losses of all rows, and how many. Syncs."""
        return float(self._sum), float(self._n_rows)

    def merge(self, seen: Sequence[tuple[float, float]], /) -> None:
        self._sum = torch.tensor([total for total, _ in seen], dtype=torch.float64).sum()
        self._n_rows = torch.tensor([n_rows for _, n_rows in seen], dtype=torch.float64).sum()

    def finish(self) -> float:
        """The mean; NaN when there was no row."""
        return ratio(float(self._sum), float(self._n_rows))
