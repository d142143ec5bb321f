"""What an iterator gives next, read by a thread while the last is used."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import copy_context
from functools import partial
from operator import methodcaller
from typing import Final, Generic, final

import torch
from typing_extensions import TypeVar

T = TypeVar("T")


def read_ahead(given: Iterator[T], n_ahead: int) -> Iterator[T]:
    """The same, in the same order; up to `n_ahead` of them lie ready.

    An error comes where it belongs, with its traceback. A thread reads until so many lie ready and
    then ends, so that none waits for a loop that was left, or for an error that somebody keeps; whoever
    closes this iterator waits for the one that is being read. A thread costs about 50 microseconds.
    """
    ahead = _Ahead(given, n_ahead)
    try:
        yield from ahead
    finally:
        ahead.end()


@final
class _Ahead(Generic[T]):
    def __init__(self, given: Iterator[T], n_ahead: int) -> None:
        self._given = given
        self._n_ahead = n_ahead
        self._ready: deque[T] = deque()
        self._error: BaseException | None = None
        self._is_over = self._is_reading = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._changed:
            self._read_on()
            while not self._ready and self._is_reading:
                self._changed.wait()
            if self._ready:
                taken = self._ready.popleft()
                self._read_on()
                return taken
            error, self._error = self._error, None
        try:
            raise StopIteration if error is None else error
        finally:
            del error  # it holds this frame

    def end(self) -> None:
        """No thread is left."""
        with self._changed:
            self._is_over = True
            self._ready.clear()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _read_on(self) -> None:
        """A thread, where fewer lie ready than may."""
        if self._is_reading or self._is_over or len(self._ready) >= self._n_ahead:
            return
        self._thread = threading.Thread(
            target=copy_context().run,
            args=(self._read, _surroundings()),
            name="read ahead",
            daemon=True,
        )
        self._is_reading = True
        try:
            self._thread.start()
        except RuntimeError:  # no thread can be started: in turn
            self._thread, self._is_reading = None, False
            if not self._ready:
                self._read_one()

    def _read(self, surroundings: Callable[[], AbstractContextManager[None]]) -> None:
        with surroundings():
            while self._wants_more():
                self._read_one()

    def _wants_more(self) -> bool:
        with self._changed:
            self._is_reading = not self._is_over and len(self._ready) < self._n_ahead
            self._changed.notify()
            return self._is_reading

    def _read_one(self) -> None:
        try:
            read = next(self._given)
        except BaseException as error:  # noqa: BLE001  raised where it belongs
            with self._changed:
                self._is_over = True
                self._error = None if isinstance(error, StopIteration) else error
        else:
            with self._changed:
                self._ready.append(read)
                self._changed.notify()


def _surroundings() -> Callable[[], AbstractContextManager[None]]:
    """What torch keeps for each thread, as it is here, for another."""
    stream = torch.cuda.current_stream() if _has_gpu(torch.cuda) else None
    return partial(
        _within,
        is_inference=torch.is_inference_mode_enabled(),
        has_gradient=torch.is_grad_enabled(),
        device=torch.get_default_device(),
        stream=stream,
    )


@contextmanager
def _within(
    *,
    is_inference: bool,
    has_gradient: bool,
    device: torch.device,
    stream: torch.cuda.Stream | None,
) -> Generator[None]:
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(is_inference))
        stack.enter_context(torch.set_grad_enabled(has_gradient))
        if device.type != "cpu":
            stack.enter_context(device)
        if stream is not None:
            stack.enter_context(torch.cuda.stream(stream))
        yield


_has_gpu: Final = methodcaller("is_initialized")  # untyped
