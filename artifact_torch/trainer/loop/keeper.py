"""What is kept of a run outside of its process: its folder, its checkpoints, what clients are told."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.contracts import (
    Checkpointer,
    Continued,
    Drained,
    Ending,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
    ResultsClient,
    RunState,
    TrackingClient,
)
from artifact_torch.internal.agreement import by_all
from artifact_torch.internal.arguments import answer
from artifact_torch.internal.draws import KeptDraws
from artifact_torch.internal.ranks import ranks
from artifact_torch.report.keeping import KeptReport
from artifact_torch.routines.figures import as_pictures
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.run_folder.open_run import OpenRun, opened
from artifact_torch.run_folder.settings import Begun
from artifact_torch.trainer.failure import keep_failure
from artifact_torch.trainer.loop.clients import Clients
from artifact_torch.trainer.loop.ledger_updates import LedgerUpdates
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.watch import is_of_another
from artifact_torch.trainer.run import Run
from artifact_torch.trainer.saved import checkpoints_of, loaded
from artifact_torch.trainer.state import WholeState
from artifact_torch.trainer.weights import wholly

_DRAIN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where a run is kept, as the trainer was told."""

    folder: RunFolder | None
    checkpointer: Checkpointer | None
    checkpoint_every: Every | Sequence[Every]
    clients: Sequence[TrackingClient | ResultsClient]
    begun: Begun
    describe: Callable[[], str]
    """What the model consists of, asked where the training begins."""
    ledger: LedgerUpdates | None
    validated: Collection[ResultName] = ()
    """What the routines produce."""


@final
class Keeper:
    """Records, saves and tells; without a folder, a checkpointer and clients it does nothing. The
    record comes first: clients are fed from it.
    """

    def __init__(self, run: Run, state: WholeState, kept: Kept) -> None:
        self._run, self._state = run, state
        self._begun, self._describe, self._ledger = kept.begun, kept.describe, kept.ledger
        self._folder = kept.folder
        self._drawn = kept.folder or RunFolder(".")
        self._checkpointer = kept.checkpointer
        if kept.folder is not None and kept.checkpointer is None:
            self._checkpointer = checkpoints_of(kept.folder, kept.checkpoint_every)
        self._is_own = kept.checkpointer is None
        if self._is_own and isinstance(self._checkpointer, FolderCheckpointer):
            self._checkpointer.before_writing = self._sync_record
        self._is_first = ranks().is_first
        """The others record nothing and tell nobody; checkpoints are of all."""
        self._report = KeptReport(kept.folder if self._is_first else None, kept.validated)
        self._clients = Clients(kept.clients if self._is_first else ())
        self._opened: OpenRun | None = None
        self._kept_draws = KeptDraws()
        self._is_begun = self._is_restored = False
        self._there: Collection[tuple[str, str]] = ()
        """What the record had of the moment from which training goes on."""
        self._saved_at: int | None = None  # the step, if nothing was recorded after

    @property
    def checkpointer(self) -> Checkpointer | None:
        """The trainer's, or that of its run folder."""
        return self._checkpointer

    @property
    def place(self) -> str | None:
        """The run folder, or that of the first client that has one."""
        if self._folder is not None:
            return str(self._folder.folder)
        return self._clients.place

    @property
    def begun(self) -> Begun:
        """What is written about the run where it begins."""
        return self._begun

    @property
    def outages(self) -> Mapping[str, str]:
        """Each client that could not be reached, and since when and why."""
        return self._clients.outages

    @property
    def _record_folder(self) -> Path | None:
        return None if self._opened is None else self._opened.folder

    def forget(self) -> None:
        """The run was restored: what is kept of later steps is another run's."""
        self._is_begun, self._saved_at, self._is_restored = False, None, True

    def is_saved_at(self, step: int) -> None:
        """The run was continued from there: nothing new is to be saved before it goes on."""
        self._saved_at = step

    @contextmanager
    def held(self) -> Generator[None]:
        """One call of `train()`: the folder is this process's. Raises `RunFolderError` where it is
        another's.
        """
        folder = self._folder if self._is_first else None
        if folder is None and (made := self._clients.made_folder()) is not None:
            folder = RunFolder(made)
        with ExitStack() as stack:
            self._opened = None if folder is None else stack.enter_context(opened(folder))
            try:
                yield
            finally:
                self._opened = None

    def continued(self) -> dict[str, object] | None:
        """The newest state in the run folder, where this trainer has done nothing yet."""
        own = self._checkpointer
        is_new = self._run.state.n_steps == 0 and not (self._is_begun or self._is_restored)
        if not (is_new and self._is_own and isinstance(own, FolderCheckpointer)):
            return None
        if own.is_empty():
            return None
        return loaded(own)

    def begin(self, moment: Moment) -> None:
        """Training goes on from here."""
        own = self._checkpointer
        if not self._is_begun and isinstance(own, Continued):
            own.begin(moment.step, self._state.state_dict())
        self._is_begun = True
        best = None if self._folder is None else self._whole_best()
        if self._opened is not None:
            begun = replace(self._begun, model=self._describe())
            before = self._opened.begin(moment, begun, spent=self._run.seconds)
            self._there = {
                (str(line.get("kind")), str(line.get("name")))
                for line in before
                if line.get("step") == moment.step
            }
            self._opened.go_on_with_best(self._run.best, best or {}, before)
        if self._ledger is not None:
            self._ledger.begin()
        self._clients.begin(self._record_folder, self._run.settings)

    def end_epoch(self) -> None:
        """The step is done with the last batch of an epoch."""
        if self._ledger is not None:
            self._ledger.end_epoch()

    def record(self, results: Sequence[Result | Failure], moment: Moment) -> None:
        """All of one moment: in the folder first."""
        if results or not moment.ends_run:
            self._saved_at = None
        if self._opened is not None or self._clients.are_told:
            results = as_pictures(results, form=self._drawn.plots, dpi=self._drawn.dpi)
        if self._opened is not None:
            self._opened.record(results, moment)
        self._clients.record(results, moment)
        self._report.moment(results)

    def record_again(self, results: Sequence[Result | Failure], moment: Moment) -> None:
        """What of it the record does not have from before the run was interrupted."""
        new = [each for each in results if (each.kind.value, each.name) not in self._there]
        self.record(new, moment)

    def warn(self, text: str, where: Moment) -> None:
        """It was warned of `text`, in any thread."""
        if self._opened is not None:
            self._opened.warn(text, where)

    def add_forward(self, costs: str) -> None:
        """What a forward pass of the first batch computes, in words."""
        if self._opened is not None and costs:
            self._opened.add_forward(costs)

    def keep_best(self, state: RunState) -> None:
        """The best weights of the run are those of this moment. Written beside the training."""
        weights = None if self._folder is None else self._whole_best()
        if self._opened is not None and weights is not None:
            moment = Moment(epoch=state.n_epochs_elapsed, step=state.n_steps)
            self._opened.keep_best(weights, moment, state.scores)

    def _whole_best(self) -> Mapping[str, object] | None:
        """On all ranks, of which the first has them."""
        weights = self._run.best_weights
        return None if weights is None else wholly(weights)

    def is_save_due(self, moment: Moment) -> bool:
        """Asks the checkpointer."""
        own = self._checkpointer
        if own is None:
            return False
        with self._kept_draws:
            return by_all(lambda: answer(own.is_due(moment), "checkpointer.is_due"))

    def save(self, moment: Moment) -> None:
        """Save here, if this place is not saved yet."""
        own = self._checkpointer
        if own is not None and self._saved_at != moment.step:
            if self._ledger is not None:
                self._ledger.flush()
            state = self._state.state_dict()
            with self._kept_draws:
                own.save(moment, state)
            self._saved_at = moment.step

    def _sync_record(self) -> None:
        """In the thread that writes a checkpoint: none is ahead of the record where power fails."""
        opened_now = self._opened
        if opened_now is not None:
            opened_now.sync()
        if self._ledger is not None:
            self._ledger.sync()

    def keep_failure(
        self, error: BaseException, batch: object, *, step: int, epoch: int, n_batch: int
    ) -> None:
        """The batch over which the update of `step` failed, for a replay; not that of a process whose
        update failed because another's did.
        """
        if self._folder is not None and not is_of_another(error):
            folder = self._folder.folder
            kept = keep_failure(folder, error, step=step, epoch=epoch, n_batch=n_batch, batch=batch)
            if kept is not None and not ranks().is_alone:
                error.add_note(f"its rows of the batch are kept in {kept}")
            elif kept is not None:
                again = f"artifact-torch replay {folder} module:make_trainer --step {step}"
                error.add_note(f"its batch is kept in {kept}; to make the step again: {again}")

    def end(self, how: Ending, reason: str, place: Moment, signals: Signals) -> None:
        """A call of `train()` ends: all is written, and told to the clients: as long as they answer
        (see `Patience`), at most a minute, or what a signal leaves.
        """
        try:
            if self._ledger is not None:
                self._ledger.end()
            if isinstance(self._checkpointer, Drained):
                self._checkpointer.drain(min(_DRAIN_S, signals.left_s))
        except Exception as error:
            how, reason = "failed", f"{type(error).__name__}: {error}"
            raise
        finally:
            self._tell_end(how, reason, place, signals)

    def _tell_end(self, how: Ending, reason: str, place: Moment, signals: Signals) -> None:
        try:
            if self._opened is not None:
                self._opened.record([], place)  # which may be after its last moment
                self._opened.end(how, reason, timeout_s=min(_DRAIN_S, signals.left_s))
        finally:
            self._clients.end(self._record_folder, signals, most_s=_DRAIN_S)
        self._report.end(signals.left_s)
