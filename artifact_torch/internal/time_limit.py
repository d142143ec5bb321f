"""A part that takes longer than it should is reported while it still runs."""

import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from artifact_torch.contracts import Cadence
from artifact_torch.internal.arguments import shown

_logger = logging.getLogger("artifact_torch")


def time_limit_problems(limit: object) -> list[str]:
    """What is wrong with a limit, in words."""
    if limit is None or (isinstance(limit, Cadence) and limit.unit == "minutes"):
        return []
    return [f"time_limit must be minutes(n), or None for no limit, got {shown(limit)}"]


@contextmanager
def reported_after(limit: Cadence | None, what: str, where: object) -> Generator[None]:
    """A warning once what happens inside has taken longer, from a thread of its own, and another with
    the time it took after all. Nothing is stopped. Costs a thread, or nothing without a limit.
    """
    if limit is None:
        yield
        return
    began, told = time.monotonic(), threading.Event()

    def tell() -> None:
        told.set()
        _logger.warning(
            "%s at %s still runs after %g minutes, its time_limit; training waits for it",
            *(what, where, limit.n),
        )

    timer = threading.Timer(limit.n * 60, tell)
    timer.daemon = True  # one that hangs for ever must not keep the process
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if told.is_set():
            took = (time.monotonic() - began) / 60
            _logger.warning("%s at %s is over after %.3g minutes", what, where, took)
