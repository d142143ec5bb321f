"""What a run has come to: epoch, step, history, best weights, and where the time went."""

import time
from collections.abc import Mapping
from typing import Literal, final

from torch import nn

from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import ArtifactResults, EpochState
from artifact_torch.trainer.history import History
from artifact_torch.trainer.result import TrainingResult, TrainingSeconds
from artifact_torch.trainer.weights import BestWeights, copied


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
        self.final_epoch: int = 0
        """The last epoch that had its final round."""

    def record(self, epoch: int, n_steps: int, results: ArtifactResults) -> None:
        """`epoch` is completed with `results`."""
        self.state = EpochState(n_epochs_elapsed=epoch, n_steps=n_steps, scores=results.scores)
        self.stopped = None
        self.history.record(epoch, results)

    def result(self, module: nn.Module, run_folder: str | None) -> TrainingResult:
        """All of it as a result. Copies the weights."""
        return TrainingResult(
            epoch_scores=self.history.epoch_scores(),
            score_collections=self.history.score_collections(),
            arrays=dict(self.history.arrays),
            plots=dict(self.history.plots),
            array_collections=dict(self.history.array_collections),
            plot_collections=dict(self.history.plot_collections),
            failures=dict(self.history.failures),
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
            "final_epoch": self.final_epoch,
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
        self.final_epoch = read_int(state_dict, "final_epoch")
        self.history.load_state_dict(read(state_dict, "history"))
        self.best.load_state_dict(read(state_dict, "best_weights"))
