"""How long a client has answered nothing."""

from time import monotonic
from typing import final


@final
class Silence:
    """Of somebody whose answers are counted, from the moment that this is made."""

    def __init__(self) -> None:
        self._n_answers: int | None = None
        self._since = monotonic()

    def lasts(self, n_answers: int) -> float:
        """Seconds since the number last changed."""
        now = monotonic()
        if n_answers != self._n_answers:
            if self._n_answers is not None:
                self._since = now
            self._n_answers = n_answers
        return now - self._since
