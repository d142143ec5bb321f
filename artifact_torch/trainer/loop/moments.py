"""One moment of a run: what happens between two updates, always in one order."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from artifact_torch.contracts import (
    AnyStep,
    Checkpointer,
    ModelTracker,
    Moment,
    RunState,
)
from artifact_torch.internal.arguments import answer
from artifact_torch.routines import Validation
from artifact_torch.routines.binding import averaged
from artifact_torch.stopping.scores import decided, monitored_names
from artifact_torch.tracking.recorder import RunRecorder
from artifact_torch.trainer.run import Run


@final
class Moments:
    """Step callbacks and due routines, history, tracking clients, schedule, best weights,
    checkpoint. The stoppers, which come last, are the trainer's.
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
    ) -> None:
        self._step = step
        self._run = run
        self._validation = validation
        self._recorders = recorders
        self._best = best
        self._checkpointer = checkpointer
        self._state = state
        self.is_saved: bool = False
        """Whether the newest checkpoint is that of this moment."""

    def at(self, moment: Moment) -> RunState:
        """All that `moment` brings about."""
        self._run.lap("training")
        state = self._compute(moment)
        self._step.after_scores(state.scores, moment)
        self._keep_if_best(state)
        self.is_saved = False
        if self._checkpointer is not None and answer(
            self._checkpointer.is_due(moment), "checkpointer.is_due"
        ):
            self._save(self._checkpointer, moment)
        self._run.lap("rest")
        return state

    def end_run(self, moment: Moment) -> RunState:
        """What the last moment left out, and a checkpoint if it made none."""
        n_computed = len(self._run.computed)
        state = self._compute(moment)
        if set(monitored_names(self._best)) & state.scores.keys():
            self._keep_if_best(state)
        if self._checkpointer is not None and not (
            self.is_saved and len(self._run.computed) == n_computed
        ):
            self._save(self._checkpointer, moment)
        return state

    def _compute(self, moment: Moment) -> RunState:
        """What is due and not computed yet, recorded."""
        computed = self._run.computed if moment.ends_run else ()
        results = self._validation.run(moment, computed=computed)
        self._run.lap("validation")
        state = self._run.record(moment, results)
        for recorder in self._recorders:
            recorder.record(results, moment)
        return state

    def _keep_if_best(self, state: RunState) -> None:
        best = self._best
        if best is not None and decided(f"{type(best).__name__}.is_best", best.is_best, state):
            with averaged(self._step):
                self._run.keep_best(self._step.model)

    def _save(self, checkpointer: Checkpointer, moment: Moment) -> None:
        checkpointer.save(moment, self._state())
        self.is_saved = True
