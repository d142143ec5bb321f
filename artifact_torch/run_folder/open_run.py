"""The run folder as the trainer uses it: held by one process, written at each moment."""

import logging
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from threading import RLock
from types import MappingProxyType
from typing import final

from artifact_torch.contracts import Ending, Failure, Moment, Result, ResultKind, RunState
from artifact_torch.errors import RunFolderError
from artifact_torch.internal.disk import read_json
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.aside import SECONDS, Aside
from artifact_torch.run_folder.best import BEST, BestWriter, best_step
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.run_folder.lock import LOCK, held
from artifact_torch.run_folder.reading import Line, number
from artifact_torch.run_folder.record import Record
from artifact_torch.run_folder.scores import Scores
from artifact_torch.run_folder.settings import SETTINGS, Begun, add_forward, write_settings
from artifact_torch.run_folder.spent import Spent
from artifact_torch.run_folder.status import STATUS, read_status, write_status
from artifact_torch.run_folder.unwritten import Unwritten
from artifact_torch.run_folder.warned import Warned

_log = logging.getLogger("artifact_torch")

_BEST_SECONDS = 60.0
_NO_COSTS = "what a forward pass costs is not in it"


@final
class OpenRun:
    """A folder that this process holds; made by `opened`.

    No method raises because of the disk: what cannot be written is told once and written later.
    With `strict`, each raises `RunFolderError` instead.
    """

    def __init__(self, configuration: RunFolder, hold: Callable[[], object], /) -> None:
        self.folder: Path = configuration.folder
        self._is_strict = strict = configuration.strict
        self.is_running: bool = False
        """Whether it was begun and did not end since."""
        self._record = Record(
            self.folder, plots=configuration.plots, dpi=configuration.dpi, strict=strict
        )
        self._scores = Scores(self.folder, strict=strict)
        self._best = BestWriter(self.folder, strict=strict)
        self._settings_out = Unwritten(self.folder / SETTINGS, strict=strict)
        self._status_out = Unwritten(self.folder / STATUS, strict=strict)
        self._hold = hold
        self._n_made_again = 0
        self._moment = Moment(epoch=0, step=0)
        self._begun = Begun()
        self._warned = Warned()
        self._spent = Spent(self.folder, {}, goes_on=False)
        self._lock = RLock()  # of scores.csv, settings.json and status.json
        self._aside = Aside(self._write_beside)
        self._is_newer = False
        self._written_at = 0.0

    @property
    def n_lost(self) -> int:
        """Lines of the record that are lost, since the disk was away for too long."""
        return self._record.n_lost

    def begin(
        self, moment: Moment, begun: Begun, /, *, spent: Mapping[str, float] = MappingProxyType({})
    ) -> Sequence[Line]:
        """Training goes on from `moment` (epoch 0, step 0: from the start). What was recorded of
        later steps is left out from now on. Returns the results that still count. `spent` are the
        seconds that the time goes into, which is looked at whenever the status is written.
        """
        self.is_running, self._moment, self._begun = True, moment, begun
        self._spent = Spent(self.folder, spent, goes_on=moment.step > 0)
        if moment.step == 0:
            _tell_of_before(self.folder)
        before = self._record.begin(moment, begun.settings)
        with self._lock:
            self._scores.begin(before)
            self._write_settings()
            self._write_status()
        if not self._is_strict:
            self._aside.start()
        return before or []

    def record(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """All of one moment, at once; an empty list tells where the run is. The table of scores and
        the status follow within a second, from a thread; with `strict`, with a later moment.
        """
        if moment.step >= self._moment.step:  # one before it may have come later
            self._moment = moment
        if warned := self._warned.taken():
            self._record.warn(warned)
        if results:
            self._record.add(results, moment)
        elif self._record.n_kept:
            self._record.flush()
        self._scores.add(results, moment)
        if self._record.n_made_again != self._n_made_again:
            self._n_made_again = self._record.n_made_again
            self._make_again()
        self._is_newer = True
        if self._is_strict and time.monotonic() - self._written_at > SECONDS:
            self._write_beside()

    def warn(self, text: str, where: Moment, /) -> None:
        """It is in the record with the next moment. From any thread."""
        self._warned.hear(text, where)

    def add_forward(self, costs: str, /) -> None:
        """What a forward pass of the first batch computes, in words."""
        with self._lock:
            _try(self._settings_out, lambda: add_forward(self.folder, costs), _NO_COSTS)

    def keep_best(
        self, weights: Mapping[str, object], moment: Moment, scores: Mapping[str, float], /
    ) -> None:
        """`weights` are the best so far: a copy by the names of the plain model, which nobody
        changes any more. A thread writes it.
        """
        about = {"epoch": moment.epoch, "step": moment.step, "scores": dict(scores)}
        self._best.keep(weights, about)

    def go_on_with_best(
        self, best: RunState | None, weights: Mapping[str, object], before: Sequence[Line], /
    ) -> None:
        """The best weights in the folder are those of the run as it goes on, whose results are
        `before`: not those of a future that was left behind. None where it has no best yet.
        """
        there = best_step(self.folder)
        if best is None:
            if there is not None and there > self._moment.step:
                rmtree(self.folder / BEST, ignore_errors=True)
        elif there != best.n_steps:
            place = {"epoch": best.n_epochs_elapsed, "step": best.n_steps}
            scores = {
                str(line.get("name")): number(line.get("value"))
                for line in before
                if line.get("kind") == ResultKind.SCORE.value and line.get("step") == best.n_steps
            }
            self._best.keep(weights, {**place, "scores": scores})

    def sync(self) -> None:
        """The record is on the disk, also if the power fails."""
        self._record.sync()

    def end(self, how: Ending, reason: str, /, *, timeout_s: float = _BEST_SECONDS) -> None:
        """The run ended, and all is written that can be; it may be begun again. The best weights,
        which a thread writes, are waited for `timeout_s` seconds at most.
        """
        self.is_running = False
        self._aside.stop()
        self._record.warn(self._warned.taken(all_of_it=True))
        self._record.end(how, reason)
        self._scores.flush()
        self._best.drain(timeout_s)
        self._write_status(how, reason)

    def leave(self) -> None:
        """Nothing is written any more."""
        self._aside.stop()

    def _write_beside(self) -> None:
        """What need not be there at once."""
        if not self._is_newer:
            return
        self._is_newer, self._written_at = False, time.monotonic()
        with self._lock:
            self._scores.flush()
            self._write_status()

    def _make_again(self) -> None:
        """The folder was deleted: what stands in it beside the results."""
        try:
            owner = read_json(self.folder / LOCK)
            if not is_mapping(owner) or owner.get("pid") != os.getpid():  # the lock went with it
                self._hold()
        except (OSError, RunFolderError) as error:
            _log.warning("%s", error)
        with self._lock:
            self._write_settings()
            self._write_status()

    def _write_settings(self) -> None:
        _try(
            self._settings_out,
            lambda: write_settings(self.folder, self._moment, self._begun),
            "what the run was begun with is in the record alone",
        )

    def _write_status(self, ending: Ending | None = None, reason: str = "") -> None:
        _try(
            self._status_out,
            lambda: write_status(self.folder, self._moment, ending, reason, self._spent.seconds()),
            "it tells an older place of the run",
        )


@contextmanager
def opened(configuration: RunFolder, /) -> Generator[OpenRun]:
    """The folder, made if need be and held until the end of the `with` block. A run that is left
    by an error has failed, one that is left by Ctrl-C was killed, if nobody said otherwise.

    Raises `RunFolderError` where another process holds it, or where it cannot be made or is a file.
    """
    folder = configuration.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"{folder}: cannot be made or is no folder ({error.strerror}); give run_folder= a path "
            "that can be written to"
        ) from error
    with ExitStack() as stack:
        stack.enter_context(held(folder))
        run = OpenRun(configuration, lambda: stack.enter_context(held(folder)))
        stack.callback(run.leave)
        try:
            yield run
        except BaseException as error:
            if run.is_running:
                how: Ending = "failed" if isinstance(error, Exception) else "killed"
                with suppress(RunFolderError):  # the first error is the one to see
                    run.end(how, f"{type(error).__name__}: {error}".rstrip(": "))
            raise


def _try(outage: Unwritten, write: Callable[[], object], meanwhile: str) -> None:
    try:
        write()
    except OSError as error:
        outage.began(error, meanwhile)
    else:
        outage.ended()


def _tell_of_before(folder: Path) -> None:
    """A run that was further, and begins anew."""
    with suppress(OSError):
        was = read_status(folder)
        if was is not None and was.step > 0:
            _log.warning(
                "%s: holds a run that was at epoch %d, step %d, and no checkpoint to go on from; "
                "training begins anew, and what was recorded no longer counts",
                *(folder, was.epoch, was.step),
            )
