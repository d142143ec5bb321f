"""Workers that compute where they are asked, answer later, and die as often as is said."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from artifact_torch.testing.beside import Behaviour, worker_here
from artifact_torch.testing.beside import some_milliseconds as milliseconds
from artifact_torch.validation import elsewhere

Delay = Callable[[], float]


@contextmanager
def slow_workers(
    delay: Delay,
    deaths: Callable[[], int] = lambda: 0,
    *,
    ready: threading.Event | None = None,
) -> Generator[None]:
    """Instead of processes, in this block; none answers before it is `ready`."""
    waits: Callable[[], object] = (lambda: None) if ready is None else ready.wait
    behaviour = Behaviour(delay=delay, deaths=deaths, ready=waits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "WorkerProcess", worker_here(behaviour))
        yield


def some_milliseconds(seed: int, most: float = 4.0) -> Delay:
    """Others each time, the same for one seed."""
    return milliseconds(seed, most / 1000)
