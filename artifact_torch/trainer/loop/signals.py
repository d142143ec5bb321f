"""Signals that ask a run to end: it ends between two updates, with all that it has."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import Any, Final, TypeAlias, final

_log = logging.getLogger("artifact_torch")

# SIGUSR1: what schedulers send some time before they kill
_ASKING: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGUSR1") if name in vars(signal)
)

_TO_GO_S: Final = 2.0
_Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None  # Any: as Python has it


class Asked(BaseException):
    """A signal asked the run to end. No `except Exception` of a part swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{signal.Signals(number).name}")
        self.number: int = number


@final
class Signals:
    """Hears SIGTERM, SIGINT and SIGUSR1 while `train()` runs in the main thread.

    The first is kept until the update in progress is done, and interrupts a validation or a wait at
    once. A second one leaves at once, and so does the end of `grace_s` seconds after SIGTERM or
    SIGUSR1: whoever sent it would kill.

    Of several processes each hears its own, and all end by the first that they `agree` on, between
    two updates: no validation is interrupted.
    """

    def __init__(self, *, grace_s: float, is_alone: bool = True) -> None:
        self._is_alone = is_alone
        self._agreed: int | None = None
        self._failure: BaseException | None = None
        self._wake: Callable[[], None] = _nothing
        self._grace_s = grace_s
        self._number: int | None = None
        self._ends_at: float | None = None
        self._may_interrupt = False
        self._timer: threading.Timer | None = None
        self._process = os.getpid()
        self._is_heard = False

    @property
    def number(self) -> int | None:
        """Of the signal that this process heard."""
        return self._number

    def agree(self, number: int) -> None:
        """All processes end by this one, which one of them heard."""
        self._agreed = number
        if self._ends_at is None:
            self._ends_at = monotonic() + self._grace_s

    def fail(self, error: BaseException) -> None:
        """Called by a thread: `error` is raised in the main thread, whatever that does, as far as it
        comes back to Python.
        """
        self._failure = error
        if self._is_heard:
            signal.pthread_kill(threading.main_thread().ident or 0, _ASKING[-1])

    @property
    def was_asked(self) -> bool:
        """Whether a signal came in this call of `train()`."""
        return self._number is not None

    @property
    def left_s(self) -> float:
        """Seconds until the process has to be gone, less what it takes to go, so that who waits for
        the last of them is not cut off; many where nobody asked.
        """
        if self._ends_at is None:
            return float("inf")
        to_go = min(_TO_GO_S, self._grace_s / 4)
        return max(self._ends_at - to_go - monotonic(), 0.0)

    def check(self) -> None:
        """Between two updates: raises `Asked` where a signal came."""
        if self._failure is not None:
            raise self._failure
        number = self._number if self._is_alone else self._agreed
        if number is not None:
            raise Asked(number)

    @contextmanager
    def interrupting(self) -> Generator[None]:
        """What takes long and may be left in the middle: a signal raises `Asked` there."""
        self._may_interrupt = self._is_alone  # before the look: none comes between the two
        try:
            self.check()
            yield
        finally:
            self._may_interrupt = False

    @contextmanager
    def heard(self, wake: Callable[[], None]) -> Generator[None]:
        """The handlers are ours inside, in the main thread; after, they are as before. A signal calls
        `wake`, so that the loop looks up.
        """
        self._number = self._ends_at = self._agreed = self._failure = None
        self._wake, self._process = wake, os.getpid()
        before: dict[int, _Handler] = {}
        if threading.current_thread() is threading.main_thread():
            before = {
                number: signal.signal(number, self._hear)
                for number in _ASKING
                if signal.getsignal(number) != signal.SIG_IGN  # as a shell does in the background
            }
        self._is_heard = _ASKING[-1] in before
        try:
            yield
        finally:
            self._is_heard = False
            if self._timer is not None:
                self._timer.cancel()
            for number, handler in before.items():
                # None: it was installed by a library in C, which Python cannot put back
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

    @contextmanager
    def failed_by_thread(self) -> Generator[None]:
        """What a thread says by `fail` is raised inside; no signal is heard, they do what they did."""
        number = _ASKING[-1]
        before: _Handler = signal.getsignal(number)
        self._failure = None

        def hear(number: int, frame: FrameType | None) -> None:
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure
            if callable(before):
                before(number, frame)
            elif before != signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)

        if threading.current_thread() is threading.main_thread():
            signal.signal(number, hear)
            self._is_heard = True
        try:
            yield
        finally:
            if self._is_heard:
                self._is_heard = False
                signal.signal(number, signal.SIG_DFL if before is None else before)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._process:  # a child of a part, forked while the training hears them
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if self._number is not None:
            _leave_at_once(number)
        self._number, self._ends_at = number, monotonic() + self._grace_s
        if number != signal.SIGINT:
            self._timer = threading.Timer(self._grace_s, _give_up, (number, self._grace_s))
            self._timer.daemon = True
            with suppress(RuntimeError):  # no new thread can be started: it ends without a limit
                self._timer.start()
        self._wake()
        if self._may_interrupt:
            self._may_interrupt = False
            raise Asked(number)


def _nothing() -> None: ...


def ended_by(asked: Asked) -> BaseException:
    """What `train()` raises when all is saved: Ctrl-C as ever, else an exit with 128 and the number
    of the signal, as a shell has it.
    """
    if asked.number == signal.SIGINT:
        return KeyboardInterrupt()
    return SystemExit(128 + asked.number)


@contextmanager
def left_by_signals() -> Generator[None]:
    """Where a signal asked, the process leaves as the signal has it."""
    try:
        yield
    except Asked as asked:
        raise ended_by(asked) from None


def _leave_at_once(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    os._exit(128 + number)


def _give_up(number: int, grace_s: float) -> None:
    _log.error(
        "%s: the update, save or validation in progress took more than the grace of %g s, so the "
        "process ends now; the newest checkpoint is what train() goes on from",
        signal.Signals(number).name,
        grace_s,
    )
    os._exit(128 + number)
