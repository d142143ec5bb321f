"""Where the words of a run appear: a bar, or plain lines, both on standard error.

Neither can end a run: a stream that is gone, or cannot print a character, is put up with.
"""

import logging
import os
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from operator import methodcaller
from typing import Final, Literal, TypeAlias, final

from artifact_torch.internal.listening import LOGGER, Listener, handlers

Mode: TypeAlias = Literal["auto", "bar", "lines", False]

_GONE: Final = (OSError, ValueError)  # a broken pipe, a terminal that hung up; a closed stream


def chosen(mode: Mode) -> Literal["bar", "lines"] | None:
    """What `mode` means here: "auto" is a bar on a terminal and in a notebook, else lines."""
    if mode is False or sys.stderr is None:  # as under pythonw
        return None
    if mode != "auto":
        return mode
    try:
        on_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return None
    return "bar" if (on_terminal and _has_size()) or "ipykernel" in sys.modules else "lines"


def _has_size() -> bool:
    """False for a terminal of 0 columns, where a job has one that nobody looks at."""
    try:
        return min(os.get_terminal_size(sys.stderr.fileno())) > 0
    except _GONE:  # no terminal, or one that does not tell, as in an editor
        return True


def write_line(line: str) -> None:
    """One line on standard error, or none."""
    if sys.stderr is not None:
        with suppress(*_GONE):
            sys.stderr.write(f"{_printable(line)}\n")
            sys.stderr.flush()


def _printable(text: str) -> str:
    """`text` with escapes for what standard error cannot encode."""
    encoding = sys.stderr.encoding or "utf-8"  # a StringIO has none
    return text.encode(encoding, "backslashreplace").decode(encoding)


def is_shown_by_logging() -> bool:
    """Whether the user's own logging puts our records of level INFO on a screen."""
    if not LOGGER.isEnabledFor(logging.INFO):
        return False
    screens = {id(each) for each in (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__)}
    return any(
        id(getattr(each, "stream", each)) in screens or type(each).__name__ == "RichHandler"
        for each in handlers(LOGGER)
        if each.level <= logging.INFO
    )


@final
class Bar:
    """One bar on one line. While it stands, records of our own loggers come above it."""

    def __init__(self, n_batches: int) -> None:
        from tqdm.auto import tqdm

        has_size = _has_size()
        self._bar = tqdm(
            total=n_batches,
            dynamic_ncols=has_size,
            ncols=None if has_size else 80,
            nrows=None if has_size else 24,  # with 0 rows tqdm draws nothing
            leave=None,  # stays, but where it is nested within a bar of the user's
            bar_format="{desc} |{bar:10}| {n_fmt}/{total_fmt}{postfix}",
            delay=1e-9,  # nothing before the first `show`
        )
        self._handler = Listener(
            lambda _, is_written: self.clear() if is_written else None,
            lambda record: self.write_above(record.getMessage()),
        )
        LOGGER.handlers.insert(0, self._handler)  # before those that write

    @contextmanager
    def _drawing(self) -> Generator[None]:
        """Tqdm's own locking keeps the lock where writing fails, and other threads waiting."""
        lock: AbstractContextManager[object] = methodcaller("get_lock")(self._bar)  # untyped
        try:
            with lock:
                yield
        except _GONE:
            self._bar.disable = True

    def show(self, where: str, n_done: int, fields: str) -> None:
        """Draw it anew."""
        self._bar.n = n_done
        with self._drawing():
            self._bar.set_description_str(where, refresh=False)
            self._bar.set_postfix_str(_printable(fields), refresh=False)
            self._bar.refresh(nolock=True)
        self._bar.delay = 0  # else `close` takes it for one that was never seen

    def clear(self) -> None:
        """Make room for a line; the bar comes back when it is next shown."""
        with self._drawing():
            self._bar.clear(nolock=True)

    def write_above(self, line: str) -> None:
        """A line, and the bar below it again."""
        with self._drawing():
            self._bar.clear(nolock=True)
            write_line(line)
            self._bar.refresh(nolock=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        LOGGER.removeHandler(self._handler)
        with self._drawing():
            self._bar.close()
