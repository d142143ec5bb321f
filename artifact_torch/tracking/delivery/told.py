"""What a run is told of its clients' outages."""

import logging
from pathlib import Path
from threading import Lock
from typing import final

from artifact_torch.tracking.delivery.outage import Outage

_log = logging.getLogger(__name__)


@final
class Told:
    """Says each outage once when it begins and once when it ends, and keeps the newest."""

    def __init__(self, label: str, folder: Path) -> None:
        self._label = label
        self._folder = folder
        self._lock = Lock()
        self._outage: Outage | None = None
        self._left_out = ""
        self._n_waiting = 0
        self._silence = ""

    @property
    def is_left_out(self) -> bool:
        """Whether nothing calls it any more."""
        return bool(self._left_out)

    @property
    def is_out(self) -> bool:
        """Whether an outage lasts."""
        return self.is_left_out or (self._outage is not None and self._outage.until is None)

    @property
    def text(self) -> str:
        """Of the newest outage, and of what is not delivered; empty where there is neither."""
        said = [self._left_out or str(self._outage or ""), self._silence]
        if self._n_waiting:
            said.append(f"{self._n_waiting} results are not delivered")
        return "; ".join(filter(None, said))

    @property
    def is_owed(self) -> bool:
        """Whether the end of the run left anything for later."""
        return bool(self._n_waiting or self._silence)

    def begin(self) -> None:
        """Training goes on: what was left before is delivered now, or said again."""
        self._n_waiting, self._silence = 0, ""

    def hear(self, outage: Outage) -> None:
        with self._lock:
            self._outage = outage
        if outage.until is None:
            _log.warning(
                "%s cannot be reached %s. The run goes on; results wait in %s and are delivered "
                "when it answers.",
                self._label,
                outage,
                self._folder,
            )
        else:
            _log.warning("%s answers again: it was out %s.", self._label, outage)

    def leave_out(self, why: str) -> None:
        """It is not called again in this run."""
        self._left_out = why
        _log.warning("%s is left out: %s. The run goes on without it.", self._label, why)

    def say_rest(self, n_waiting: int, later: str, *, silence_s: float | None) -> None:
        """At the end: what was not delivered, and how it can be; `silence_s` of a client that was
        waited for no longer.
        """
        self._n_waiting = n_waiting
        what = f"{n_waiting} results are not delivered to {self._label}"
        if not n_waiting:
            what = f"{self._label} was not told of the end of the run"
        if silence_s is not None:
            self._silence = f"it answered nothing for {silence_s:g} s at the end of the run"
            what += f": {self._silence}"
        _log.warning("%s. %s", what, later)
