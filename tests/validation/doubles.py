"""A worker that computes where it is asked and answers later, or as a process that died once."""

import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from artifact_torch.contracts import Cadence
from artifact_torch.validation import elsewhere
from artifact_torch.validation.jobs import Answer, Surroundings
from artifact_torch.validation.process import Sent
from artifact_torch.validation.worker import Worker

Delay = Callable[[], float]


class Slow:
    """Answers in order, each after so many seconds."""

    delay: Delay = staticmethod(lambda: 0.0)
    lost: Callable[[], str] = staticmethod(lambda: "")
    ready = threading.Event()

    def __init__(
        self, surroundings: Surroundings, *, time_limit: Cadence | None, tell: Callable[[], object]
    ) -> None:
        self._worker = Worker(surroundings)
        self._tell = tell
        self._last = threading.Event()
        self._last.set()

    @property
    def n_left(self) -> int:
        return 0

    def submit(self, sent: Sent) -> None:
        lost = self.lost()
        answer = Answer(lost=lost) if lost else self._worker.answer(sent.job)
        before, self._last = self._last, threading.Event()
        after, delay = self._last, self.delay()

        def give() -> None:
            self.ready.wait()
            time.sleep(delay)
            before.wait()
            sent.answer = answer
            after.set()
            self._tell()

        threading.Thread(target=give, daemon=True).start()

    def close(self) -> None: ...


@contextmanager
def slow_workers(
    delay: Delay,
    lost: Callable[[], str] = lambda: "",
    *,
    ready: threading.Event | None = None,
) -> Generator[None]:
    """Instead of processes, in this block; none answers before it is `ready`."""
    if ready is None:
        ready = threading.Event()
        ready.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Slow, "delay", staticmethod(delay))
        patch.setattr(Slow, "lost", staticmethod(lost))
        patch.setattr(Slow, "ready", ready)
        patch.setattr(elsewhere, "WorkerProcess", Slow)
        yield


def some_milliseconds(seed: int, most: float = 4.0) -> Delay:
    """Others each time, the same for one seed."""
    draws = random.Random(seed)
    return lambda: draws.uniform(0, most) / 1000
