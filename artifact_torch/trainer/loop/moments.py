"""One moment of a run: what happens between two updates, always in one order."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import final

from artifact_torch.contracts import (
    AnyStep,
    Checkpointer,
    Failure,
    ModelTracker,
    Moment,
    Result,
    RunState,
)
from artifact_torch.internal.arguments import answer
from artifact_torch.routines import Validation
from artifact_torch.routines.binding import averaging
from artifact_torch.stopping.scores import decided, monitored_names
from artifact_torch.tracking.recorder import RunRecorder
from artifact_torch.trainer.loop.hooks import Hooks
from artifact_torch.trainer.run import Run


@final
class Moments:
    """Step callbacks and due routines, history, tracking clients, schedule, best weights,
    checkpoint, hooks. The stoppers, which come last, are the trainer's.
    """

    def __init__(
        self,
        step: AnyStep,
        run: Run,
        *,
        validation: Validation,
        recorders: Sequence[RunRecorder],
        best: ModelTracker[RunState] | None,
        checkpointer: Checkpointer | None,
        state: Callable[[], Mapping[str, object]],
        hooks: Hooks,
    ) -> None:
        self._step = step
        self._run = run
        self._validation = validation
        self._recorders = recorders
        self._best = best
        self._checkpointer = checkpointer
        self._state = state
        self._hooks = hooks
        self.is_saved: bool = False
        """Whether the newest checkpoint is that of this moment."""
        self._left: list[Callable[[], object]] = []
        self._at = 0
        self._results: list[Result | Failure] = []

    def at(self, moment: Moment) -> RunState:
        """All that `moment` brings about."""
        self._run.lap("training")
        state = self._compute(moment)
        self._left += [
            partial(self._step.after_scores, state.scores, moment),
            partial(self._keep_if_best, state),
            partial(self._save_if_due, moment),
            *([partial(self._tell, state)] if moment.ends_epoch else []),
        ]
        self.finish()
        self._run.lap("rest")
        return state

    def finish(self) -> None:
        """What is left of a moment that is recorded; it is more than nothing after an error."""
        while self._left:
            self._left[0]()
            self._left = self._left[1:]

    def forget(self) -> None:
        """The run was restored: what was left of a moment, and its checkpoint, are another run's."""
        self._left, self._results, self.is_saved = [], [], False

    def end_run(self, moment: Moment) -> RunState:
        """What the last moment left out, and a checkpoint if it made none."""
        state = self._compute(moment)
        if set(monitored_names(self._best)) & state.scores.keys():
            self._left.append(partial(self._keep_if_best, state))
        self.finish()
        if self._checkpointer is not None and not self.is_saved:
            self._save(self._checkpointer, moment)
        return state

    def _compute(self, moment: Moment) -> RunState:
        """What is due and not computed yet, recorded."""
        computed = self._run.computed if moment.ends_run else ()
        if self._at != moment.step:
            self._at, self._results = moment.step, []
        # what was computed here before an error is not asked for again: it may forget what it told
        done = [(each.kind, each.name) for each in self._results]
        self._validation.run(moment, computed={*computed, *done}, into=self._results)
        results, self._results = self._results, []
        self._run.lap("validation")
        state = self._run.record(moment, results)
        if results or not moment.ends_run:
            self.is_saved = False
        self._left = [partial(each.record, results, moment) for each in self._recorders]
        return state

    def _keep_if_best(self, state: RunState) -> None:
        best = self._best
        if best is not None and decided(f"{type(best).__name__}.is_best", best.is_best, state):
            with averaging(self._step):
                self._run.keep_best(self._step.model)

    def _tell(self, state: RunState) -> None:
        self._left = []  # a hook that raises has had its turn: it may mean to end the run here
        self._hooks.on_epoch_end(state)

    def _save_if_due(self, moment: Moment) -> None:
        checkpointer = self._checkpointer
        if checkpointer is not None and answer(checkpointer.is_due(moment), "checkpointer.is_due"):
            self._save(checkpointer, moment)

    def _save(self, checkpointer: Checkpointer, moment: Moment) -> None:
        checkpointer.save(moment, self._state())
        self.is_saved = True
