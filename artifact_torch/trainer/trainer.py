"""The trainer: composed of parts that satisfy contracts, never inherited."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Generic, final, get_args

import torch

from artifact_torch.checking.places import check_contracts, given, optional_places
from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.checkpoints.state import read, restore_state, state_of
from artifact_torch.contracts import (
    ArtifactResults,
    BatchCallback,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    EpochState,
    InT,
    LoaderRoutine,
    Model,
    ModelTracker,
    OutT,
    TrackingClient,
    TrainerRecipe,
    TrainingStep,
)
from artifact_torch.data import resolve_device, to_device
from artifact_torch.errors import CheckpointError, ConfigurationError, DataError
from artifact_torch.internal.arguments import answer, described
from artifact_torch.internal.modules import as_module, require_device
from artifact_torch.internal.randomness import derived_seed, own_torch_rng
from artifact_torch.routines import BoundRoutine, Validation
from artifact_torch.steps.optimizer import OptimizerStep
from artifact_torch.stopping.scores import monitored_names
from artifact_torch.trainer.checks import (
    check_agreements,
    check_monitored,
    check_options,
    check_parts,
)
from artifact_torch.trainer.first_values import FirstValues
from artifact_torch.trainer.movement import Movement
from artifact_torch.trainer.progress import Progress, summarize
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.run import Run


@final
class Trainer(Generic[InT, OutT]):
    """Trains, validates, checkpoints and tracks one model.

    Spell the types out, `Trainer[VAEInput, VAEOutput](...)`: both checkers then name the part that
    does not fit. All parts are checked here, before the first batch, in one error; the values of
    the first three steps against the typed dicts of `forward`, with `debug` those of every step.
    `fixed_dimensions` are names in jaxtyping annotations that keep one size over the whole run.
    """

    def __init__(
        self,
        *,
        model: Model[InT, OutT],
        train_loader: BatchSource[InT],
        step: TrainingStep[InT, OutT],
        stop: EarlyStopper[EpochState],
        best: ModelTracker[EpochState] | None = None,
        checkpointer: Checkpointer | None = None,
        batch_routine: BatchCallback[InT, OutT] | None = None,
        loader_routines: Sequence[LoaderRoutine[InT, OutT]] = (),
        artifact_routine: BoundRoutine | None = None,
        tracking_client: TrackingClient | None = None,
        device: torch.device | str = "auto",
        validation_seed: int = 0,
        fixed_dimensions: Sequence[str] = (),
        debug: bool = False,
        progress: bool = True,
    ) -> None:
        from artifact_torch.tracking import RunRecorder  # not needed to import the package

        check_options(
            loader_routines=loader_routines,
            artifact_routine=artifact_routine,
            validation_seed=validation_seed,
            fixed_dimensions=fixed_dimensions,
            debug=debug,
            progress=progress,
        )
        check_parts(
            model=model,
            train_loader=train_loader,
            step=step,
            stop=stop,
            best=best,
            checkpointer=checkpointer,
            batch_routine=batch_routine,
            loader_routines=loader_routines,
            tracking_client=tracking_client,
        )
        self._device = resolve_device(device)
        self._module = as_module(model)
        self._module.to(self._device)
        self._train_loader = train_loader
        self._step = step
        self._stop = stop
        self._best = best
        self._checkpointer = checkpointer
        self._watchers = () if batch_routine is None else (batch_routine,)
        self._first_values = FirstValues[InT, OutT](
            model,
            places=[
                ("step", step, TrainingStep[InT, OutT]),
                *given(("batch_routine", batch_routine, BatchCallback[InT, OutT])),
            ],
            loader_routines=loader_routines,
            fixed=fixed_dimensions,
            debug=debug,
        )
        self._validation = Validation[InT, OutT](
            self._module,
            forward_for=self._first_values.forward_for,
            device=self._device,
            loader_routines=loader_routines,
            artifact_routine=artifact_routine,
            seed=validation_seed,
        )
        check_agreements(
            model=model,
            train_loader=train_loader,
            step=step,
            artifact_routine=artifact_routine,
            names=self._validation.result_names,
            deciding=(stop, best, step),
        )
        self._movement = Movement(self._module)
        self._recorder = RunRecorder(tracking_client)
        self._run = Run()
        self._stop_state: Mapping[str, object] = {}
        self._shows_progress = progress
        self._seed = validation_seed
        self._final_save = 0

    def train(self, *, stop: EarlyStopper[EpochState] | None = None) -> TrainingResult:
        """Train until `stop` (or the trainer's own) says so; called again, it continues.

        Per epoch: batches, due routines, history, tracking client, schedule, best weights,
        checkpoint, stopper. After the last: what the last epoch's routines left out. Whatever
        ends it, an exception and Ctrl-C included, all that was recorded reaches the client. An
        epoch that was interrupted is not recorded: `train()` repeats it from the weights as they
        are, `restore()` goes back to the newest checkpoint.
        """
        if stop is not None:
            self._replace_stop(stop)
        with self._running() as progress:
            while not self._should_stop():
                epoch = self._run.state.n_epochs_elapsed + 1
                self._module.train()
                watchers = list(self._watchers)
                for batch in self._batches(epoch, watchers):
                    step = self._step.n_steps + 1
                    output = self._step.update(batch)
                    if watchers:
                        with own_torch_rng(self._device, derived_seed(self._seed, step)):
                            for watcher in watchers:
                                watcher.on_batch(step, batch, output)
                self._step.end_epoch()
                self._run.clock.lap("training")
                results = self._validation.run(epoch, final=False)
                self._run.clock.lap("validation")
                self._end_epoch(epoch, results)
                progress.epoch(epoch, results.scores)
            self._end_run()
        return self.result

    @property
    def result(self) -> TrainingResult:
        """The outcome so far; after an interrupted `train()` too. Copies the weights."""
        return self._run.result(self._module, self._recorder.run_folder)

    def restore(self, epoch: int | None = None) -> int:
        """Continue from the checkpoint of `epoch`, or the newest; returns its epoch.

        Raises `CheckpointError` if it is missing or belongs to another model or composition.
        """
        if self._checkpointer is None:
            raise ConfigurationError(
                "restore: this trainer has no checkpointer; build it with checkpointer="
                "FolderCheckpointer(folder, every=...)"
            )
        self.load_state_dict(dict(self._checkpointer.load(epoch)))
        return self._run.state.n_epochs_elapsed

    def state_dict(self) -> Mapping[str, object]:
        """Everything the run needs to continue: what `restore` reads back."""
        return {
            "run": self._run.state_dict(),
            "model": self._module.state_dict(),
            "step": self._step.state_dict(),
            # as it was before it was asked about this epoch: a restored run asks it again
            "stop": state_of(self._stop) if self._run.stopped is None else self._stop_state,
            "best": state_of(self._best),
            "rng": rng_state(self._device),
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises `CheckpointError` if it does not fit, and leaves all
        as it was.
        """
        before = deepcopy(dict(self.state_dict()))
        try:
            self._load(state_dict)
        except Exception:
            self._load(before)
            raise

    def _load(self, state_dict: dict[str, object]) -> None:
        try:
            self._module.load_state_dict(read(state_dict, "model"))
        except RuntimeError as error:
            raise CheckpointError(
                f"checkpoint: its weights do not fit {type(self._module).__name__}; build the "
                f"model as it was built then. {error}"
            ) from error
        self._step.load_state_dict(read(state_dict, "step"))
        self._run.load_state_dict(read(state_dict, "run"))
        restore_state(self._stop, read(state_dict, "stop"))
        restore_state(self._best, read(state_dict, "best"))
        set_rng_state(read(state_dict, "rng"), self._device)
        self._final_save = 0

    @classmethod
    def from_recipe(
        cls,
        recipe: TrainerRecipe[InT, OutT],
        *,
        model: Model[InT, OutT],
        train_loader: BatchSource[InT],
        validation_loader: BatchSource[InT] | None = None,
        artifact_routine: BoundRoutine | None = None,
        tracking_client: TrackingClient | None = None,
        validation_seed: int = 0,
        fixed_dimensions: Sequence[str] = (),
        debug: bool = False,
        progress: bool = True,
    ) -> "Trainer[InT, OutT]":
        """A trainer whose parts come from the hooks of `recipe`, each called once."""
        check_contracts(
            ("recipe", recipe, TrainerRecipe[InT, OutT]), ("model", model, Model[InT, OutT])
        )
        device = resolve_device(recipe.device())
        as_module(model).to(device)
        routines = [recipe.train_loader_routine(train_loader, tracking_client)]
        if validation_loader is not None:
            routine = recipe.validation_loader_routine(validation_loader, tracking_client)
            if routine is None:
                raise ConfigurationError(
                    "validation_loader: is given, but validation_loader_routine of "
                    f"{type(recipe).__name__} returns None, so nothing would read it; return a "
                    "DataLoaderRoutine over it, or leave the loader out"
                )
            routines.append(routine)
        return cls(
            model=model,
            train_loader=train_loader,
            step=OptimizerStep(
                model,
                optimizer=lambda _parameters: recipe.optimizer(model),
                schedule=recipe.scheduler,
            ),
            stop=recipe.early_stopper(),
            best=recipe.model_tracker(),
            checkpointer=recipe.checkpointer(tracking_client),
            batch_routine=recipe.batch_routine(tracking_client),
            loader_routines=[routine for routine in routines if routine is not None],
            artifact_routine=artifact_routine,
            tracking_client=tracking_client,
            device=device,
            validation_seed=validation_seed,
            fixed_dimensions=fixed_dimensions,
            debug=debug,
            progress=progress,
        )

    def _batches(self, epoch: int, watchers: list[BatchCallback[InT, OutT]]) -> Iterator[InT]:
        n_batches = 0
        batches = self._train_loader.batches(epoch)
        for batch in self._first_values.checked(batches, watchers):
            yield to_device(batch, self._device)
            n_batches += 1
        if n_batches == 0:
            raise DataError(
                f"train_loader: gave no batch in epoch {epoch}, expected {len(self._train_loader)};"
                " return a fresh iterator from each call of batches(epoch)"
            )

    def _end_epoch(self, epoch: int, results: ArtifactResults) -> None:
        self._movement.after(epoch, self._step.n_steps)
        self._run.record(epoch, self._step.n_steps, results)
        self._recorder.record(results, epoch)
        self._step.after_scores(results.scores)
        self._keep_if_best(self._run.state)
        if self._checkpointer is not None and answer(
            self._checkpointer.is_due(epoch), "checkpointer.is_due"
        ):
            self._checkpointer.save(epoch, self.state_dict())
        self._run.clock.lap("rest")

    def _end_run(self) -> None:
        epoch = self._run.state.n_epochs_elapsed
        if epoch != self._run.final_epoch:
            self._final_round(epoch)
        if self._checkpointer is not None and epoch != self._final_save:
            self._checkpointer.save(epoch, self.state_dict())
            self._final_save = epoch

    def _final_round(self, epoch: int) -> None:
        results = self._validation.run(epoch, final=True)
        self._run.clock.lap("validation")
        self._run.history.record(epoch, results)
        self._run.final_epoch = epoch
        self._recorder.record(results, epoch)
        if set(monitored_names(self._best)) & results.scores.keys():
            self._keep_if_best(replace(self._run.state, scores=results.scores))

    def _keep_if_best(self, state: EpochState) -> None:
        if self._best is not None and answer(
            self._best.is_best(state), f"{type(self._best).__name__}.is_best"
        ):
            self._run.best.keep(state.n_epochs_elapsed, self._module)

    def _should_stop(self) -> bool:
        if self._run.stopped is None:
            self._stop_state = deepcopy(state_of(self._stop))  # its own lists may grow
            said = self._stop.should_stop(self._run.state)
            self._run.stopped = answer(said, f"{type(self._stop).__name__}.should_stop")
        return self._run.stopped

    def _replace_stop(self, stop: EarlyStopper[EpochState]) -> None:
        check_contracts(("stop", stop, EarlyStopper[EpochState]), *optional_places("stop", stop))
        check_monitored(self._validation.result_names, (stop,))
        self._stop = stop
        self._run.stopped = None

    @contextmanager
    def _running(self) -> Generator[Progress]:
        require_device(self._module, self._device)
        self._first_values.begin(get_args(vars(self).get("__orig_class__")))
        # its state follows the model's device, and what an interrupted epoch left pending goes
        self._step.load_state_dict(dict(self._step.state_dict()))
        if self._run.state.n_epochs_elapsed == 0:
            self._movement.start()
        self._run.clock.start()
        progress = Progress(
            self._stop, self._run.state.n_epochs_elapsed, visible=self._shows_progress
        )
        try:
            yield progress
            self._run.stop_reason = described(self._stop)
        except BaseException as error:
            why = f": {error}" if str(error) else ""
            self._run.stop_reason = f"interrupted by {type(error).__name__}{why}"
            error.add_note(
                f"after {self._run.state.n_epochs_elapsed} completed epochs and "
                f"{self._step.n_steps} updates of the training of {type(self._module).__name__}"
            )
            raise
        finally:
            progress.close()
            self._recorder.drain()
            self._run.clock.lap("rest")
            summarize(self._run, self._recorder.run_folder)
