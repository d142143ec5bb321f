"""The logging thread of artifact-experiment's clients: kept alive, and waited for.

Each client has one daemon thread and an unbounded queue, and no way to flush it: `stop()` throws
the queue away, and one result that cannot be written ends the thread for good, silently. All
knowledge of that library's private parts (0.1.11) is in this file.
"""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections.abc import Callable
from queue import Empty
from threading import Thread
from time import monotonic, sleep
from typing import Protocol, TypeAlias, final, runtime_checkable

_log = logging.getLogger(__name__)

_LIBRARY = "artifact_experiment"
# Not `join`: until Python 3.13, one that Ctrl-C ends marks a living thread as ended (bpo-45274),
# and we would start a second one beside it.
_POLL_S = 0.005
_MOST_POLLS_TO_END = 200
_MOST_DEATHS_IN_A_ROW = 5
_SILENCE_S = 5.0

_LOST_ONE = (
    "A result could not be written by the tracking backend and is lost: it ended the client's "
    "logging thread (its traceback is on stderr). The thread was started again for the others."
)
_STOPPED = (
    "The tracking client has been stopped: results are not recorded any more. "
    "Call its stop() only after the last training with it."
)
_UNKNOWN_SHAPE = (
    "%s keeps its logging thread differently from artifact-experiment 0.1.11: results that are "
    "still queued when training ends may be lost. Install artifact-experiment==0.1.11, or wait "
    "before the process ends."
)


@runtime_checkable
class ItemQueue(Protocol):
    """What `client.queue.queue` has."""

    def put(self, item: object) -> None: ...

    def get(self, block: bool = True) -> object: ...  # raises queue.Empty when not blocking

    def qsize(self) -> int: ...


@runtime_checkable
class Worker(Protocol):
    """What `client._logger_worker` has, beside the attribute `_thread`: a Thread or None."""

    def start(self) -> None:
        """A new thread, unless there is one that lives."""
        ...


# The queue, then the thread, hold the only strong reference to our stop flag: once it is gone,
# the thread has taken it and ended as told. A thread that ended before died of a result.
_StopFlag: TypeAlias = weakref.ref[object]


@final
class LoggingThread:
    """The thread that writes what a client has queued, started again when a result killed it."""

    def __init__(
        self, queue: ItemQueue, worker: Worker, new_stop_flag: Callable[[], object]
    ) -> None:
        self._queue = queue
        self._worker = worker
        self._new_stop_flag = new_stop_flag
        self._dead: Thread | None = None  # the last one whose death was counted
        self._lost = 0
        self._said: set[str] = set()

    def revive(self) -> bool:
        """Whether results queued from now on will be written."""
        thread = _thread_of(self._worker)
        if thread is None:
            self._warn_once(_STOPPED)
            return False
        if not thread.is_alive():
            self._count_death(thread)
            self._worker.start()
        return True

    def drain(self, timeout_s: float, is_interrupted: Callable[[], bool] = lambda: False) -> None:
        """Wait until all that is queued now is written, or nothing was for `timeout_s` seconds, or
        `is_interrupted` says True.

        The client can be used afterwards. KeyboardInterrupt ends the wait and is raised.
        """
        if not self.revive():
            return
        flag = self._new_stop_flag()
        self._queue.put(flag)
        stop = weakref.ref(flag)
        del flag
        given_up = "The wait for the tracking client was interrupted"
        try:
            given_up = self._wait(stop, timeout_s, is_interrupted)
        finally:
            self._resume(stop)
            if given_up:
                thread = _thread_of(self._worker)
                in_hand = 1 if thread is not None and thread.is_alive() else 0
                _log.warning(
                    "%s: up to %d results are not written, and are lost if the process ends now.",
                    given_up,
                    self._queue.qsize() + in_hand,
                )
            if self._lost > 1:  # of one, _LOST_ONE has told
                _log.warning("The tracking backend refused %d results, which are lost.", self._lost)
            self._lost = 0

    def _wait(self, stop: _StopFlag, timeout_s: float, is_interrupted: Callable[[], bool]) -> str:
        """Empty when all is written, else why the wait was given up."""
        patience = Deadline(timeout_s, self._queue.qsize())
        size_at_death, deaths_in_a_row = -1, 0
        while True:
            thread = _thread_of(self._worker)
            if thread is None:
                return "The tracking client was stopped meanwhile"
            if not thread.is_alive():
                if stop() is None:
                    return ""
                self._count_death(thread)
                size = self._queue.qsize()
                # it took nothing but the result that killed it: the backend may refuse them all
                deaths_in_a_row = deaths_in_a_row + 1 if size == size_at_death - 1 else 1
                size_at_death = size
                if deaths_in_a_row == _MOST_DEATHS_IN_A_ROW:
                    return f"The tracking backend refused {deaths_in_a_row} results in a row"
                self._worker.start()
            if patience.is_over(self._queue.qsize()):
                return f"The tracking client wrote nothing for {timeout_s:g} s"
            if is_interrupted():
                return "The wait for the tracking client was interrupted"
            sleep(_POLL_S)

    def _resume(self, stop: _StopFlag) -> None:
        """Leave the client as we found it: no stop flag queued, and a thread that writes."""
        if stop() is not None and self._withdraw(stop):
            return
        thread = _thread_of(self._worker)
        if thread is not None:
            for _ in range(_MOST_POLLS_TO_END):  # it has taken the flag: it is about to end
                if not thread.is_alive():
                    break
                sleep(_POLL_S)
            self._worker.start()

    def _withdraw(self, stop: _StopFlag) -> bool:
        """Whether the flag was still queued. An item taken meanwhile may overtake one held here."""
        items: list[object] = []
        with contextlib.suppress(Empty):
            while True:
                items.append(self._queue.get(block=False))
        others = [item for item in items if item is not stop()]
        for item in others:
            self._queue.put(item)
        return len(others) < len(items)

    def _count_death(self, thread: Thread) -> None:
        if thread is not self._dead:
            self._dead = thread
            self._lost += 1
            self._warn_once(_LOST_ONE)

    def _warn_once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            _log.warning(message)


@final
class Deadline:
    """Is over when a queue has not become shorter for `timeout_s`; says once that it lasts."""

    def __init__(self, timeout_s: float, size: int) -> None:
        self._timeout_s = timeout_s
        self._size = size
        self._started = self._progressed = monotonic()
        self._said = False

    def is_over(self, size: int) -> bool:
        now = monotonic()
        if size < self._size:
            self._size, self._progressed = size, now
        if not self._said and now - self._started > _SILENCE_S:
            self._said = True
            _log.warning(
                "Still writing %d results to the tracking client; Ctrl-C ends the wait.", size
            )
        return now - self._progressed >= self._timeout_s


def is_of_artifact_experiment(client: object) -> bool:
    """Without an import of it, to ask by isinstance: that costs 5 s."""
    return any(base.__module__.partition(".")[0] == _LIBRARY for base in type(client).__mro__)


def logging_thread(client: object) -> LoggingThread | None:
    """None for a client of another make, which has no thread that we know of."""
    if not is_of_artifact_experiment(client):
        return None
    tracking_queue: object = getattr(client, "queue", None)
    queue: object = getattr(tracking_queue, "queue", None)
    new_stop_flag = _stop_flag_class()
    worker: object = getattr(client, "_logger_worker", None)
    if isinstance(queue, ItemQueue) and isinstance(worker, Worker) and new_stop_flag is not None:
        thread: object = getattr(worker, "_thread", "no such attribute")
        if thread is None or isinstance(thread, Thread):
            return LoggingThread(queue, worker, new_stop_flag)
    _log.warning(_UNKNOWN_SHAPE, type(client).__name__)
    return None


def _thread_of(worker: Worker) -> Thread | None:
    thread: object = getattr(worker, "_thread", None)
    return thread if isinstance(thread, Thread) else None


def _stop_flag_class() -> Callable[[], object] | None:
    try:
        from artifact_experiment._base.tracking.background.item import StopFlag
    except ImportError:
        return None
    return StopFlag
