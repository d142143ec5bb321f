"""The logging thread of a client: revived after a death, waited for, given up, interrupted.

The stand-ins have the parts of artifact-experiment's client that are used, and its way to die;
test_real_clients.py has the real ones.
"""

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import final

import pytest

from artifact_torch.tracking import logging_thread
from artifact_torch.tracking.logging_thread import LoggingThread

Write = Callable[[str], None]


class StopFlag:
    pass


class Worker:
    """As upstream's: one item after the other; what raises ends the thread."""

    def __init__(self, queue: "Queue[object]", write: Write) -> None:
        self._queue = queue
        self._write = write
        self._thread: threading.Thread | None = None
        self.start()

    def start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._thread = None

    def wait_for_death(self) -> None:
        assert self._thread is not None
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not isinstance(item := self._queue.get(), StopFlag):
            self._write(str(item))


class Backend:
    """Keeps what is written; refuses what starts with "bad"; waits where it is told to."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.open = threading.Event()
        self.open.set()

    def write(self, item: str) -> None:
        self.open.wait(20)
        if item.startswith("bad"):
            raise OSError(item)
        self.written.append(item)


@final
class Client:
    """The parts of one client, and the logging thread under test."""

    def __init__(self) -> None:
        self.queue: Queue[object] = Queue()
        self.backend = Backend()
        self.worker = Worker(self.queue, self.backend.write)
        self.thread = LoggingThread(self.queue, self.worker, StopFlag)

    def log(self, *items: str) -> None:
        for item in items:
            self.queue.put(item)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ended a thread, instead of pytest's warning about it."""
    causes: list[str] = []

    def keep(args: threading.ExceptHookArgs) -> None:
        causes.append(str(args.exc_value))

    monkeypatch.setattr(threading, "excepthook", keep)
    return causes


def test_all_that_is_queued_is_written(client: Client) -> None:
    items = [str(number) for number in range(1000)]
    client.log(*items)
    client.thread.drain(5)
    assert client.backend.written == items


def test_the_client_can_be_used_after_a_drain(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.log("a")
    client.thread.drain(5)
    client.log("b")
    assert client.thread.revive()
    client.thread.drain(5)
    client.thread.drain(5)
    assert client.backend.written == ["a", "b"]
    assert caplog.messages == []


def test_a_death_is_said_once_and_the_others_are_written(
    client: Client, deaths: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    client.log("a", "bad 1", "b")
    client.worker.wait_for_death()
    assert client.thread.revive()
    client.log("bad 2", "c", "bad 3", "bad 4", "d")
    client.thread.drain(600)
    assert client.backend.written == ["a", "b", "c", "d"]
    assert deaths == ["bad 1", "bad 2", "bad 3", "bad 4"]
    assert caplog.messages == [
        (
            "A result could not be written by the tracking backend and is lost: it ended the "
            "client's logging thread (its traceback is on stderr). The thread was started again for "
            "the others."
        ),
        "The tracking backend refused 4 results, which are lost.",
    ]


def test_a_backend_that_refuses_all_is_given_up(
    client: Client, deaths: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    client.log(*[f"bad {number}" for number in range(1000)])
    client.thread.drain(5)
    assert len(deaths) == 5
    assert caplog.messages[1:] == [
        (
            "The tracking backend refused 5 results in a row: up to 995 results are not written, and "
            "are lost if the process ends now."
        ),
        "The tracking backend refused 5 results, which are lost.",
    ]
    assert client.queue.qsize() == 995  # no stop flag is left behind


def test_each_round_tries_a_refusing_backend_once_more(client: Client, deaths: list[str]) -> None:
    client.log(*[f"bad {number}" for number in range(50)])
    client.worker.wait_for_death()
    for _ in range(10):
        assert client.thread.revive()
        client.worker.wait_for_death()
    assert len(deaths) == 11


def test_a_thread_that_hangs_is_given_up_and_goes_on_later(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.backend.open.clear()
    client.log("a", "b", "c")
    client.thread.drain(0.3)  # the backend would never go on by itself
    assert caplog.messages == [
        (
            "The tracking client wrote nothing for 0.3 s: up to 3 results are not written, and are "
            "lost if the process ends now."
        )
    ]
    client.backend.open.set()
    client.log("d")
    client.thread.drain(600)
    assert client.backend.written == ["a", "b", "c", "d"]


def test_slow_but_steady_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of our own: each item takes less than the limit, all together take more."""
    written: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(logging_thread, "monotonic", lambda: clock[0])

    def write(item: str) -> None:
        threading.Event().wait(0.02)  # longer than the wait between two looks
        clock[0] += 0.3
        written.append(item)

    queue: Queue[object] = Queue()
    thread = LoggingThread(queue, Worker(queue, write), StopFlag)
    for item in "abcdefgh":
        queue.put(item)
    thread.drain(0.4)
    assert written == list("abcdefgh")


@pytest.fixture
def ctrl_c_raises() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which ignores it there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_raises")
def test_ctrl_c_ends_the_wait_and_the_client_goes_on(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.backend.open.clear()
    client.log("a", "b")
    ctrl_c = threading.Timer(0.2, _thread.interrupt_main)
    ctrl_c.start()
    with pytest.raises(KeyboardInterrupt):
        client.thread.drain(600)
    assert caplog.messages == [
        (
            "The wait for the tracking client was interrupted: up to 2 results are not written, and "
            "are lost if the process ends now."
        )
    ]
    client.backend.open.set()
    client.log("c")
    client.thread.drain(5)
    assert client.backend.written == ["a", "b", "c"]


def test_a_stopped_client_is_said_once(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.worker.stop()
    assert not client.thread.revive()
    client.thread.drain(5)
    assert caplog.messages == [
        (
            "The tracking client has been stopped: results are not recorded any more. Call its "
            "stop() only after the last training with it."
        )
    ]


def test_a_client_stopped_while_it_is_waited_for(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.backend.open.clear()
    client.log("a", "b")
    stop = threading.Timer(0.1, client.worker.stop)
    stop.start()
    client.thread.drain(5)
    client.backend.open.set()
    assert caplog.messages == [
        (
            "The tracking client was stopped meanwhile: up to 1 results are not written, and are "
            "lost if the process ends now."
        )
    ]


def test_two_threads_log_while_it_drains(client: Client) -> None:
    def log() -> None:
        client.log(*[f"other {number}" for number in range(2000)])

    other = threading.Thread(target=log)
    other.start()
    client.log(*[f"own {number}" for number in range(2000)])
    client.thread.drain(5)
    own = [item for item in client.backend.written if item.startswith("own")]
    assert own == [f"own {number}" for number in range(2000)]
    other.join()
    client.thread.drain(5)
    assert len(client.backend.written) == 4000
