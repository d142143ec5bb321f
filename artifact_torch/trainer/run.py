"""What a run has come to: epoch, step, history, best weights, and where the time went."""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Literal, final

from torch import nn

from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import EpochState, Failure, Moment, ResultKind, ResultName
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_list
from artifact_torch.routines.results import Computed, all_of, is_figure, is_real_array, scores_of
from artifact_torch.trainer.history import History
from artifact_torch.trainer.result import TrainingResult, TrainingSeconds
from artifact_torch.trainer.weights import BestWeights, copied

_log = logging.getLogger("artifact_torch")


@final
class Stopwatch:
    """Adds up where the wall time goes; each moment belongs to the lap that ends after it."""

    def __init__(self) -> None:
        self._seconds = {"training": 0.0, "validation": 0.0, "rest": 0.0}
        self._since = time.perf_counter()

    def start(self) -> None:
        """Forget the time since the last lap."""
        self._since = time.perf_counter()

    def lap(self, what: Literal["training", "validation", "rest"]) -> None:
        """The time since the last lap was spent on `what`."""
        now = time.perf_counter()
        self._seconds[what] += now - self._since
        self._since = now

    @property
    def seconds(self) -> TrainingSeconds:
        """The sums so far."""
        return TrainingSeconds(**self._seconds)


@final
class Run:
    """The trainer's memory between two epochs; the whole of it but time is in `state_dict`."""

    def __init__(self) -> None:
        self.state: EpochState = EpochState(n_epochs_elapsed=0, n_steps=0, scores={})
        self.history: History = History()
        self.best: BestWeights = BestWeights()
        self.clock: Stopwatch = Stopwatch()
        self.stop_reason = "not trained yet"
        self.stopped: bool | None = None
        """The stopper's verdict on this epoch, None before it was asked: it counts each once."""
        self.computed: set[ResultName] = set()
        """What the routines were asked for at this epoch."""

    def record(self, moment: Moment, results: Computed) -> EpochState:
        """What was computed at `moment`. The state that it leads to, with these scores alone."""
        if moment.epoch != self.state.n_epochs_elapsed:
            self.computed = set()
        self.computed |= {(one.kind, one.name) for one in results}
        state = EpochState(
            n_epochs_elapsed=moment.epoch, n_steps=moment.step, scores=scores_of(results)
        )
        if not moment.ends_run:
            self.state, self.stopped = state, None
        self.history.record(moment.epoch, results)
        for one in results:
            if isinstance(one, Failure):
                _log.error(
                    "%s could not be computed at epoch %d: %s", one.name, moment.epoch, one.reason
                )
        return state

    def result(self, module: nn.Module, run_folder: str | None) -> TrainingResult:
        """All of it as a result. Copies the weights."""
        newest = self.history.newest
        return TrainingResult(
            epoch_scores=self.history.epoch_scores(),
            score_collections=self.history.score_collections(),
            arrays=newest(ResultKind.ARRAY, is_real_array),
            plots=newest(ResultKind.PLOT, is_figure),
            array_collections=newest(ResultKind.ARRAY_COLLECTION, all_of(is_real_array)),
            plot_collections=newest(ResultKind.PLOT_COLLECTION, all_of(is_figure)),
            failures=self.history.failures(),
            n_epochs_elapsed=self.state.n_epochs_elapsed,
            n_steps=self.state.n_steps,
            best_epoch=self.best.epoch,
            best_weights=self.best.weights,
            last_weights=copied(module),
            stop_reason=self.stop_reason,
            run_folder=run_folder,
            seconds=self.clock.seconds,
        )

    def state_dict(self) -> Mapping[str, object]:
        """Epoch, step, scores, history and best weights."""
        return {
            "n_epochs_elapsed": self.state.n_epochs_elapsed,
            "n_steps": self.state.n_steps,
            "scores": dict(self.state.scores),
            "computed": [(kind.value, name) for kind, name in sorted(self.computed, key=str)],
            "history": self.history.state_dict(),
            "best_weights": self.best.state_dict(),
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        scores = read(state_dict, "scores")
        self.state = EpochState(
            n_epochs_elapsed=read_int(state_dict, "n_epochs_elapsed"),
            n_steps=read_int(state_dict, "n_steps"),
            scores={name: value for name, value in scores.items() if isinstance(value, float)},
        )
        self.stopped = None
        self.computed = set(_names(state_dict.get("computed")))
        self.history.load_state_dict(read(state_dict, "history"))
        self.best.load_state_dict(read(state_dict, "best_weights"))


def _names(saved: object) -> Iterator[ResultName]:
    for entry in saved if is_list(saved) else ():
        match entry:
            case (str(kind), str(name)):
                yield ResultKind(kind), name
            case _:
                raise CheckpointError(f'checkpoint: "computed" has {entry!r}, expected two texts')
