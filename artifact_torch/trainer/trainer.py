"""The trainer: composed of parts that satisfy contracts, never inherited."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Generic, NoReturn, final
from weakref import WeakSet

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    BatchCallback,
    Batches,
    BatchSource,
    Cadence,
    Checkpointer,
    EarlyStopper,
    Every,
    InT,
    LoaderRoutine,
    ModelTracker,
    OutT,
    Planned,
    ResultsClient,
    RunHook,
    RunState,
    StepCallback,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import CheckedSource, as_source, to_device
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.disk import absolute
from artifact_torch.internal.draws import KeptDraws
from artifact_torch.internal.failing import Failing, OnFailure
from artifact_torch.internal.keywords import OF_TRAINERS, names_ours
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.rows import part_of
from artifact_torch.routines import BoundRoutine
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.stopping.scores import monitored_names
from artifact_torch.trainer.checks.advice import check_advised
from artifact_torch.trainer.checks.devices import check_parallel
from artifact_torch.trainer.checks.directions import better_ways, warn_of_directions
from artifact_torch.trainer.checks.first_values import FirstValues
from artifact_torch.trainer.checks.movement import PreparedModes
from artifact_torch.trainer.checks.options import check_options
from artifact_torch.trainer.checks.parts import bounds, check_agreements, check_parts, check_stop
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.trainer.held import HeldWeights
from artifact_torch.trainer.loop.hooks import Hooks
from artifact_torch.trainer.loop.keeper import Keeper, Kept
from artifact_torch.trainer.loop.late import Late
from artifact_torch.trainer.loop.onlookers import Onlookers
from artifact_torch.trainer.loop.session import Session
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.alike import facts_of
from artifact_torch.trainer.ranks.together import Together
from artifact_torch.trainer.replay import Replayed, replayed
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.run import Run
from artifact_torch.trainer.settings import Settings, plain_settings
from artifact_torch.trainer.state import WholeState
from artifact_torch.trainer.use import (
    Weights,
    asked_for,
    begun_with,
    by_name,
    check_restorable,
    described,
    evaluated_with,
    folder_of,
    ledger_of,
)
from artifact_torch.trainer.weights import wholly
from artifact_torch.validation.configuration import Beside, Where, where_of_all
from artifact_torch.validation.elsewhere import Elsewhere
from artifact_torch.validation.rounds import Validation
from artifact_torch.validation.whole_model import is_divided


@final
class Trainer(Generic[InT, OutT]):
    """Trains, validates, checkpoints and tracks one model.

    The step brings the model, and with it the types that all other parts have to fit. They are
    checked here, before the first batch, in one error; the values of the first three steps against
    the typed dicts that the parts declare, with `debug` those of every step. Training ends with the
    first of `stop` that says so. `fixed_dimensions` are names in jaxtyping annotations that keep
    one size over the whole run. With `sanity`, each routine runs over one batch before the first
    step, so that one that fails does so at once. `progress` is a bar on a terminal and in a
    notebook, else lines; "bar", "lines" and False say it; the model summary with it costs one more
    forward pass of the first batch. `settings`, a dataclass or a dict, are
    kept with the run and sent to the clients: hyper-parameters.

    `run_folder` holds all that the run comes to, with a checkpoint after each of `checkpoint_every`;
    a folder that holds a run is continued. A `checkpointer` of one's own takes the place of that of
    the folder. SIGTERM, SIGUSR1 and Ctrl-C end the run after the update in progress, saved; the
    first two within `grace_s` seconds.
    A callback, hook or routine that raises ends the run, or with `on_failure="disable"` is left out
    from then on, which one warning and `result.failures` say; before the first step it ends the run
    either way. A routine that takes longer than `time_limit`, `minutes(5)`, is reported while it
    still runs. With `validation="beside"` routines are computed by processes beside the training,
    with the same numbers, and `Beside(...)` says more about it. By default ("auto") so it is once
    validations took 10 s in all, where a core is idle and all parts of a routine are ours.

    In a run of several processes (`OptimizerStep(parallel=)`) all have the same trainer. Scores over a
    loader are of the rows of all; bound routines, the record, clients and the bar are of the first
    process, whose time counts, and which has processes beside it; hooks, callbacks and stoppers are
    called on each. A signal to one ends all, between two updates; where one raises, the others raise
    `RankError`, within `grace_s` seconds.
    With `ledger` the run folder keeps 16 bytes of each update's batch, loss, gradients and
    parameters, by which `artifact-torch diff` finds where two runs part.
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
        run_folder: str | PathLike[str] | RunFolder | None = None,
        checkpoint_every: Every | Sequence[Every] = 1,
        checkpointer: Checkpointer | None = None,
        callbacks: Sequence[BatchCallback[InT, OutT] | StepCallback] | SolvedLast[InT, OutT] = (),
        routines: Sequence[LoaderRoutine[InT, OutT] | BoundRoutine] | SolvedLast[InT, OutT] = (),
        hooks: Sequence[RunHook] = (),
        tracking_clients: Sequence[TrackingClient | ResultsClient] = (),
        settings: Settings | None = None,
        validation: Where = "auto",
        validation_seed: int = 0,
        fixed_dimensions: Sequence[str] = (),
        debug: bool = False,
        sanity: bool = True,
        progress: Mode = "auto",
        grace_s: float = 30.0,
        on_failure: OnFailure = "raise",
        time_limit: Cadence | None = None,
        ledger: bool = False,
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
            {"debug": debug, "sanity": sanity, "ledger": ledger},
            progress=progress,
            checkpoint_every=checkpoint_every,
            grace_s=grace_s,
            on_failure=on_failure,
            time_limit=time_limit,
            validation=validation,
        )
        folder = None if run_folder is None else folder_of(run_folder)
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
        composed: list[Place] = [
            *places,
            *(("routines", each, LoaderRoutine) for each in routines),
        ]
        check_parallel(step)
        updates = ledger_of(folder, step) if ledger else None
        self._step = step
        self._device = step.device
        self._source = CheckedSource(source, "train_loader")
        self._values = FirstValues(
            step,
            places,
            fixed={*fixed_dimensions},
            debug=debug,
            update=None if updates is None else updates.around(step.update, part_of(step)),
        )
        self._first_updates = self._values.of_updates
        self._failing = Failing(on_failure, deciding=(*stop, best, step))
        self._validation = Validation(
            step,
            callbacks=[each for each in callbacks if isinstance(each, StepCallback)],
            routines=[self._values.bound(routine) for routine in routines],
            seed=validation_seed,
            failing=self._failing,
            time_limit=time_limit,
        )
        if isinstance(step, Planned):
            step.plan(len(self._source), *bounds(stop))
        check_agreements(self._validation, self._source, (*stop, best, step))
        warn_of_directions((*stop, best), routines, self._validation)
        seeing = callbacks if updates is None else [*callbacks, updates]
        self._onlookers = Onlookers[InT, OutT](
            seeing, step.device, self._failing, part=part_of(step)
        )
        self._run = Run({} if settings is None else plain_settings(settings))
        beside = {"callbacks": callbacks, "routines": routines, "hooks": hooks}
        listed = [(name, each) for name, parts in beside.items() for each in parts]
        validation = where_of_all(validation)
        how = validation if isinstance(validation, Beside) else Beside()
        late = Late(0 if validation == "inline" else how.staleness, best)
        self._state = WholeState(
            step, self._run, [("train_loader", train_loader), ("best", best), *listed], late
        )
        self._elsewhere = Elsewhere(
            validation,
            step,
            drawn=folder,
            spent=self._run.validation_s,
            whole=self._validation.whole,
        )
        kept = Kept(
            folder=folder,
            checkpointer=checkpointer,
            checkpoint_every=checkpoint_every,
            clients=tracking_clients,
            begun=begun_with(
                self._run.settings,
                validation_seed,
                step.device,
                composed,
                modes=better_ways((*stop, best), routines),
                judged_by=next(iter(monitored_names(best)), ""),
            ),
            describe=lambda: described(step.model),
            validated=[name for each in self._validation.routines for name in each.result_names],
            ledger=updates,
        )
        self._keeper = Keeper(self._run, self._state, kept)
        here = ranks()
        signals = Signals(grace_s=grace_s, is_alone=here.is_alone)
        together = Together(signals, grace_s=grace_s, facts=lambda: self._facts(composed))
        self._session = Session(
            step,
            self._source,
            run=self._run,
            state=self._state,
            validation=self._validation,
            elsewhere=self._elsewhere,
            late=late,
            onlookers=self._onlookers,
            best=best,
            hooks=Hooks(hooks, self._failing, KeptDraws(step.device)),
            keeper=self._keeper,
            signals=signals,
            sanity=sanity,
            progress=progress,
            together=None if here.is_alone else together,
        )
        self._session.stop_by(stop)
        self._seed = validation_seed
        self._taken = WeakSet[HeldWeights]()  # by results, which have not copied them yet

    def train(self, *, stop: Sequence[EarlyStopper[RunState]] = ()) -> TrainingResult:
        """Train until a stopper says so; called again, it continues, and so it does where the run
        folder holds a run. `stop` takes the place of the trainer's own stoppers, in later calls too.

        An epoch: batches, then a moment. A moment: step callbacks, due routines, history, record,
        schedule, best weights, checkpoint, stoppers; within an epoch too, where a cadence in steps
        or minutes says so. After the last: what the last moment left out. Whatever ends it, an
        exception and Ctrl-C included, all that was recorded is written; called again, it goes on
        with the first batch whose update was not complete, `restore()` goes back to the newest
        checkpoint. A signal leaves by `SystemExit`, Ctrl-C by `KeyboardInterrupt`.
        """
        self._settle()
        if stop != ():
            check_stop(stop, self._validation.result_names)
            self._session.stop_by(stop)
        with self._session.running():
            while not self._session.should_stop():
                for loaded in self._session.batches():
                    batch, n_steps = to_device(loaded, self._device), self._step.n_steps
                    try:
                        output = self._first_updates.call(batch)
                        if self._onlookers.is_looking:
                            self._onlookers.see(n_steps + 1, batch, output)
                    except Exception as error:
                        self._session.note_failure(error, batch, step=n_steps + 1)
                        raise
                    del output  # its memory is free for the next one
                self._session.end_epoch()
            self._session.end_run()
        return self._made_result(is_of_all=True)

    @property
    def result(self) -> TrainingResult:
        """The outcome so far; after an interrupted `train()` too. Copies no weights: see
        `TrainingResult`. Of a model that is divided among processes it has none.
        """
        return self._made_result()

    def _made_result(self, *, is_of_all: bool = False) -> TrainingResult:
        """As all ranks ask for it, or this one."""
        held = HeldWeights(self._step, at_once=self._session.is_running, is_of_all=is_of_all)
        self._taken.add(held)
        result = self._run.result(
            held,
            n_steps=self._step.n_steps,
            folder=self._keeper.place,
            outages=self._keeper.outages,
            begun=self._keeper.begun,
        )
        best = self._run.best_weights
        if best is not None and is_divided(self._step.model):
            best = wholly(best) if is_of_all else None
        return replace(result, failures={**result.failures, **self._failing.reasons}, _best=best)

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
        with self._evaluating(weights), self._session.asked("evaluate"):
            bound = self._values.bound(routine)
            results = bound.compute(bound.result_names, self._run.moment())
        return by_name(results, "evaluate")

    def predict(self, loader: Batches[InT], /, *, weights: Weights = "last") -> list[OutT]:
        """The output for each batch of one pass, on the step's device: all at once in memory."""
        given = as_source(loader, "loader")
        check_advised(
            [
                ("step", self._step, TrainingStep[InT, OutT]),
                ("loader", given, BatchSource[InT]),
            ]
        )
        with self._evaluating(weights), self._session.asked("predict"):
            source = CheckedSource(given, "loader")
            return [
                self._step.evaluate(to_device(each, self._device)) for each in source.batches(1)
            ]

    def rehearse(self) -> Mapping[str, object]:
        """Two batches of training and one of each routine, all artifacts, a checkpoint that is
        written and restored, in a temporary folder; the results by name. All is as before after.

        Takes seconds, and finds what else would fail hours later. Clients are not told.
        """
        with self._state.given_back(), self._session.asked("rehearse"):
            try:
                self._onlookers.begin_epoch(self._run.epoch)
                self._onlookers.begin_update(0, None, wants_loss=False)
                batches = self._source.batches(self._run.epoch, 0, part_of(self._step))
                for loaded in islice(batches, 2):
                    batch, n_steps = to_device(loaded, self._device), self._step.n_steps
                    self._onlookers.see(n_steps + 1, batch, self._first_updates.call(batch))
                self._step.end_epoch()
            finally:
                self._onlookers.leave()
            results = self._validation.run(self._run.moment(ends_run=True, is_rehearsal=True))
            check_restorable(self._state)
        return by_name(results, "rehearse")

    def restore(
        self,
        where: str | PathLike[str] | None = None,
        /,
        *,
        epoch: int | None = None,
        step: int | None = None,
    ) -> RunState:
        """Continue from the checkpoint at the end of `epoch`, or after `step`, or from the newest;
        "best" is that of the best moment, a path another run folder, checkpoint folder or checkpoint.

        Returns where that is. Raises `CheckpointError` if it is missing, damaged or belongs to
        another model or composition, and leaves all as it was. With a run folder, `train()` goes on
        from the newest by itself.
        """
        self.load_state_dict(asked_for(self._keeper.checkpointer, where, epoch=epoch, step=step))
        return self._run.state

    def replay(self, step: int, /, *, folder: str | PathLike[str]) -> Replayed:
        """Make `step` again as the run in `folder` made it: from the newest checkpoint before it, with
        its batches, weights and random numbers, dropout included; nothing is validated or recorded.

        What stands in its way is in `doubts`: cadences in minutes, and hooks, are not made again.
        The trainer is after it as it was before. Raises `CheckpointError` for a folder of no run.
        """
        with self._state.given_back():
            PreparedModes(self._step.model).train()
            acting = replace(self._validation, routines=(), failing=Failing("disable"))
            return replayed(
                self._step,
                self._source,
                n=step,
                run_folder=absolute(folder) or Path(folder),
                where=lambda: (self._run.state, self._run.n_batches),
                load=self.load_state_dict,
                act=acting.run,
            )

    def state_dict(self) -> Mapping[str, object]:
        """Everything the run needs to continue: what `restore` reads back."""
        return self._state.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises `CheckpointError` if it does not fit, and leaves all
        as it was.
        """
        self._settle()
        self._state.load_state_dict(state_dict)
        self._session.forget()

    def __getstate__(self) -> NoReturn:
        """A trainer is not copied or sent: it holds what is open, such as clients."""
        raise ConfigurationError(
            "Trainer: cannot be pickled or copied; keep trainer.state_dict(), or send a function that "
            "builds the trainer and calls load_state_dict()"
        )

    def _facts(self, places: Sequence[Place]) -> Mapping[str, str]:
        """What has to be the same on all ranks."""
        numbers = {
            "validation_seed": self._seed,
            "validation": self._elsewhere.where,
            "batches an epoch": len(self._source),
            "steps done": self._step.n_steps,
            "epochs done": self._run.state.n_epochs_elapsed,
        }
        are_shared = part_of(self._step) is not None
        return facts_of(
            places, self._step.model, self._run.settings, numbers, are_shared=are_shared
        )

    def _settle(self) -> None:
        """The weights are about to change."""
        for each in [*self._taken]:
            each.settle()
        self._taken.clear()

    def _evaluating(self, weights: Weights) -> AbstractContextManager[None]:
        return evaluated_with(self._step, weights, self._run.best_weights, self._seed)
