"""What happens around the batches: from the first of a call of `train()` to the end of it."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Generic, final

from artifact_torch.checkpoints.state import state_of
from artifact_torch.contracts import (
    Clocked,
    EarlyStopper,
    Ending,
    InT,
    ModelTracker,
    Moment,
    OutT,
    RunState,
    TrainingStep,
    Windowed,
)
from artifact_torch.data import CheckedSource
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed, is_agreed
from artifact_torch.internal.listening import warnings_heard
from artifact_torch.internal.ranks import ranks, told
from artifact_torch.models.with_forward import model_name
from artifact_torch.parallel.rows import part_of
from artifact_torch.run_folder.warned import MAX_WARNINGS
from artifact_torch.stepping.update.loss import described_batch
from artifact_torch.trainer.checks.devices import require_device
from artifact_torch.trainer.checks.movement import Movement, PreparedModes
from artifact_torch.trainer.checks.parts import bounds, require_counting
from artifact_torch.trainer.display.introduction import introduced
from artifact_torch.trainer.display.progress import Progress, say_nothing_was_left, summarize
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.trainer.loop.clock import Clock
from artifact_torch.trainer.loop.hooks import Hooks
from artifact_torch.trainer.loop.keeper import Keeper
from artifact_torch.trainer.loop.late import Late
from artifact_torch.trainer.loop.moments import Moments
from artifact_torch.trainer.loop.onlookers import Onlookers
from artifact_torch.trainer.loop.signals import Asked, Signals, ended_by, left_by_signals
from artifact_torch.trainer.ranks.together import Ended, Together
from artifact_torch.trainer.remembered import INTERRUPTED
from artifact_torch.trainer.run import Run
from artifact_torch.trainer.state import WholeState
from artifact_torch.validation.elsewhere import Elsewhere
from artifact_torch.validation.rounds import Validation
from artifact_torch.validation.watched import watched_by

_log = logging.getLogger("artifact_torch")

_BESIDE_S = 20.0
"""For what is computed beside a run that ends by an error or a signal."""


@final
class Session(Generic[InT, OutT]):
    """The batches of an epoch, what is due between two of them, the ends of epochs and of the run.

    Counts the batches whose update is complete, so that an interrupted epoch goes on.
    """

    def __init__(
        self,
        step: TrainingStep[InT, OutT],
        source: CheckedSource[InT],
        *,
        run: Run,
        state: WholeState,
        validation: Validation,
        elsewhere: Elsewhere,
        late: Late,
        onlookers: Onlookers[InT, OutT],
        best: ModelTracker[RunState] | None,
        hooks: Hooks,
        keeper: Keeper,
        signals: Signals,
        sanity: bool,
        progress: Mode,
        together: Together | None,
    ) -> None:
        self._step = step
        self._source = source
        self._run = run
        run.n_batches_of_epoch = len(source)
        self._state = state
        self._validation = validation
        self._onlookers = onlookers
        self._moments = Moments(
            step,
            run,
            validation=validation,
            elsewhere=elsewhere,
            keeper=keeper,
            best=best,
            late=late,
            state=state,
            hooks=hooks,
            signals=signals,
        )
        self._pending, self._elsewhere = self._moments.pending, elsewhere
        self._pending.check = self._check_signals
        elsewhere.tell = self._wake
        self._best, self._late = best, late
        self._hooks = hooks
        self._keeper = keeper
        self._signals = signals
        self._part = part_of(step)
        self._together = together
        self._wants_sanity = sanity
        self.is_running: bool = False
        """Whether a call of `train()` changes the weights."""
        self._mode: Mode = progress if ranks().is_first else False
        self._modes = PreparedModes(step.model)
        self._have_all_saved: bool = False
        """At the signal that ended this call."""
        self._movement: Movement | None = None
        self._n_counted, self._n_loaded, self._began_at = step.n_steps, 0, (0, 0)
        self._is_new = step.n_steps == 0
        self._is_torn = step.n_steps > 0  # by whoever used the step before

    def stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        """These end it from now on."""
        self._state.stop_by(stop)
        self._bounds = bounds(stop)
        deciding = [each for each in (*stop, self._best) if not self._late.takes(each)]
        self._elsewhere.waits = watched_by(deciding, self._step, self._hooks.all)
        within_epochs = [self._validation, self._keeper.checkpointer, *stop]
        self._clock = Clock(
            [each for part in within_epochs if isinstance(part, Clocked) for each in part.cadences],
            self._onlookers.cadences,
            now=perf_counter if self._together is None else self._together.now,
            is_shared=self._together is not None,
        )

    def forget(self) -> None:
        """The run was restored."""
        self._moments.forget()
        self._keeper.forget()
        self._n_counted = self._step.n_steps

    def should_stop(self) -> bool:
        """Whether a stopper says so here."""
        return self._state.should_stop()

    def batches(self) -> Iterator[InT]:
        """What is left of the epoch in progress. Before a batch is loaded: what is due between the
        two updates, with which training may end.
        """
        step, clock, n_batches = self._step, self._clock, len(self._source)
        self._n_counted, self._n_loaded = step.n_steps, self._run.n_batches
        self._began_at = self._n_counted, self._n_loaded
        batches = self._source.batches(self._run.epoch, self._n_loaded, self._part)
        if self._is_new and self._progress.is_heard:
            batches = self._introduced(batches)  # before there are hooks
        self._onlookers.begin_epoch(self._run.epoch)
        self._look_up(is_within=0 < self._n_loaded < n_batches)
        if self._run.stopped_by:
            return
        for loaded in batches:
            self._n_loaded += 1
            yield loaded
            self._count()
            if step.n_steps >= clock.alarm and self._n_loaded < n_batches:
                self._look_up()
                if self._run.stopped_by:
                    break

    def _introduced(self, batches: Iterator[InT]) -> Iterator[InT]:
        """Before the first of a run."""
        is_alone = self._together is None
        summary, batches = introduced(self._step.model, batches, is_alone=is_alone)
        self._progress.say(str(summary))
        self._keeper.add_forward(summary.forward)
        self._is_new = False
        return batches

    def _count(self) -> None:
        """Batches are done with where their update is complete: the step has counted on."""
        if self._step.n_steps != self._n_counted:
            self._n_counted, self._run.n_batches = self._step.n_steps, self._n_loaded

    def _look_up(self, *, is_within: bool = True) -> None:
        """At an alarm, between two updates: what is due here, within an epoch, and who looks at the
        next update.
        """
        n_steps, run, clock = self._step.n_steps, self._run, self._clock
        if run.n_batches != self._n_loaded:  # a signal called, in the middle of a window
            return
        self._check_signals()
        self._pending.settle()
        self._show_loss(run.epoch, run.n_batches)
        moment = clock.moment(n_steps, run.state.n_epochs_elapsed) if is_within else None
        if moment is not None:
            self._onlookers.leave_update()
            self._progress.moment(moment, self._moments.at(moment).scores)
            if self._state.should_stop():
                return
        is_watched = self._onlookers.begin_update(
            n_steps + 1, clock.updates_at(n_steps + 1), wants_loss=clock.ticks()
        )
        clock.wind(n_steps, is_watched=is_watched)
        self._signals.check()  # one that came before the clock was wound

    def note_failure(self, error: Exception, batch: object, *, step: int) -> None:
        """Where an update failed and over what, in words and in the run folder."""
        error.add_note(f"in epoch {self._run.epoch}, step {step}: {described_batch(batch)}")
        self._keeper.keep_failure(
            error, batch, step=step, epoch=self._run.epoch, n_batch=self._n_loaded
        )

    def end_epoch(self) -> None:
        """After the last batch, unless training ended before."""
        if self._run.stopped_by:
            return
        epoch, (n_steps, n_batches) = self._run.epoch, self._began_at
        if self._run.ended_epoch != epoch:  # else an error came after it
            self._step.end_epoch()
            self._keeper.end_epoch()
            self._run.ended_epoch = epoch
        self._onlookers.leave()
        self._n_counted, self._run.n_batches = self._step.n_steps, self._n_loaded
        if self._n_loaded > n_batches:
            require_counting(self._step, n_steps, epoch)
        if self._together is not None:
            self._together.look()
        moment = self._clock.end_of_epoch(self._step.n_steps, epoch)
        state = self._moments.at(moment)
        if self._movement is not None:
            self._movement.after(epoch, self._step.n_steps)
        self._progress.moment(moment, state.scores)
        self._show_loss(epoch, self._n_loaded)
        self._signals.check()

    def _check_signals(self) -> None:
        """Where all of a run are; raises `Asked` where one came to any of them."""
        if self._together is not None:
            self._together.look()
        self._signals.check()

    def _wake(self) -> None:
        """A signal came: the loop looks up after the update in progress."""
        if self._together is None:  # else all look up at one step
            self._clock.alarm = 0

    def _show_loss(self, epoch: int, n_batches: int) -> None:
        """That of the newest batch, where it was asked for."""
        loss = self._onlookers.loss
        if loss is not None and self._mode is not False:
            self._progress.batches(epoch, n_batches, loss, step=self._step.n_steps)

    def end_run(self) -> None:
        """What the last moment left out."""
        if self._run.state.n_steps > 0:
            self._run.seconds_elapsed = self._clock.seconds
            moment = self._run.moment(ends_run=True)
            self._progress.moment(moment, self._moments.end_run(moment).scores)

    @contextmanager
    def running(self) -> Generator[None]:
        """One call of `train()`: it goes on where the run folder stands, and all that was recorded
        is written and told, whatever ends it.
        """
        with (
            self._signals.heard(self._wake),
            self._all() as ended,
            self._keeper.held(),
            warnings_heard(self._warn),
        ):
            goes_on = self._continue()
            if self._together is not None:
                self._together.check()
            require_device(self._step.model, self._step.device)
            if self._is_torn:  # what an interruption left pending goes
                if isinstance(self._step, Windowed):
                    self._step.drop_window()
                self._step.load_state_dict(state_of(self._step))
            self._is_torn, state = True, self._run.state
            self._modes.train()
            self._progress = Progress(self._mode, len(self._source), *self._bounds)
            self._pending.tell, self._pending.show = self._progress.moment, self._progress.waiting
            if goes_on:
                self._progress.say(goes_on)
            self._start_clock()
            how: Ending = "failed"
            self._have_all_saved = False
            self.is_running = True
            try:
                with self._told(), ended():
                    self._keeper.begin(self._place())
                    self._moments.finish()
                    self._pending.redo(self._run.moment(), self._signals.interrupting)
                    self._begin()
                    yield
                how = "finished"
                self._is_torn = False
                if self._run.state is state:
                    say_nothing_was_left(self._run)
            except (KeyboardInterrupt, SystemExit):
                how = "killed"
                raise
            finally:
                try:
                    self._onlookers.leave()  # hooks of anybody's, which may raise
                finally:
                    self._end(how)
                    self.is_running = False
            with left_by_signals():
                self._check_signals()  # one that came when all was done

    def asked(self, call: str) -> AbstractContextManager[None]:
        """One `call` beside `train()`, of all processes; in a call of it, which is watched, that part."""
        if self._together is None or self.is_running:
            return nullcontext()
        return self._together.asked(call)

    def _all(self) -> AbstractContextManager[Ended]:
        """One call of `train()`, of all processes: where another raised, that is what this one raises."""
        return nullcontext(nullcontext) if self._together is None else self._together.running()

    def _continue(self) -> str:
        """A trainer that has done nothing yet takes what its run folder holds; from where it goes on
        in words, none where nothing is there.
        """
        state = self._keeper.continued()
        if state is None:
            return ""
        try:
            self._state.load_state_dict(state)
        except CheckpointError as error:
            refused = CheckpointError(
                f"{self._keeper.place}: holds a run that this trainer cannot go on with; name another "
                f"run folder for a new one, or build the trainer as it was built then:\n{error}"
            )
            raise (agreed(refused) if is_agreed(error) else refused) from error
        self.forget()
        self._keeper.is_saved_at(self._step.n_steps)
        self._is_new, self._is_torn = False, False
        n_epochs, n_steps = self._run.state.n_epochs_elapsed, self._step.n_steps
        return f"{self._keeper.place}: goes on after epoch {n_epochs}, step {n_steps}"

    def _start_clock(self) -> None:
        state = self._run.state
        self._clock.start(
            self._step.n_steps,
            self._run.seconds_elapsed,
            told(self._progress.interval_s),
            last=(state.n_steps, state.seconds) if self._run.n_batches else None,
        )
        self._run.lap(None)

    @contextmanager
    def _told(self) -> Generator[None]:
        """Whatever ends a call is noted, and told to the hooks; where a signal asked for the end,
        the run is saved as it stands between two updates.
        """
        try:
            yield
        except Asked as asked:
            self._count()
            error = ended_by(asked)
            self._note(error, f"{asked}")
            if self._step.n_steps > 0:
                place = self._place()
                why = f"{asked} ended the run before it was computed"
                self._give_up(why, before=place.step, are_all_here=True)
                self._moments.finish()  # a wait was interrupted
                self._keeper.save(place)
                self._have_all_saved = True
            self._hooks.on_exception(error, self._run.state)
            raise error from None
        except BaseException as error:
            self._count()
            self._note(error)
            self._hooks.on_exception(error, self._run.state)
            raise

    def _place(self) -> Moment:
        """Where the run stands, which may be after its last moment."""
        if self._run.state.n_steps == self._step.n_steps:
            return self._run.moment()
        return Moment(
            epoch=self._run.state.n_epochs_elapsed,
            step=self._step.n_steps,
            seconds=self._clock.seconds,
            ends_epoch=False,
        )

    def _begin(self) -> None:
        """Before the first batch of a call; of a run that begins, more."""
        if self._step.n_steps == 0:
            self._movement = Movement(self._step.model)
            if self._wants_sanity:
                with self._state.unchanged():
                    self._validation.rehearse()
        self._hooks.on_start(self._step, self._run.state)

    def _warn(self, text: str) -> None:
        """From any thread: where the loop is, as nearly as that can be said."""
        n_epochs, run = self._run.state.n_epochs_elapsed, self._run
        seconds = self._clock.seconds if self.is_running else run.seconds_elapsed
        moment = Moment(epoch=n_epochs, step=self._step.n_steps, seconds=seconds, ends_epoch=False)
        if len(self._run.warned) < MAX_WARNINGS:
            self._run.warned.append(f"{moment}: {text}")
        self._keeper.warn(text, moment)

    def _give_up(self, why: str, *, before: int | None = None, are_all_here: bool) -> None:
        """What is computed beside is waited for a while, unless the run was finished with it; of several
        processes where `are_all_here`, at this place.
        """
        if self._pending.is_empty:
            return
        if self._together is not None and not are_all_here:
            self._pending.leave(why)
        else:
            self._progress.say("waiting for what is computed beside the training")
            self._pending.give_up(min(_BESIDE_S, self._signals.left_s / 2), why, before=before)

    def _end(self, how: Ending) -> None:
        """Whatever ends a call."""
        why = "the run ended before it was computed"
        try:
            self._give_up(why, are_all_here=self._have_all_saved)
        except Exception as error:  # noqa: BLE001  the error that ended the run is the one to see
            _log.error("beside the training: %s: %s", type(error).__name__, error, exc_info=error)
        except BaseException:  # a second Ctrl-C: nothing more is waited for
            self._pending.leave(why)
            raise
        finally:
            self._elsewhere.close()
            self._close(how)

    def _close(self, how: Ending) -> None:
        """All that was recorded is written and told."""
        self._run.seconds_elapsed = self._clock.seconds
        self._progress.close()
        self._run.lap("rest")
        self._keeper.end(how, self._run.stop_reason, self._place(), self._signals)
        self._run.lap("rest")
        summarize(self._progress, self._run, self._keeper.place, step=self._step)
        self._hooks.on_end(self._run.state)

    def _note(self, error: BaseException, signal: str = "") -> None:
        why = f": {error}" if str(error) else ""
        self._run.stop_reason = f"{INTERRUPTED}{signal or type(error).__name__ + why}"
        model = self._step.model
        dtypes = {str(each.dtype) for each in model.parameters()}
        error.add_note(
            f"after {self._run.state.n_epochs_elapsed} completed epochs and {self._step.n_steps} "
            f"updates of the training of {model_name(model)}, whose parameters are "
            f"{', '.join(sorted(dtypes))}"
        )
