"""What a run has come to: epoch, step, results, best weights, and where the time went."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, final

from artifact_torch.checkpoints.state import read, read_float, read_int
from artifact_torch.checkpoints.trees import items_of
from artifact_torch.contracts import Failure, Moment, Result, ResultKind, ResultName, RunState
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_list
from artifact_torch.internal.pictures import Figures
from artifact_torch.routines.results import Computed
from artifact_torch.run_folder.settings import Begun
from artifact_torch.trainer.held import HeldWeights
from artifact_torch.trainer.history import History, Row, numbers, read_history
from artifact_torch.trainer.result import TrainingResult, TrainingSeconds
from artifact_torch.trainer.settings import Plain

_log = logging.getLogger("artifact_torch")


@final
class Run:
    """The trainer's memory between two updates.

    Its `state_dict` is all of it but arrays and plots, which stay with the tracking client: of
    those only the newest of each name is kept in memory.
    """

    def __init__(self, settings: Mapping[str, Plain] = MappingProxyType({})) -> None:
        self.settings: Mapping[str, Plain] = settings
        """What the user set the run to."""
        self.state: RunState = RunState(n_epochs_elapsed=0, n_steps=0, scores={})
        self.n_batches: int = 0
        """Batches of the epoch in progress whose update is complete."""
        self.n_batches_of_epoch: int = 0
        """As the training loader says; a run that goes on within an epoch needs the same."""
        self.ended_epoch: int = 0
        """The newest whose end the step was told."""
        self.seconds_elapsed: float = 0.0
        """Time spent in calls of `train()` that are over."""
        self.stop_reason: str = "not trained yet"
        self.stopped_by: list[str] | None = None
        """Which stoppers end it here, None before they were asked: each moment counts once."""
        self.computed: set[ResultName] = set()
        """What was asked for at this moment."""
        self.owed: set[ResultName] = set()
        """What of it is computed beside the training and not there yet."""
        self.warned: list[str] = []
        """What was warned of, and where: the first of it."""
        self.seconds: dict[str, float] = {"training": 0.0, "validation": 0.0, "rest": 0.0}
        self._since = time.perf_counter()
        self._history = History()
        # Any: a value of its kind, which `checked` has seen to
        self._newest: defaultdict[ResultKind, dict[str, Any]] = defaultdict(dict)
        self._failures: dict[ResultName, str] = {}
        self._best: RunState | None = None
        self._best_weights: dict[str, object] | None = None

    @property
    def epoch(self) -> int:
        """The one in progress, or that comes next."""
        return self.state.n_epochs_elapsed + 1

    def moment(self, *, ends_run: bool = False, is_rehearsal: bool = False) -> Moment:
        """Where the run is, outside of its loop."""
        state = self.state
        return Moment(
            epoch=state.n_epochs_elapsed,
            step=state.n_steps,
            seconds=self.seconds_elapsed,
            ends_epoch=state.ends_epoch,
            ends_run=ends_run,
            is_rehearsal=is_rehearsal,
        )

    def lap(self, what: Literal["training", "validation", "rest"] | None) -> None:
        """The time since the last lap was spent on `what`; with None it is forgotten."""
        now = time.perf_counter()
        if what is not None:
            self.seconds[what] += now - self._since
        self._since = now

    def validation_s(self) -> float:
        """Spent on validation so far."""
        return self.seconds["validation"]

    def record(self, moment: Moment, results: Computed) -> RunState:
        """Add what was computed at `moment`, possibly nothing. The state that it leads to, with
        these scores alone.
        """
        if not moment.ends_run:
            self.computed = set()
        self.computed.update((each.kind, each.name) for each in results)
        scores = self._taken(moment, results)
        self._history.add(moment, scores)
        state = RunState(
            n_epochs_elapsed=moment.epoch,
            n_steps=moment.step,
            scores=scores,
            seconds=moment.seconds,
            ends_epoch=moment.ends_epoch,
        )
        if not moment.ends_run:
            self.state, self.stopped_by = state, None
            if moment.ends_epoch:
                self.n_batches = 0
        return state

    def add_late(self, moment: Moment, results: Computed) -> None:
        """Add what of an earlier moment is known only now."""
        if scores := self._taken(moment, results):
            self._history.add(moment, scores)

    def _taken(self, moment: Moment, results: Computed) -> dict[str, float]:
        """All but the scores, which are returned, is kept."""
        scores = dict[str, float]()
        for each in results:
            match each:
                case Failure(kind, name, reason):
                    self._failures[kind, name] = f"{moment}: {reason}"
                    _log.error("%s could not be computed at %s: %s", name, moment, reason)
                case Result(ResultKind.SCORE, name, float(value)):
                    scores[name] = value
                case Result(ResultKind.SCORE_COLLECTION, name, value):
                    self._history.add_collection(name, moment, dict(numbers(value)))
                case Result(kind, name, value):
                    self._newest[kind][name] = value
        return scores

    def keep_best(self, weights: dict[str, object], state: RunState) -> None:
        """The moment of `state`, which had these weights, is the best so far."""
        self._best, self._best_weights = state, weights

    @property
    def best(self) -> RunState | None:
        """The best moment so far; a restored one without its scores."""
        return self._best

    @property
    def best_weights(self) -> Mapping[str, object] | None:
        """Those of the best moment, if one was found."""
        return self._best_weights

    def result(
        self,
        held: HeldWeights,
        *,
        n_steps: int,
        folder: str | None,
        outages: Mapping[str, str],
        begun: Begun,
    ) -> TrainingResult:
        """All of it as a result, which is made of it when it is read."""
        failures: dict[str, str] = {}
        for (_, name), reason in self._failures.items():  # one name may fail in two kinds
            failures[name] = f"{failures[name]}; {reason}" if name in failures else reason
        return TrainingResult(
            arrays={**self._newest[ResultKind.ARRAY]},
            plots=Figures(self._newest[ResultKind.PLOT]),
            array_collections={**self._newest[ResultKind.ARRAY_COLLECTION]},
            plot_collections={
                name: Figures(plots)
                for name, plots in self._newest[ResultKind.PLOT_COLLECTION].items()
            },
            failures=failures,
            warnings=(*self.warned,),
            n_epochs_elapsed=self.state.n_epochs_elapsed,
            n_steps=n_steps,
            best_epoch=None if self._best is None else self._best.n_epochs_elapsed,
            best_step=None if self._best is None else self._best.n_steps,
            stop_reason=self.stop_reason,
            run_folder=folder,
            outages=outages,
            settings=self.settings,
            seconds=TrainingSeconds(**self.seconds),
            _history=self._history.taken(),
            _held=held,
            _begun=begun,
            _best=self._best_weights,
        )

    def state_dict(self) -> Mapping[str, object]:
        """Place, time, the scores of this moment, and best weights; `log` is beside it."""
        best = self._best
        return {
            "n_epochs_elapsed": self.state.n_epochs_elapsed,
            "n_steps": self.state.n_steps,
            "n_batches": self.n_batches,
            "n_batches_of_epoch": self.n_batches_of_epoch,
            "ended_epoch": self.ended_epoch,
            "seconds": self.state.seconds,
            "ends_epoch": self.state.ends_epoch,
            "scores": dict(self.state.scores),
            "computed": _plain_names(self.computed),
            "owed": _plain_names(self.owed),
            "n_logged": len(self.log),
            "settings": dict(self.settings),
            "best": best and (best.n_epochs_elapsed, best.n_steps),
            "best_weights": self._best_weights or {},
        }

    @property
    def log(self) -> list[Row]:
        """All scores so far: the rows of the history themselves, which only grow. Of these,
        `n_logged` belong to a state.
        """
        return self._history.rows

    def load_state_dict(self, state_dict: dict[str, object], log: object, /) -> None:
        """Continue from `state_dict` and its `log`, of which nothing is changed."""
        self.n_batches = read_int(state_dict, "n_batches")
        self.ended_epoch = read_int(state_dict, "ended_epoch")
        self._tell_changes(read(state_dict, "settings"))
        self.state = RunState(
            n_epochs_elapsed=read_int(state_dict, "n_epochs_elapsed"),
            n_steps=read_int(state_dict, "n_steps"),
            scores=dict(numbers(read(state_dict, "scores"))),
            seconds=read_float(state_dict, "seconds") or 0.0,
            ends_epoch=state_dict.get("ends_epoch") is True,
        )
        self._tell_other_loader(state_dict.get("n_batches_of_epoch"))
        self.seconds_elapsed = self.state.seconds
        self.stop_reason, self.stopped_by = "not trained since it was restored", None
        self.computed = set(_names(state_dict.get("computed")))
        self.owed = set(_names(state_dict.get("owed")))
        self._newest, self._failures = defaultdict(dict), {}
        self._history = read_history(log, read_int(state_dict, "n_logged"))
        self._best = _state(state_dict.get("best"))
        self._best_weights = read(state_dict, "best_weights") if self._best else None

    def _tell_changes(self, saved: Mapping[str, object]) -> None:
        told = [
            f"{name} was {saved.get(name)!r}, is {self.settings.get(name)!r}"
            for name in {**saved, **self.settings}
            if saved.get(name) != self.settings.get(name)
        ]
        if told:
            _log.warning("restore: the settings differ from the checkpoint's: %s", "; ".join(told))

    def _tell_other_loader(self, saved: object) -> None:
        if saved == self.n_batches_of_epoch:
            return
        if self.n_batches:
            _log.warning(
                "restore: train_loader has %d batches an epoch, the checkpoint was written after batch "
                "%d of %s: what is left of this epoch are other rows; give it the loader that it had, "
                "or go on from the end of an epoch: restore(epoch=%d)",
                *(self.n_batches_of_epoch, self.n_batches, saved, self.state.n_epochs_elapsed),
            )
        else:
            _log.warning(
                "restore: train_loader has %s batches an epoch, the checkpoint was written with %s: other "
                "rows or another batch size; for a new run name another run folder",
                *(self.n_batches_of_epoch, saved),
            )


def _state(saved: object) -> RunState | None:
    match items_of(saved):
        case None if saved is None:
            return None
        case [int(epoch), int(step)]:
            return RunState(n_epochs_elapsed=epoch, n_steps=step, scores={})
        case _:
            raise CheckpointError(
                f'checkpoint: "best" is {saved!r}, expected an epoch and a step; load a checkpoint '
                "that this version wrote"
            )


def _plain_names(names: set[ResultName]) -> list[tuple[str, str]]:
    return [(kind.value, name) for kind, name in sorted(names, key=str)]


def _names(saved: object) -> Iterator[ResultName]:
    for entry in saved if is_list(saved) else ():
        match items_of(entry):
            case [str(kind), str(name)] if kind in {each.value for each in ResultKind}:
                yield ResultKind(kind), name
            case _:
                raise CheckpointError(
                    f'checkpoint: "computed" has {entry!r}, expected a kind of result and a name; '
                    "load a checkpoint that this version wrote"
                )
