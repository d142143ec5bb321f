"""The trainer: composed of parts that satisfy contracts, never inherited."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Generic, final

from artifact_torch.checkpoints.state import state_of
from artifact_torch.contracts import (
    Averaged,
    BatchCallback,
    Batches,
    Checkpointer,
    Choosy,
    Clocked,
    EarlyStopper,
    InT,
    LoaderRoutine,
    ModelTracker,
    Moment,
    OutT,
    Planned,
    RunHook,
    RunState,
    StepCallback,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import CheckedSource, as_source, to_device
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.keywords import OF_TRAINERS, names_ours
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.settings import plain_settings
from artifact_torch.routines import BoundRoutine, Validation
from artifact_torch.stepping.loss import described_batch
from artifact_torch.tracking.recorder import RunRecorder
from artifact_torch.trainer.advice import check_advised
from artifact_torch.trainer.checks import (
    bounds,
    check_agreements,
    check_alone,
    check_options,
    check_parts,
    check_stop,
    require_counting,
    require_device,
)
from artifact_torch.trainer.clock import Clock
from artifact_torch.trainer.first_values import FirstValues
from artifact_torch.trainer.hooks import Hooks
from artifact_torch.trainer.moments import Moments
from artifact_torch.trainer.movement import Movement, PreparedModes
from artifact_torch.trainer.onlookers import Onlookers
from artifact_torch.trainer.progress import Progress, say_nothing_was_left, summarize
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.run import Run, copied
from artifact_torch.trainer.screen import Mode
from artifact_torch.trainer.state import WholeState
from artifact_torch.trainer.summary import summarize_model
from artifact_torch.trainer.use import Weights, by_name, check_restorable, evaluated_with


@final
class Trainer(Generic[InT, OutT]):
    """Trains, validates, checkpoints and tracks one model.

    The step brings the model, and with it the types that all other parts have to fit. They are
    checked here, before the first batch, in one error; the values of the first three steps against
    the typed dicts that the parts declare, with `debug` those of every step. Training ends with the
    first of `stop` that says so. `fixed_dimensions` are names in jaxtyping annotations that keep
    one size over the whole run. With `sanity`, each routine runs over one batch before the first
    step, so that one that fails does so at once. `progress` is a bar on a terminal and in a
    notebook, else lines; "bar", "lines" and False say it. `settings`, a dataclass or a dict, are
    kept with the run and sent to the clients: hyper-parameters.
    """

    @names_ours(**OF_TRAINERS)
    def __init__(
        self,
        step: TrainingStep[InT, OutT],
        /,
        *,
        train_loader: Batches[InT],
        stop: Sequence[EarlyStopper[RunState]],
        best: ModelTracker[RunState] | None = None,
        checkpointer: Checkpointer | None = None,
        callbacks: Sequence[BatchCallback[InT, OutT] | StepCallback] | SolvedLast[InT, OutT] = (),
        routines: Sequence[LoaderRoutine[InT, OutT] | BoundRoutine] | SolvedLast[InT, OutT] = (),
        hooks: Sequence[RunHook] = (),
        tracking_clients: Sequence[TrackingClient] = (),
        settings: object = None,
        validation_seed: int = 0,
        fixed_dimensions: Sequence[str] = (),
        debug: bool = False,
        sanity: bool = True,
        progress: Mode = "auto",
    ) -> None:
        check_options(
            stop,
            {
                "callbacks": callbacks,
                "routines": routines,
                "hooks": hooks,
                "tracking_clients": tracking_clients,
                "fixed_dimensions": fixed_dimensions,
            },
            validation_seed,
            {"debug": debug, "sanity": sanity},
            progress,
        )
        source = as_source(train_loader, "train_loader")
        places = check_parts(
            step,
            train_loader=source,
            stop=stop,
            best=best,
            checkpointer=checkpointer,
            callbacks=callbacks,
            routines=routines,
            hooks=hooks,
            tracking_clients=tracking_clients,
        )
        check_alone(step.model)
        self._step = step
        self._device = step.device
        self._train_loader = CheckedSource(source, "train_loader")
        self._values = FirstValues(step, places, fixed={*fixed_dimensions}, debug=debug)
        self._first_updates = self._values.of_updates
        self._validation = Validation(
            step,
            callbacks=[each for each in callbacks if isinstance(each, StepCallback)],
            routines=[self._values.bound(routine) for routine in routines],
            seed=validation_seed,
        )
        if isinstance(step, Planned):
            step.plan(len(self._train_loader), *bounds(stop))
        check_agreements(self._validation, self._train_loader, (*stop, best, step))
        self._onlookers = Onlookers[InT, OutT](callbacks, step.device)
        self._hooks = Hooks(hooks)
        self._recorders = [RunRecorder(client) for client in tracking_clients]
        self._run = Run({} if settings is None else plain_settings(settings))
        beside = {"callbacks": callbacks, "routines": routines, "hooks": hooks}
        listed = [(name, each) for name, parts in beside.items() for each in parts]
        saved = [("train_loader", train_loader), ("best", best), *listed]
        self._state = WholeState(step, self._run, saved)
        self._checkpointer = checkpointer
        self._moments = Moments(
            step,
            self._run,
            validation=self._validation,
            recorders=self._recorders,
            best=best,
            checkpointer=checkpointer,
            state=self._state.state_dict,
            hooks=self._hooks,
        )
        self._stop_by(stop)
        self._modes = PreparedModes(step.model)
        self._movement: Movement | None = None
        self._progress_mode: Mode = progress
        self._seed = validation_seed
        self._wants_sanity = sanity
        self._n_counted, self._n_loaded, self._began_at = step.n_steps, 0, (0, 0)
        self._ended_epoch = 0
        """Whose end the step was told."""
        self._is_torn = step.n_steps > 0  # by whoever used the step before

    def train(self, *, stop: Sequence[EarlyStopper[RunState]] = ()) -> TrainingResult:
        """Train until a stopper says so; called again, it continues. `stop` takes the place of the
        trainer's own stoppers, in later calls too.

        An epoch: batches, then a moment. A moment: step callbacks, due routines, history, tracking
        clients, schedule, best weights, checkpoint, stoppers; within an epoch too, where a cadence
        in steps or minutes says so. After the last: what the last moment left out. Whatever ends
        it, an exception and Ctrl-C included, all that was recorded reaches the clients; called
        again, it goes on with the first batch whose update was not complete, `restore()` goes back
        to the newest checkpoint.
        """
        if stop != ():
            check_stop(stop, self._validation.result_names)
            self._stop_by(stop)
        with self._running() as progress:
            while not self._state.should_stop():
                for loaded in self._batches(progress):
                    batch, n_steps = to_device(loaded, self._device), self._step.n_steps
                    try:
                        output = self._first_updates.call(batch)
                        if self._onlookers.is_looking:
                            self._onlookers.see(n_steps + 1, batch, output)
                    except Exception as error:
                        where = f"epoch {self._run.epoch}, step {n_steps + 1}"
                        error.add_note(f"in {where}: {described_batch(batch)}")
                        raise
                    del output  # its memory is free for the next one
                if not self._run.stopped_by:
                    self._end_epoch(progress)
            self._end_run(progress)
        return self.result

    @property
    def result(self) -> TrainingResult:
        """The outcome so far; after an interrupted `train()` too. Copies the weights."""
        average = None
        if isinstance(self._step, Averaged):
            with self._step.averaged():
                average = copied(self._step.model)
        return self._run.result(
            self._step.model, n_steps=self._step.n_steps, averaged=average, folder=self._run_folder
        )

    @property
    def _run_folder(self) -> str | None:
        folders = (recorder.run_folder for recorder in self._recorders)
        return next(filter(None, folders), None)

    def evaluate(
        self, routine: LoaderRoutine[InT, OutT], /, *, weights: Weights = "last"
    ) -> Mapping[str, object]:
        """The results of one pass over a loader by name, by the weights as they are or the best.

        `evaluate(DataLoaderRoutine(test_loader, scores=[...]), weights="best")`. Nothing is
        recorded, and the training goes on as if nothing had been asked.
        """
        check_advised(
            [
                ("step", self._step, TrainingStep[InT, OutT]),
                ("routine", routine, LoaderRoutine[InT, OutT]),
            ]
        )
        with self._evaluating(weights):
            bound = self._values.bound(routine)
            return by_name(bound.compute(bound.result_names, self._moment()), "evaluate")

    def predict(self, loader: Batches[InT], /, *, weights: Weights = "last") -> list[OutT]:
        """The output for each batch of one pass, on the step's device: all at once in memory."""
        with self._evaluating(weights):
            source = CheckedSource(as_source(loader, "loader"), "loader")
            return [
                self._step.evaluate(to_device(each, self._device)) for each in source.batches(1)
            ]

    def rehearse(self) -> Mapping[str, object]:
        """Two batches of training and one of each routine, all artifacts, a checkpoint that is
        written and restored, in a temporary folder; the results by name. All is as before after.

        Takes seconds, and finds what else would fail hours later. Clients are not told.
        """
        with self._state.given_back():
            self._onlookers.begin_epoch(self._run.epoch)
            self._onlookers.begin_update(None, wants_loss=False)
            for loaded in islice(self._train_loader.batches(self._run.epoch), 2):
                batch, n_steps = to_device(loaded, self._device), self._step.n_steps
                self._onlookers.see(n_steps + 1, batch, self._first_updates.call(batch))
            self._step.end_epoch()
            self._onlookers.leave()
            results = self._validation.run(self._moment(ends_run=True, is_rehearsal=True))
            check_restorable(self._state)
            return by_name(results, "rehearse")

    def restore(self, *, epoch: int | None = None, step: int | None = None) -> RunState:
        """Continue from the checkpoint at the end of `epoch`, or after `step`, or from the newest.

        Returns where that is. Raises `CheckpointError` if it is missing or belongs to another model
        or composition.
        """
        if self._checkpointer is None:
            raise ConfigurationError(
                "restore: this trainer has no checkpointer; build it with checkpointer="
                "FolderCheckpointer(folder, every=...)"
            )
        state: object = self._checkpointer.load(epoch=epoch, step=step)
        if not is_state_dict(state):
            raise CheckpointError(
                f"{type(self._checkpointer).__name__}.load: got {shown(state)}, expected what "
                "save was given; return that dict"
            )
        self.load_state_dict(state)
        return self._run.state

    def state_dict(self) -> Mapping[str, object]:
        """Everything the run needs to continue: what `restore` reads back."""
        return self._state.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises `CheckpointError` if it does not fit, and leaves all
        as it was.
        """
        self._state.load_state_dict(state_dict)
        self._moments.forget()
        self._n_counted, self._ended_epoch = self._step.n_steps, 0

    def _stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        self._state.stop_by(stop)
        self._bounds = bounds(stop)
        within_epochs = [self._validation, self._checkpointer, *stop]
        self._clock = Clock(
            [each for part in within_epochs if isinstance(part, Clocked) for each in part.cadences],
            self._onlookers.cadences,
        )

    def _batches(self, progress: Progress) -> Iterator[InT]:
        """What is left of the epoch in progress. Before a batch is loaded: what is due between the
        two updates, with which training may end.
        """
        step, clock, n_batches = self._step, self._clock, len(self._train_loader)
        self._n_counted, self._n_loaded = step.n_steps, self._run.n_batches
        self._began_at = self._n_counted, self._n_loaded
        self._onlookers.begin_epoch(self._run.epoch)
        self._look_up(progress, is_within=0 < self._n_loaded < n_batches)
        if self._run.stopped_by:
            return
        for loaded in self._train_loader.batches(self._run.epoch, self._n_loaded):
            self._n_loaded += 1
            yield loaded
            self._count()
            if step.n_steps >= clock.alarm and self._n_loaded < n_batches:
                self._look_up(progress)
                if self._run.stopped_by:
                    break

    def _count(self) -> None:
        """Batches are done with where their update is complete: the step has counted on."""
        if self._step.n_steps != self._n_counted:
            self._n_counted, self._run.n_batches = self._step.n_steps, self._n_loaded

    def _look_up(self, progress: Progress, *, is_within: bool = True) -> None:
        """At an alarm, between two updates: what is due here, within an epoch, and who looks at the
        next update.
        """
        n_steps, run, clock = self._step.n_steps, self._run, self._clock
        if self._onlookers.loss is not None:
            progress.batches(run.epoch, run.n_batches, self._onlookers.loss, step=n_steps)
        moment = clock.moment(n_steps, run.state.n_epochs_elapsed) if is_within else None
        if moment is not None:
            self._onlookers.leave_update()
            progress.moment(moment, self._moments.at(moment).scores)
            if self._state.should_stop():
                return
        is_watched = self._onlookers.begin_update(
            clock.updates_at(n_steps + 1), wants_loss=clock.ticks()
        )
        clock.wind(n_steps, is_watched=is_watched)

    def _end_epoch(self, progress: Progress) -> None:
        epoch, (n_steps, n_batches) = self._run.epoch, self._began_at
        if self._ended_epoch != epoch:  # else an error came after it
            self._step.end_epoch()
            self._ended_epoch = epoch
        self._onlookers.leave()
        self._n_counted, self._run.n_batches = self._step.n_steps, self._n_loaded
        if self._n_loaded > n_batches:
            require_counting(self._step, n_steps, epoch)
        moment = self._clock.end_of_epoch(self._step.n_steps, epoch)
        state = self._moments.at(moment)
        if self._movement is not None:
            self._movement.after(epoch, self._step.n_steps)
        progress.moment(moment, state.scores)

    def _end_run(self, progress: Progress) -> None:
        if self._run.state.n_steps > 0:
            self._run.seconds_elapsed = self._clock.seconds
            moment = self._moment(ends_run=True)
            progress.moment(moment, self._moments.end_run(moment).scores)

    def _moment(self, *, ends_run: bool = False, is_rehearsal: bool = False) -> Moment:
        """Where the run is, outside of its loop."""
        state = self._run.state
        return Moment(
            epoch=state.n_epochs_elapsed,
            step=state.n_steps,
            seconds=self._run.seconds_elapsed,
            ends_epoch=state.ends_epoch,
            ends_run=ends_run,
            is_rehearsal=is_rehearsal,
        )

    def _evaluating(self, weights: Weights) -> AbstractContextManager[None]:
        return evaluated_with(self._step, weights, self._run.best_weights, self._seed)

    @contextmanager
    def _running(self) -> Generator[Progress]:
        require_device(self._step.model, self._device)
        if self._is_torn:  # what an interruption left pending goes
            self._step.load_state_dict(state_of(self._step))
        self._is_torn, state = True, self._run.state
        self._modes.train()
        progress = Progress(self._progress_mode, len(self._train_loader), *self._bounds)
        self._clock.start(
            self._step.n_steps,
            self._run.seconds_elapsed,
            progress.interval_s,
            last=(state.n_steps, state.seconds) if self._run.n_batches else None,
        )
        self._run.lap(None)
        try:
            self._moments.finish()
            self._begin(progress)
            yield progress
        except BaseException as error:
            self._count()
            self._note(error)
            self._hooks.on_exception(error, self._run.state)
            raise
        else:
            self._is_torn = False
            if self._run.state is state:
                say_nothing_was_left(self._run)
        finally:
            self._onlookers.leave()
            self._run.seconds_elapsed = self._clock.seconds
            progress.close()
            for recorder in self._recorders:
                recorder.drain()
            self._run.lap("rest")
            summarize(progress, self._run, self._run_folder)
            self._hooks.on_end(self._run.state)

    def _begin(self, progress: Progress) -> None:
        if self._step.n_steps == 0:
            progress.say(str(summarize_model(self._step.model)))
            self._movement = Movement(self._step.model)
            if isinstance(self._checkpointer, Choosy):
                self._checkpointer.require_savable(self._state.state_dict())
            if self._wants_sanity:
                with self._state.unchanged():
                    self._validation.rehearse()
            for recorder in self._recorders:
                recorder.record_settings(self._run.settings)
        self._hooks.on_start(self._step, self._run.state)

    def _note(self, error: BaseException) -> None:
        why = f": {error}" if str(error) else ""
        self._run.stop_reason = f"interrupted by {type(error).__name__}{why}"
        model = self._step.model
        dtypes = {str(each.dtype) for each in model.parameters()}
        error.add_note(
            f"after {self._run.state.n_epochs_elapsed} completed epochs and {self._step.n_steps} "
            f"updates of the training of {type(model).__name__}, whose parameters are "
            f"{', '.join(sorted(dtypes))}"
        )
