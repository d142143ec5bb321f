"""Warnings of a run on their way into its record."""

from collections import deque
from collections.abc import Mapping
from typing import Final, final

from artifact_torch.contracts import Moment

MAX_WARNINGS: Final = 200
"""Kept word for word of each call of `train()`; more are counted."""


@final
class Warned:
    """Heard from any thread; written by whoever writes the record, since one may be about that."""

    def __init__(self) -> None:
        self._new = deque[dict[str, object]]()
        self._n_heard = 0

    def hear(self, text: str, where: Moment) -> None:
        """Not within the loop: a run that is not warned does nothing here."""
        self._n_heard += 1
        if self._n_heard <= MAX_WARNINGS:
            place = {"epoch": where.epoch, "step": where.step, "seconds": where.seconds}
            self._new.append({"text": text, **place})

    def taken(self, *, all_of_it: bool = False) -> list[Mapping[str, object]]:
        """Those that are not written yet; at the end with how many there were beside them."""
        found: list[Mapping[str, object]] = []
        while self._new:
            found.append(self._new.popleft())
        if all_of_it and self._n_heard > MAX_WARNINGS:
            found.append({"n_more": self._n_heard - MAX_WARNINGS})
            self._n_heard = MAX_WARNINGS
        return found
