"""The trainer: composed of parts that satisfy contracts, never inherited."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import partial
from typing import Generic, final

from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.checkpoints.state import StatefulParts, read, state_of
from artifact_torch.contracts import (
    BatchCallback,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    InT,
    LoaderRoutine,
    ModelTracker,
    Moment,
    OutT,
    RunState,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import CheckedSource, to_device
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.arguments import answer, described, shown
from artifact_torch.internal.keywords import OF_TRAINERS, names_ours
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.randomness import derived_seed, own_torch_rng
from artifact_torch.routines import BoundRoutine, Validation
from artifact_torch.stepping.loss import described_batch
from artifact_torch.stopping.scores import decided, monitored_names
from artifact_torch.tracking.recorder import RunRecorder
from artifact_torch.trainer.checks import (
    check_agreements,
    check_alone,
    check_options,
    check_parts,
    check_stop,
    require_counted,
    require_device,
)
from artifact_torch.trainer.first_values import Declared, FirstCalls, Movement, noting
from artifact_torch.trainer.progress import Progress, say_nothing_was_left, summarize
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.run import Run


@final
class Trainer(Generic[InT, OutT]):
    """Trains, validates, checkpoints and tracks one model.

    The step brings the model, and with it the types that all other parts have to fit. They are
    checked here, before the first batch, in one error; the values of the first three steps against
    the typed dicts that the parts declare, with `debug` those of every step. Training ends with the
    first of `stop` that says so. `fixed_dimensions` are names in jaxtyping annotations that keep
    one size over the whole run.
    """

    @names_ours(**OF_TRAINERS)
    def __init__(
        self,
        step: TrainingStep[InT, OutT],
        /,
        *,
        train_loader: BatchSource[InT],
        stop: Sequence[EarlyStopper[RunState]],
        best: ModelTracker[RunState] | None = None,
        checkpointer: Checkpointer | None = None,
        callbacks: Sequence[BatchCallback[InT, OutT]] | SolvedLast[InT, OutT] = (),
        routines: Sequence[LoaderRoutine[InT, OutT] | BoundRoutine] | SolvedLast[InT, OutT] = (),
        tracking_clients: Sequence[TrackingClient] = (),
        validation_seed: int = 0,
        fixed_dimensions: Sequence[str] = (),
        debug: bool = False,
        progress: bool = True,
    ) -> None:
        check_options(
            stop,
            {
                "callbacks": callbacks,
                "routines": routines,
                "tracking_clients": tracking_clients,
                "fixed_dimensions": fixed_dimensions,
            },
            validation_seed,
            {"debug": debug, "progress": progress},
        )
        places = check_parts(
            step,
            train_loader=train_loader,
            stop=stop,
            best=best,
            checkpointer=checkpointer,
            callbacks=callbacks,
            routines=routines,
            tracking_clients=tracking_clients,
        )
        check_alone(step.model)
        self._step = step
        self._module = step.model
        self._device = step.device
        self._train_loader = CheckedSource(train_loader, "train_loader")
        self._best = best
        self._checkpointer = checkpointer
        self._callbacks = tuple(callbacks)
        declare = partial(Declared, fixed={*fixed_dimensions}, sizes={})
        watching = [place for place in places if place[0] in {"step", "callbacks"}]
        self._first_updates = FirstCalls[InT, OutT](
            step.update, partial(declare, watching), debug=debug
        )

        def bound(routine: LoaderRoutine[InT, OutT] | BoundRoutine) -> BoundRoutine:
            if isinstance(routine, BoundRoutine):
                return routine
            reading = [places[0], ("routines", routine, LoaderRoutine[InT, OutT])]
            first = FirstCalls[InT, OutT](step.evaluate, partial(declare, reading), debug=debug)
            return BoundRoutine(
                routine,
                lambda names, moment: routine.run(
                    noting(first.call, f"in validation after epoch {moment.epoch}"),
                    step.device,
                    names,
                    moment,
                ),
                does="run",
            )

        all_bound = [bound(routine) for routine in routines]
        check_agreements(step.model, self._train_loader, all_bound, (*stop, best, step))
        self._validation = Validation(
            step.model, device=step.device, routines=all_bound, seed=validation_seed
        )
        self._beside_stop = [
            *((n, part) for n, part, _ in places if n in {"train_loader", "best", "callbacks"}),
            *(("routines", each) for each in routines),
        ]
        self._stop_by(stop)
        self._movement: Movement | None = None
        self._recorders = [RunRecorder(client) for client in tracking_clients]
        self._run = Run()
        self._before_stop: Mapping[str, object] = {}
        self._shows_progress = progress
        self._seed = validation_seed
        self._saved = False
        self._n_steps_before = 0
        self._is_torn = step.n_steps > 0  # by whoever used the step before

    def train(self, *, stop: Sequence[EarlyStopper[RunState]] = ()) -> TrainingResult:
        """Train until a stopper says so; called again, it continues. `stop` takes the place of the
        trainer's own stoppers, in later calls too.

        Per epoch: batches, due routines, history, tracking clients, schedule, best weights,
        checkpoint, stoppers. After the last: what the last epoch's routines left out. Whatever
        ends it, an exception and Ctrl-C included, all that was recorded reaches the clients. An
        epoch that was interrupted is not recorded: `train()` repeats it from the weights as they
        are, `restore()` goes back to the newest checkpoint.
        """
        if stop != ():
            check_stop(stop, self._validation.result_names)
            self._stop_by(stop)
            self._run.stopped_by = None
        with self._running() as progress:
            while not self._should_stop():
                epoch = self._run.state.n_epochs_elapsed + 1
                self._module.train()
                for loaded in self._train_loader.batches(epoch):
                    batch = to_device(loaded, self._device)
                    step = self._step.n_steps + 1
                    try:
                        output = self._first_updates.call(batch)
                    except Exception as error:
                        error.add_note(f"in epoch {epoch}, step {step}: {described_batch(batch)}")
                        raise
                    if self._callbacks:
                        with own_torch_rng(self._device, derived_seed(self._seed, step)):
                            for callback in self._callbacks:
                                callback.on_batch(step, batch, output)
                self._step.end_epoch()
                self._run.lap("training")
                state = self._validate(Moment(epoch=epoch, step=self._step.n_steps))
                self._end_epoch(epoch, state)
                progress.epoch(epoch, state.scores)
            self._end_run()
        return self.result

    @property
    def result(self) -> TrainingResult:
        """The outcome so far; after an interrupted `train()` too. Copies the weights."""
        return self._run.result(self._module, self._run_folder)

    @property
    def _run_folder(self) -> str | None:
        folders = (recorder.run_folder for recorder in self._recorders)
        return next(filter(None, folders), None)

    def restore(self, epoch: int | None = None) -> int:
        """Continue from the checkpoint of `epoch`, or the newest; returns its epoch.

        Raises `CheckpointError` if it is missing or belongs to another model or composition.
        """
        if self._checkpointer is None:
            raise ConfigurationError(
                "restore: this trainer has no checkpointer; build it with checkpointer="
                "FolderCheckpointer(folder, every=...)"
            )
        state: object = self._checkpointer.load(epoch)
        if not is_state_dict(state):
            raise CheckpointError(
                f"{type(self._checkpointer).__name__}.load: got {shown(state)}, expected what "
                "save was given; return that dict"
            )
        self.load_state_dict(state)
        return self._run.state.n_epochs_elapsed

    def state_dict(self) -> Mapping[str, object]:
        """Everything the run needs to continue: what `restore` reads back."""
        # stoppers as they were before they were asked about this epoch: a restored run asks again
        return {
            "run": self._run.state_dict(),
            "model": self._module.state_dict(),
            "step": state_of(self._step),
            "parts": {**self._parts.state_dict(), **self._before_stop},
            "rng": rng_state(self._device),
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises `CheckpointError` if it does not fit, and leaves all
        as it was.
        """
        before, run = deepcopy(dict(self.state_dict())), copy(self._run)
        try:
            self._load(state_dict)
        except Exception:
            try:
                self._load(before)
            finally:  # a part that takes no state at all raises again
                run.stopped_by = None  # the stoppers are as before they were asked
                self._run = run  # with what is in no state: plots, failures
            raise

    def _load(self, state_dict: dict[str, object]) -> None:
        weights = read(state_dict, "model")
        try:
            self._module.load_state_dict(weights)
        except RuntimeError as error:
            raise CheckpointError(
                f"checkpoint: its weights do not fit {type(self._module).__name__}; build the "
                f"model as it was built then. {error}"
            ) from error
        self._step.load_state_dict(deepcopy(read(state_dict, "step")))  # torch keeps the tensors
        self._run.load_state_dict(read(state_dict, "run"))
        require_counted(self._step, self._run.state.n_steps)
        self._parts.load_state_dict(read(state_dict, "parts"))
        set_rng_state(read(state_dict, "rng"), self._device)
        self._saved, self._before_stop = False, {}

    def _stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        self._stop = tuple(stop)
        self._parts = StatefulParts([*(("stop", each) for each in stop), *self._beside_stop])

    def _validate(self, moment: Moment) -> RunState:
        """Compute what is due and not computed yet, and record it."""
        computed = self._run.computed if moment.ends_run else ()
        results = self._validation.run(moment, computed=computed)
        self._run.lap("validation")
        state = self._run.record(moment, results)
        for recorder in self._recorders:
            recorder.record(results, moment.epoch)
        return state

    def _end_epoch(self, epoch: int, state: RunState) -> None:
        if self._step.n_steps == self._n_steps_before:
            raise ConfigurationError(
                f"step: {type(self._step).__name__}.n_steps is still {self._n_steps_before} after "
                f"epoch {epoch}, expected the number of updates; count each in update()"
            )
        self._n_steps_before = self._step.n_steps
        if self._movement is not None:
            self._movement.after(epoch, self._step.n_steps)
        self._step.after_scores(state.scores)
        self._keep_if_best(state)
        self._saved, self._before_stop = False, {}
        if self._checkpointer is not None and answer(
            self._checkpointer.is_due(epoch), "checkpointer.is_due"
        ):
            self._save(self._checkpointer)
        self._run.lap("rest")

    def _end_run(self) -> None:
        epoch = self._run.state.n_epochs_elapsed
        if epoch > 0:
            n_computed = len(self._run.computed)
            state = self._validate(Moment(epoch=epoch, step=self._step.n_steps, ends_run=True))
            self._saved = self._saved and len(self._run.computed) == n_computed
            if set(monitored_names(self._best)) & state.scores.keys():
                self._keep_if_best(state)
        if self._checkpointer is not None and not self._saved:
            self._save(self._checkpointer)

    def _save(self, checkpointer: Checkpointer) -> None:
        checkpointer.save(self._run.state.n_epochs_elapsed, self.state_dict())
        self._saved = True

    def _keep_if_best(self, state: RunState) -> None:
        best = self._best
        if best is not None and decided(f"{type(best).__name__}.is_best", best.is_best, state):
            self._run.keep_best(self._module)

    def _should_stop(self) -> bool:
        """Every stopper is asked, so that all keep count; none counts where one could not answer."""
        if self._run.stopped_by is None:
            self._before_stop = deepcopy(self._parts.state_dict(under="stop"))
            try:
                self._run.stopped_by = [
                    described(each)
                    for each in self._stop
                    if decided(
                        f"{type(each).__name__}.should_stop", each.should_stop, self._run.state
                    )
                ]
            except BaseException:
                self._parts.load_state_dict(self._before_stop, under="stop")
                raise
        if self._run.stopped_by:  # also where the end of the run was interrupted
            self._run.stop_reason = "; ".join(self._run.stopped_by)
        return bool(self._run.stopped_by)

    @contextmanager
    def _running(self) -> Generator[Progress]:
        require_device(self._module, self._device)
        if self._is_torn:  # what an interrupted epoch left pending goes
            self._step.load_state_dict(state_of(self._step))
        self._is_torn = True
        self._n_steps_before = self._step.n_steps
        n_epochs = self._run.state.n_epochs_elapsed
        if n_epochs == 0:
            self._movement = Movement(self._module)
        self._run.lap(None)
        progress = Progress(self._stop, n_epochs, visible=self._shows_progress)
        try:
            yield progress
        except BaseException as error:
            why = f": {error}" if str(error) else ""
            self._run.stop_reason = f"interrupted by {type(error).__name__}{why}"
            dtypes = {str(each.dtype) for each in self._module.parameters()}
            error.add_note(
                f"after {self._run.state.n_epochs_elapsed} completed epochs and "
                f"{self._step.n_steps} updates of the training of {type(self._module).__name__}, "
                f"whose parameters are {', '.join(sorted(dtypes))}"
            )
            raise
        else:
            self._is_torn = False
            if self._run.state.n_epochs_elapsed == n_epochs:
                say_nothing_was_left(self._run)
        finally:
            progress.close()
            for recorder in self._recorders:
                recorder.drain()
            self._run.lap("rest")
            summarize(self._run, self._run_folder)
