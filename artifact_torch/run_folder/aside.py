"""What is written beside the training, about once a second."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import final

_log = logging.getLogger("artifact_torch")

SECONDS = 1.0
"""Between two times."""

_TO_GO_S = 10.0  # a disk that hangs does not hold up the end of a run for longer


@final
class Aside:
    """Does `work` in a daemon thread from `start` to `stop`, so that no moment of training waits for
    it. Where no thread can be started it is not done. What it raises is logged.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._ends = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Unless it is started."""
        if self._thread is not None:
            return
        self._ends = Event()
        thread = Thread(target=self._run, args=(self._ends,), name="run folder", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            _log.warning("status.json and scores.csv are written at the end: %s", error)
        else:
            self._thread = thread

    def stop(self) -> None:
        """It is not done again; one in progress is waited for."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ends.set()
            thread.join(_TO_GO_S)

    def _run(self, ends: Event) -> None:
        while not ends.wait(SECONDS):
            try:
                self._work()
            except Exception:  # noqa: BLE001  a thread that ends says nothing
                _log.exception("status.json and scores.csv are not written")
