"""A client that cannot be sent elsewhere, in a thread of the process that trains."""

from pathlib import Path
from threading import Event
from typing import final

from artifact_torch.contracts import ResultsClient
from artifact_torch.tracking.delivery.deliver import Deliverer, Patience
from artifact_torch.tracking.delivery.told import Told
from artifact_torch.tracking.turns import Turns

LIMIT_S = 1.0
"""For which training waits; for a client that is slower not even that again."""


@final
class ClientThread:
    """Works while training waits, a second at most and for one that is slower never again: what it
    draws from the generators of this process was then not drawn after.
    """

    def __init__(
        self,
        client: ResultsClient,
        folder: Path,
        name: str,
        *,
        told: Told,
        patience: Patience,
    ) -> None:
        self._told = told
        self._turns = Turns(type(client).__name__, limit_s=LIMIT_S)
        self._deliverer = Deliverer(client, folder, name, tell=told.hear, patience=patience)
        self._is_delivered = Event()

    @property
    def n_answers(self) -> int:
        """Calls that the client answered."""
        return self._deliverer.n_answers

    def work(self) -> None:
        """Deliver what is recorded. A turn that waits already will do."""
        if not self._turns.n_left:
            self._turns.take(self._deliver)

    def ask_to_finish(self) -> None:
        self._is_delivered.clear()

    def is_finished(self) -> bool:
        """Whether all is delivered since it was asked, or is not waited for."""
        self._deliverer.watch()
        if self._told.is_out or self._is_delivered.is_set():
            return True
        self.work()
        return False

    def _deliver(self) -> None:
        if self._deliverer.deliver():
            self._is_delivered.set()
