"""What a run has come to: epoch, step, results, best weights, and where the time went."""

import copy
import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, final

from torch import Tensor, nn

from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import Failure, Moment, Result, ResultKind, ResultName, RunState
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.routines.results import Computed
from artifact_torch.trainer.result import TrainingResult, TrainingSeconds

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger("artifact_torch")


@final
class Run:
    """The trainer's memory between two epochs.

    Its `state_dict` is all of it but time, arrays and plots, which stay with the tracking client:
    of those only the newest of each name is kept in memory.
    """

    def __init__(self) -> None:
        self.state: RunState = RunState(n_epochs_elapsed=0, n_steps=0, scores={})
        self.stop_reason: str = "not trained yet"
        self.stopped_by: list[str] | None = None
        """Which stoppers end it here, None before they were asked: they count each epoch once."""
        self.computed: set[ResultName] = set()
        """What the routines were asked for at this epoch."""
        self.seconds: dict[str, float] = {"training": 0.0, "validation": 0.0, "rest": 0.0}
        self._since = time.perf_counter()
        self._scores: dict[int, dict[str, float]] = {}
        self._score_collections: dict[str, dict[int, dict[str, float]]] = {}
        # Any: a value of its kind, which `checked` has seen to
        self._newest: defaultdict[ResultKind, dict[str, Any]] = defaultdict(dict)
        self._failures: dict[ResultName, str] = {}
        self._best_epoch: int | None = None
        self._best_weights: dict[str, object] | None = None

    def lap(self, what: Literal["training", "validation", "rest"] | None) -> None:
        """The time since the last lap was spent on `what`; with None it is forgotten."""
        now = time.perf_counter()
        if what is not None:
            self.seconds[what] += now - self._since
        self._since = now

    def record(self, moment: Moment, results: Computed) -> RunState:
        """Add what was computed at `moment`, possibly nothing. The state that it leads to, with
        these scores alone.
        """
        epoch, scores = moment.epoch, dict[str, float]()
        if epoch != self.state.n_epochs_elapsed:
            self.computed = set()
        for each in results:
            self.computed.add((each.kind, each.name))
            match each:
                case Failure(kind, name, reason):
                    self._failures[kind, name] = f"epoch {epoch}: {reason}"
                    _log.error("%s could not be computed at epoch %d: %s", name, epoch, reason)
                case Result(ResultKind.SCORE, name, float(value)):
                    scores[name] = value
                case Result(ResultKind.SCORE_COLLECTION, name, value):
                    self._score_collections.setdefault(name, {})[epoch] = _row(value)
                case Result(kind, name, value):
                    self._newest[kind][name] = value
        self._scores.setdefault(epoch, {}).update(scores)
        state = RunState(n_epochs_elapsed=epoch, n_steps=moment.step, scores=scores)
        if not moment.ends_run:
            self.state, self.stopped_by = state, None
        return state

    def keep_best(self, module: nn.Module) -> None:
        """This epoch is the best so far. Copies the weights."""
        self._best_epoch, self._best_weights = self.state.n_epochs_elapsed, _copied(module)

    def result(self, module: nn.Module, run_folder: str | None) -> TrainingResult:
        """All of it as a result. Copies the weights."""
        failures: dict[str, str] = {}
        for (_, name), reason in self._failures.items():  # one name may fail in two kinds
            failures[name] = f"{failures[name]}; {reason}" if name in failures else reason
        return TrainingResult(
            epoch_scores=_frame(self._scores),
            score_collections={n: _frame(rows) for n, rows in self._score_collections.items()},
            arrays={**self._newest[ResultKind.ARRAY]},
            plots={**self._newest[ResultKind.PLOT]},
            array_collections={**self._newest[ResultKind.ARRAY_COLLECTION]},
            plot_collections={**self._newest[ResultKind.PLOT_COLLECTION]},
            failures=failures,
            n_epochs_elapsed=self.state.n_epochs_elapsed,
            n_steps=self.state.n_steps,
            best_epoch=self._best_epoch,
            best_weights=self._best_weights,
            last_weights=_copied(module),
            stop_reason=self.stop_reason,
            run_folder=run_folder,
            seconds=TrainingSeconds(**self.seconds),
        )

    def state_dict(self) -> Mapping[str, object]:
        """Epoch, step, scores, score collections and best weights."""
        collections = {n: _saved(rows) for n, rows in self._score_collections.items()}
        best = {"epoch": self._best_epoch, "weights": self._best_weights}
        return {
            "n_epochs_elapsed": self.state.n_epochs_elapsed,
            "n_steps": self.state.n_steps,
            "scores": dict(self.state.scores),
            "computed": [(kind.value, name) for kind, name in sorted(self.computed, key=str)],
            "history": {"scores": _saved(self._scores), "score_collections": collections},
            "best_weights": {} if self._best_epoch is None else best,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        self.state = RunState(
            n_epochs_elapsed=read_int(state_dict, "n_epochs_elapsed"),
            n_steps=read_int(state_dict, "n_steps"),
            scores=_row(read(state_dict, "scores")),
        )
        self.stop_reason, self.stopped_by = "not trained since it was restored", None
        self.computed = set(_names(state_dict.get("computed")))
        self._newest, self._failures = defaultdict(dict), {}
        history, best = read(state_dict, "history"), read(state_dict, "best_weights")
        self._scores = _rows(read(history, "scores"))
        collections = read(history, "score_collections")
        self._score_collections = {name: _rows(read(collections, name)) for name in collections}
        self._best_epoch = read_int(best, "epoch") if best else None
        self._best_weights = read(best, "weights") if best else None


def _copied(module: nn.Module) -> dict[str, object]:
    """The weights, which later updates cannot change: tensors cloned to the CPU."""
    state: Mapping[str, object] = module.state_dict()
    return {
        name: value.detach().to("cpu", copy=True)
        if isinstance(value, Tensor)
        else copy.deepcopy(value)
        for name, value in state.items()
    }


def _frame(rows: Mapping[int, Mapping[str, float]]) -> "pd.DataFrame":
    """A row for each epoch, NaN for what is not in it; columns in order of appearance."""
    import pandas as pd  # not at the top: a trainer is built without pandas

    epochs = sorted(rows)
    columns = list(dict.fromkeys(name for epoch in epochs for name in rows[epoch]))
    data = {name: [rows[epoch].get(name, float("nan")) for epoch in epochs] for name in columns}
    return pd.DataFrame(data, index=pd.Index(epochs, name="epoch", dtype="int64"), dtype="float64")


def _saved(rows: Mapping[int, Mapping[str, float]]) -> dict[str, object]:
    return {str(epoch): dict(row) for epoch, row in rows.items()}


def _rows(state: Mapping[str, object]) -> dict[int, dict[str, float]]:
    return {int(epoch): _row(row) for epoch, row in state.items()}


def _row(row: object) -> dict[str, float]:
    items = row.items() if is_mapping(row) else ()
    return {str(name): value for name, value in items if isinstance(value, float)}


def _names(saved: object) -> Iterator[ResultName]:
    for entry in saved if is_list(saved) else ():
        match entry:
            case (str(kind), str(name)) if kind in {each.value for each in ResultKind}:
                yield ResultKind(kind), name
            case _:
                raise CheckpointError(
                    f'checkpoint: "computed" has {entry!r}, expected a kind of result and a name; '
                    "load a checkpoint that this version wrote"
                )
