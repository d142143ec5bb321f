"""What would be computed in a process beside the training, computed in the process of a life."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, final

from artifact_torch.contracts import Cadence
from artifact_torch.validation import elsewhere
from artifact_torch.validation.jobs import Answer, Surroundings
from artifact_torch.validation.process import Sent, tried
from artifact_torch.validation.worker import Worker

_MOST_S: Final = 0.02


def some_milliseconds(seed: int, most_s: float) -> Callable[[], float]:
    """Others each time, the same for one seed."""
    draws = random.Random(seed)  # noqa: S311  (no secret; and no draw of the run's)
    return lambda: draws.uniform(0, most_s)


def _at_once() -> None: ...


def _lives() -> int:
    return 0


@final
@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the processes are that are played here."""

    delay: Callable[[], float]
    """Seconds until a job is answered."""
    deaths: Callable[[], int] = _lives
    """How often a process dies at the next job, each time when it has computed it."""
    ready: Callable[[], object] = _at_once
    """Returns when answers may begin to come."""


@final
class WorkerHere:
    """Takes what a worker process takes, by the same parcels, tries as often, and answers in order
    some time later: a life is not two seconds longer, and a fault finds answers under way.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        surroundings: Surroundings,
        *,
        time_limit: Cadence | None,  # noqa: ARG002  (nothing here takes long)
        tell: Callable[[], object],
    ) -> None:
        self._behaviour = behaviour
        self._surroundings = surroundings
        self._worker = Worker(surroundings)
        self._tell = tell
        self._last = threading.Event()
        self._last.set()

    @property
    def n_left(self) -> int:
        """None is computed later."""
        return 0

    def submit(self, sent: Sent) -> None:
        """Computed now, by whom it is asked; answered after those before."""
        left = [self._behaviour.deaths()]
        answer = tried(lambda: self._asked(sent, left), _why_it_ended)
        before, after, delay = self._last, threading.Event(), self._behaviour.delay()
        self._last = after

        def give() -> None:
            self._behaviour.ready()
            time.sleep(delay)
            before.wait()
            sent.answer = answer
            after.set()
            self._tell()

        threading.Thread(target=give, daemon=True).start()

    def _asked(self, sent: Sent, left: list[int]) -> Answer:
        answer = self._worker.answer(sent.job)
        if left[0] > 0:
            left[0] -= 1
            self._worker = Worker(self._surroundings)  # another process, which was sent nothing yet
            raise EOFError
        return answer

    def close(self) -> None:
        """Nothing is left behind."""


def _why_it_ended(_: Exception) -> str:
    return "its process was ended by SIGKILL"


def worker_here(behaviour: Behaviour) -> Callable[..., WorkerHere]:
    """What stands in for `WorkerProcess`."""
    return partial(WorkerHere, behaviour)


def compute_here() -> None:
    """From now on, in this process."""
    behaviour = Behaviour(delay=some_milliseconds(0, _MOST_S))
    setattr(elsewhere, "WorkerProcess", worker_here(behaviour))  # noqa: B010  (ours in its place)
