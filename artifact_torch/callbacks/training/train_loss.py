"""The loss of training itself."""

from collections.abc import Mapping, Sequence
from typing import Final, final

from torch import Tensor

from artifact_torch.callbacks.sums import wide
from artifact_torch.checkpoints.state import read_float, read_int
from artifact_torch.contracts import (
    AnyStep,
    Every,
    ModelOutput,
    Moment,
    ResultKind,
    ResultName,
)
from artifact_torch.data import number_of_rows
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse, text
from artifact_torch.internal.cadence import cadence_problems


@final
class TrainLoss:
    """The mean loss of the training batches since it was last asked, as the score `name`.

    `every=steps(10)` gives a curve finer than epochs. It sees every batch, however often it is
    asked: the loss in training mode, before each batch's update. A batch counts by its number of
    rows (the first dimension of its first tensor). Summed in float64, on an accelerator there: one
    sync each time it is asked, none for a batch.
    """

    def __init__(self, name: str = "train_loss", *, every: Every = 1) -> None:
        refuse(text("TrainLoss: name", name) + cadence_problems("TrainLoss: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = ((ResultKind.SCORE, name),)
        self.name: Final = name
        self._n_rows = 0
        self._sum: float | Tensor = 0.0
        """A tensor where the losses are on an accelerator, in the order of the batches either way."""

    def on_batch(self, _step: int, batch: object, output: ModelOutput, /) -> None:
        """Raises `ValidationError` for a loss that is not a scalar."""
        loss = output["loss"]
        if loss.dim():
            raise ValidationError(
                f'callback "{self.name}": loss: got a tensor of shape {list(loss.shape)}, expected '
                "a scalar of shape []; reduce it, for example with loss.mean()"
            )
        n_rows = number_of_rows(batch)
        self._n_rows += n_rows
        if isinstance(self._sum, Tensor):
            self._sum.add_(loss.detach(), alpha=n_rows)
        elif loss.device.type == "cpu":  # nothing to wait for, and a third of the cost
            self._sum += loss.item() * n_rows
        else:
            self._sum += wide(loss) * n_rows

    def on_moment(self, _step: AnyStep, moment: Moment, /) -> Mapping[str, float]:
        """Nothing where no row came since. Syncs."""
        total, n_rows = self._total(), self._n_rows
        if moment.is_rehearsal or n_rows == 0:
            return {}
        self._sum, self._n_rows = 0.0, 0
        return {self.name: total / n_rows}

    def seen(self) -> tuple[float, int]:
        """Sum and rows since it was last asked. Syncs."""
        return self._total(), self._n_rows

    def merge(self, seen: Sequence[tuple[float, int]], /) -> None:
        self._sum = sum(total for total, _ in seen)
        self._n_rows = sum(n_rows for _, n_rows in seen)

    def state_dict(self) -> Mapping[str, object]:
        """Sum and rows since it was last asked. Syncs."""
        return {"sum": self._total(), "n_rows": self._n_rows}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._sum = read_float(state_dict, "sum") or 0.0
        self._n_rows = read_int(state_dict, "n_rows")

    def _total(self) -> float:
        return self._sum.item() if isinstance(self._sum, Tensor) else self._sum
