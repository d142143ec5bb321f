"""Who hears what is logged and warned of, and changes nothing of where it appears."""

import logging
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeAlias, final

LOGGER = logging.getLogger("artifact_torch")

P = ParamSpec("P")

Hears: TypeAlias = Callable[[logging.LogRecord, bool], object]
"""Given a record, and whether somebody else writes it."""


@final
class Listener(logging.Handler):
    """Hears each record of our own loggers, from any thread. Counts as no handler: where there is no
    other, a warning is written as Python does without any, by the first listener.
    """

    def __init__(self, hears: Hears, write: Callable[[logging.LogRecord], object]) -> None:
        super().__init__()
        self._hears = hears
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """Called by `logging`."""
        reached = [*handlers(logging.getLogger(record.name))]
        is_written = any(not isinstance(each, Listener) for each in reached)
        self._hears(record, is_written)
        if not is_written and record.levelno >= logging.WARNING and reached[:1] == [self]:
            self._write(record)


def handlers(logger: logging.Logger | None) -> Iterator[logging.Handler]:
    """Those that a record of `logger` reaches."""
    while logger is not None:
        yield from logger.handlers
        logger = logger.parent if logger.propagate else None


@contextmanager
def warnings_heard(hear: Callable[[str], object], /) -> Generator[None]:
    """Within the block `hear` is called with each warning of our loggers and of `warnings.warn`, from
    any thread, and each appears where it would have. What `warnings` shows once is heard once.
    """
    is_on = True
    before = warnings.showwarning

    def heard_first(shows: Callable[P, None]) -> Callable[P, None]:
        def show(*args: P.args, **kwargs: P.kwargs) -> None:
            positional: tuple[object, ...] = args
            message, category, *_ = (*positional, *kwargs.values())
            if is_on:
                hear(f"{category.__name__ if isinstance(category, type) else category}: {message}")
            shows(*args, **kwargs)

        return show

    def hears(record: logging.LogRecord, _: bool) -> None:
        if record.levelno == logging.WARNING:  # errors are failures of results, recorded as such
            hear(record.getMessage())

    listener = Listener(hears, as_without_any)
    LOGGER.addHandler(listener)
    warnings.showwarning = show = heard_first(before)
    try:
        yield
    finally:
        is_on = False
        LOGGER.removeHandler(listener)
        if warnings.showwarning is show:  # else somebody put theirs above it, and calls it
            warnings.showwarning = before


def as_without_any(record: logging.LogRecord) -> None:
    """Written as Python does where there is no handler."""
    last = logging.lastResort
    if last is not None and record.levelno >= last.level:
        last.handle(record)
