"""One moment of a run: what happens between two updates, always in one order."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import final

from artifact_torch.contracts import (
    AnyStep,
    Failure,
    ModelTracker,
    Moment,
    Result,
    RunState,
)
from artifact_torch.internal.agreement import by_all
from artifact_torch.routines.binding import averaging
from artifact_torch.routines.results import Computed
from artifact_torch.stopping.scores import decided, monitored_names
from artifact_torch.trainer.loop.hooks import Hooks
from artifact_torch.trainer.loop.keeper import Keeper
from artifact_torch.trainer.loop.late import Late
from artifact_torch.trainer.loop.pending import Pending
from artifact_torch.trainer.loop.signals import Asked, Signals
from artifact_torch.trainer.run import Run
from artifact_torch.trainer.state import WholeState
from artifact_torch.trainer.weights import copied
from artifact_torch.validation.elsewhere import Elsewhere
from artifact_torch.validation.rounds import Validation


@final
class Moments:
    """Step callbacks and due routines, history, record and clients, schedule, best weights, hooks,
    checkpoint. The stoppers, which come last, are the trainer's.
    """

    def __init__(
        self,
        step: AnyStep,
        run: Run,
        *,
        validation: Validation,
        elsewhere: Elsewhere,
        keeper: Keeper,
        best: ModelTracker[RunState] | None,
        late: Late,
        state: WholeState,
        hooks: Hooks,
        signals: Signals,
    ) -> None:
        self._step = step
        self._run = run
        self._validation = validation
        self._elsewhere = elsewhere
        self._keeper = keeper
        self._best = best if late.best is None else None
        self._state = state
        self._hooks = hooks
        self._signals = signals
        self.pending: Pending = Pending(
            run,
            keeper=keeper,
            validation=validation,
            elsewhere=elsewhere,
            late=late,
            weights=self._weights,
        )
        self._left: list[Callable[[], object]] = []
        self._at = 0
        self._results: list[Result | Failure] = []

    def at(self, moment: Moment) -> RunState:
        """All that `moment` brings about."""
        self._run.lap("training")
        self.pending.settle()
        state = self._compute(moment)
        self._left += [
            self.pending.wait_for_rounds,
            partial(self._step.after_scores, state.scores, moment),
            partial(self._keep_if_best, state),
            partial(self._tell_and_save, moment, state)
            if moment.ends_epoch
            else partial(self._save_if_due, moment),
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
        """The run was restored: what was left of a moment is another run's."""
        self._left, self._results = [], []
        self.pending.forget()

    def end_run(self, moment: Moment) -> RunState:
        """What the last moment left out, and a checkpoint if it made none."""
        with self._whole_or_not_at_all():
            self._results = [*self._computed(moment)]  # kept where the wait raises
            self.pending.wait()
        results, self._results = self._results, []
        state = self._recorded(moment, results)
        if set(monitored_names(self._best)) & state.scores.keys():
            self._left.append(partial(self._keep_if_best, state))
        self.finish()
        self._keeper.save(moment)
        return state

    def save(self, moment: Moment) -> None:
        """Save here, once all that came before is recorded."""
        self.pending.wait(before=moment.step)
        self._keeper.save(moment)

    def _save_if_due(self, moment: Moment) -> None:
        if self._keeper.is_save_due(moment):
            self.save(moment)

    def _compute(self, moment: Moment) -> RunState:
        """What is due and not computed yet, recorded."""
        return self._recorded(moment, self._computed(moment))

    def _computed(self, moment: Moment) -> Computed:
        computed = self._run.computed if moment.ends_run else ()
        if self._at != moment.step:
            self._at, self._results = moment.step, []
        # what was computed here before an error is not asked for again: it may forget what it told
        done = [(each.kind, each.name) for each in self._results]
        sent = [name for each in self._elsewhere.sent for name in each.due.names]
        with self._whole_or_not_at_all():
            self._validation.run(
                moment,
                computed={*computed, *done, *sent},
                into=self._results,
                within=self._signals.interrupting,
                send=self._elsewhere.send,
            )
        results, self._results = self._results, []
        self._run.lap("validation")
        return results

    def _recorded(self, moment: Moment, results: Computed) -> RunState:
        state = self._run.record(moment, results)
        self.pending.hold(moment, state, results)
        self._left = [self.pending.settle]
        return state

    @contextmanager
    def _whole_or_not_at_all(self) -> Generator[None]:
        """Where a signal interrupts a validation, what it changed is as before: it is saved, and the
        run goes on with all of that validation.
        """
        before = self._state.of_validation()
        try:
            yield
        except Asked:
            self._results = []
            self.pending.drop()
            self._state.put_back(before)
            raise

    def _keep_if_best(self, state: RunState) -> None:
        best = self._best
        if best is not None and by_all(
            lambda: decided(f"{type(best).__name__}.is_best", best.is_best, state)
        ):
            self._run.keep_best(self._weights(), self._run.state)
            self._keeper.keep_best(state)

    def _weights(self) -> dict[str, object]:
        with averaging(self._step):
            return copied(self._step.model)

    def _tell_and_save(self, moment: Moment, state: RunState) -> None:
        """A checkpoint has what the hooks made of their epoch. One that raises has had its turn: it may
        mean to end the run here.
        """
        self._left = [partial(self._save_if_due, moment)]
        try:
            self._hooks.on_epoch_end(state)
        finally:
            self.finish()
