"""How long to wait for a queue that others empty."""

from __future__ import annotations

import logging
from time import monotonic
from typing import final

_log = logging.getLogger(__name__)

_SILENCE_S = 5.0


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
