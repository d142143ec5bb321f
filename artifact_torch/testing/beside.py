"""What would be computed in a process beside the training, computed in the process of a life."""

import random
import threading
import time
from collections.abc import Callable
from typing import Final, final

from artifact_torch.contracts import Cadence
from artifact_torch.validation import elsewhere
from artifact_torch.validation.jobs import Surroundings
from artifact_torch.validation.process import Sent
from artifact_torch.validation.worker import Worker

_MOST_S: Final = 0.02


@final
class WorkerHere:
    """Takes what a worker process takes, by the same parcels, and answers in order some milliseconds
    later: a life is not two seconds longer, and a fault finds answers under way.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        time_limit: Cadence | None,  # noqa: ARG002  (nothing here takes long)
        tell: Callable[[], object],
    ) -> None:
        self._worker = Worker(surroundings)
        self._tell = tell
        self._last = threading.Event()
        self._last.set()
        self._delays = random.Random(0)  # noqa: S311  (no secret; and no draw of the run's)

    @property
    def n_left(self) -> int:
        """None is computed later."""
        return 0

    def submit(self, sent: Sent) -> None:
        """Computed now, by whom it is asked; answered after those before."""
        answer, before = self._worker.answer(sent.job), self._last
        delay, after = self._delays.uniform(0, _MOST_S), threading.Event()
        self._last = after

        def give() -> None:
            time.sleep(delay)
            before.wait()
            sent.answer = answer
            after.set()
            self._tell()

        threading.Thread(target=give, daemon=True).start()

    def close(self) -> None:
        """Nothing is left behind."""


def compute_here() -> None:
    """From now on, in this process."""
    setattr(elsewhere, "WorkerProcess", WorkerHere)  # noqa: B010  (a class of ours in its place)
