"""Something written beside the training, of which only the newest matters."""

import logging
from collections.abc import Callable
from threading import Condition, Thread
from typing import final

_log = logging.getLogger("artifact_torch")


@final
class Background:
    """Does one thing at a time in a thread; of what comes meanwhile, the newest."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._changed = Condition()
        self._next: Callable[[], object] | None = None
        self._is_busy = False

    def do(self, work: Callable[[], object]) -> None:
        """Soon; it takes the place of what has not begun."""
        with self._changed:
            self._next = work
            if self._is_busy:
                return
            self._is_busy = True
        Thread(target=self._work, name=self._what).start()

    def drain(self, timeout_s: float) -> None:
        """Wait until nothing is left to do."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._is_busy, min(timeout_s, 1e6)):
                _log.warning("%s: are not written after %g s", self._what, timeout_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                work, self._next = self._next, None
                if work is None:
                    self._is_busy = False
                    self._changed.notify_all()
                    return
            try:
                work()
            except Exception as error:  # noqa: BLE001 it must not end the thread: more may come
                _log.warning("%s: could not be written: %s", self._what, error)
