"""Calls of a client in a thread, for which training waits a short while and no longer."""

import logging
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import final

from artifact_torch.internal.randomness import kept_rng
from artifact_torch.tracking.delivery.outage import cause_of
from artifact_torch.tracking.silence import Silence

_log = logging.getLogger(__name__)

_POLL_S = 0.05
_SILENCE_S = 5.0


@final
class Turns:
    """Works in their order, in one daemon thread; `take` returns when its work is done.

    While it waits, whatever the work draws from the generators of torch (CPU), Python and NumPy was
    not drawn after. A work that takes longer than `limit_s` is left to itself and told once: from
    then on nothing is waited for, works queue up to `most`, and what they draw is drawn. What a
    work raises is logged, SystemExit too.
    """

    def __init__(self, name: str, *, limit_s: float = 1.0, most: int = 1000) -> None:
        self.name: str = name
        self._limit_s = limit_s
        self._most = most
        self._changed = Condition()
        self._works: deque[Callable[[], object]] = deque()
        self._is_working = False
        self._thread: Thread | None = None
        self._n_lost = 0
        self.is_waited_for: bool = True

    def take(self, work: Callable[[], object]) -> None:
        """Raises nothing of the work's."""
        if not self.is_waited_for:
            self._queue(work)
            return
        with kept_rng():
            if self._queue(work) and not self._is_idle_within(self._limit_s):
                self.is_waited_for = False
        if not self.is_waited_for:
            _log.warning(
                "%s did not answer within %g s. The run goes on and does not wait for it again.",
                self.name,
                self._limit_s,
            )

    def drain(self, timeout_s: float, is_interrupted: Callable[[], bool] = lambda: False) -> int:
        """Wait until all is done, at most that long and no longer than 5 s for one work; returns
        how many works are not.
        """
        end, silence = monotonic() + timeout_s, Silence()
        while not self._is_idle_within(min(_POLL_S, max(0.0, end - monotonic()))):
            if monotonic() >= end or is_interrupted() or silence.lasts(self.n_left) >= _SILENCE_S:
                break
        with self._changed:
            n_lost, self._n_lost = self._n_lost, 0
        return self.n_left + n_lost

    @property
    def n_left(self) -> int:
        """Works that are not done."""
        with self._changed:
            return len(self._works) + self._is_working

    def _queue(self, work: Callable[[], object]) -> bool:
        with self._changed:
            if len(self._works) >= self._most:
                if not self._n_lost:
                    _log.warning(
                        "%s is %d rounds behind; further ones are lost.", self.name, self._most
                    )
                self._n_lost += 1
                return False
            self._works.append(work)
            self._changed.notify_all()
            return self._is_started()

    def _is_started(self) -> bool:
        if self._thread is None or not self._thread.is_alive():
            thread = Thread(target=self._run, name=f"artifact_torch: {self.name}", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no new thread can be started
                self._works.clear()
                self._n_lost += 1
                _log.warning("%s cannot be called: %s.", self.name, error)
                return False
            self._thread = thread
        return True

    def _is_idle_within(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._works and not self._is_working, timeout_s
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._works))
                work = self._works.popleft()
                self._is_working = True
            try:
                work()
            except BaseException as error:  # noqa: BLE001 SystemExit, too, would end the thread
                _log.warning("%s raised %s. The run goes on.", self.name, cause_of(error))
            finally:
                del work  # it holds results
                with self._changed:
                    self._is_working = False
                    self._changed.notify_all()
