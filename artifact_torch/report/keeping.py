"""The report that lies in a run folder: written when the run ends, and if asked after validations."""

import logging
import shlex
import time
from collections.abc import Iterable, Sequence
from threading import Thread
from typing import final

from artifact_torch.contracts import Failure, Result, ResultName
from artifact_torch.run_folder.configuration import RunFolder

_log = logging.getLogger("artifact_torch")

_SHARE = 20
"""A report that took 0.1 s is not written again for 2 s: at most a twentieth of the time."""

_NEEDED_S = 5.0
_TO_GO_S = 10.0  # one in progress does not hold up the end of a run for longer


@final
class KeptReport:
    """Writes report.html in `folder`, as it says, and never hurts the run: what stands in the way is
    one warning, whatever it is. Without a folder it does nothing.
    """

    def __init__(self, folder: RunFolder | None, validated: Iterable[ResultName] = ()) -> None:
        self._folder = None if folder is None or not folder.report else folder.folder
        self._after_each = folder is not None and folder.report == "validation"
        self._validated = {*validated}
        """What the routines produce: with one of these, a moment was a validation."""
        self._thread: Thread | None = None
        self._not_before = 0.0
        self._is_told = False

    def moment(self, results: Sequence[Result | Failure], /) -> None:
        """After a validation, where it is wanted then: by a thread, which training does not wait for.
        Not while one is written, nor soon after.
        """
        if not self._after_each or time.monotonic() < self._not_before:
            return
        if self._thread is not None and self._thread.is_alive():
            return
        if any((each.kind, each.name) in self._validated for each in results):
            self._start()

    def end(self, left_s: float, /) -> None:
        """The run has ended. It is left out where a signal leaves less than a few seconds."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(min(_TO_GO_S, left_s))
        if left_s <= _NEEDED_S:
            return
        if thread is not None and thread.is_alive():  # two at once would write one file
            self._tell(TimeoutError(f"the one before takes more than {_TO_GO_S:g} s"))
        else:
            self._write()

    def _start(self) -> None:
        thread = Thread(target=self._write, name="report", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread can be started
            self._tell(error)
        else:
            self._thread = thread

    def _write(self) -> None:
        if self._folder is None:
            return
        began = time.monotonic()
        try:
            from artifact_torch.report.writing import (
                REPORT,
                report,
            )  # 50 ms, for those who have one

            report([self._folder], self._folder / REPORT)
        except Exception as error:  # noqa: BLE001  the run is more than its picture
            self._tell(error)
        now = time.monotonic()
        self._not_before = now + _SHARE * (now - began)

    def _tell(self, error: Exception) -> None:
        if not self._is_told:
            self._is_told = True
            again = f"artifact-torch report {shlex.quote(str(self._folder))}"
            told = "the report could not be written (%s: %s), all else was; to try again: %s"
            _log.warning(told, type(error).__name__, error, again)
