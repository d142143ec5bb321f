"""How fast the run goes."""

from collections.abc import Mapping, Sequence
from typing import Final, final

from artifact_torch.checkpoints.state import read_float, read_int
from artifact_torch.contracts import AnyStep, Every, Moment, ResultKind, ResultName
from artifact_torch.data import number_of_rows
from artifact_torch.errors import DataError
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems


@final
class Throughput:
    """Updates and rows a second since it was last asked: `steps_per_second`, `rows_per_second`.

    All the time in `train()` counts: batches and updates, and the validation, checkpoints and
    callbacks between them. `result.seconds` tells these apart. A batch's rows are the first
    dimension of its first tensor; batches without one give no `rows_per_second`. Reads no clock of
    its own and no value, so it does not sync.
    """

    def __init__(self, *, every: Every = 1) -> None:
        refuse(cadence_problems("Throughput: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = (
            (ResultKind.SCORE, "steps_per_second"),
            (ResultKind.SCORE, "rows_per_second"),
        )
        self._step: int | None = None
        self._seconds: float | None = None
        self._n_rows = 0
        self._has_rows = True

    def on_batch(self, step: int, batch: object, _output: object, /) -> None:
        if self._step is None:
            self._step = step - 1
            self._seconds = None if self._step else 0.0  # it joined a run that had begun
        if self._has_rows:
            try:
                self._n_rows += number_of_rows(batch)
            except DataError:
                self._has_rows = False

    def on_moment(self, _step: AnyStep, moment: Moment, /) -> Mapping[str, float]:
        """Nothing where no update was made since."""
        if moment.is_rehearsal or self._step is None or moment.step == self._step:
            return {}
        n_steps, n_rows = moment.step - self._step, self._n_rows
        seconds = None if self._seconds is None else moment.seconds - self._seconds
        self._step, self._seconds, self._n_rows = moment.step, moment.seconds, 0
        if not seconds:
            return {}
        rates = {"steps_per_second": n_steps / seconds}
        return {**rates, "rows_per_second": n_rows / seconds} if self._has_rows else rates

    def state_dict(self) -> Mapping[str, object]:
        """Where it was last asked, and the rows since."""
        started = self._step is not None
        return {
            "step": self._step if started else -1,
            "seconds": self._seconds,
            "n_rows": self._n_rows,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        step = read_int(state_dict, "step")
        self._step = None if step < 0 else step
        self._seconds = read_float(state_dict, "seconds")
        self._n_rows = read_int(state_dict, "n_rows")
        self._has_rows = True
