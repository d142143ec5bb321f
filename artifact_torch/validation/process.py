"""A worker process, as the process that trains sees it."""

import contextlib
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from subprocess import DEVNULL, PIPE, Popen
from threading import Condition, Thread, Timer
from typing import final

from artifact_torch.contracts import Cadence
from artifact_torch.errors import ValidationError
from artifact_torch.validation.jobs import TOO_MUCH_MEMORY, Answer, Job, Surroundings

_MODULE = "artifact_torch.validation.worker"
_MOST_TRIES = 2
_OF_RANK = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""A worker is none of the processes of a run: what is made in it would wait for them."""
_TO_GO_S = 2.0


@final
class Sent:
    """A job under way."""

    def __init__(self, job: Job) -> None:
        self.job: Job = job
        self.answer: Answer | None = None
        """None until there is one."""


def tried(ask: Callable[[], Answer], why_it_ended: Callable[[Exception], str]) -> Answer:
    """What a process answers; where it ends and is started again for it, what that one does; where
    that ends too, that it is lost.
    """
    why = ""
    for _ in range(_MOST_TRIES):
        try:
            return ask()
        except Exception as error:  # noqa: BLE001  what unpickling raises is anybody's
            why = why_it_ended(error)
    return Answer(lost=why)


@final
class WorkerProcess:
    """Computes one job after the other, in their order; `tell` is called, by a thread, when there is
    an answer. A process that ends is started again for the job that it was at, once for each.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        time_limit: Cadence | None,
        tell: Callable[[], object],
    ) -> None:
        self._surroundings = surroundings
        self._limit = time_limit
        self._tell = tell
        self._process: Popen[bytes] | None = None
        self._changed = Condition()
        self._waiting: deque[Sent] = deque()
        self.n_left: int = 0
        """Jobs that were submitted and are not answered."""
        self._is_over = self._took_too_long = self._is_ready = False
        self._thread = Thread(target=self._work, name="validation beside", daemon=True)
        self._thread.start()

    def submit(self, sent: Sent) -> None:
        """Have it computed after those before."""
        with self._changed:
            self._waiting.append(sent)
            self.n_left += 1
            self._changed.notify()

    def close(self) -> None:
        """What is not computed yet never will be."""
        with self._changed:
            self._is_over = True
            self._waiting.clear()
            self._changed.notify()
        self._kill()
        self._thread.join(_TO_GO_S)

    def _work(self) -> None:
        try:
            self._work_off()
        finally:
            self._why_it_ended(EOFError())  # waited for: no child is left behind

    def _work_off(self) -> None:
        while (sent := self._next()) is not None:
            answer = tried(partial(self._asked, sent.job), self._why_it_ended)
            if self._is_over:
                return
            if answer.lost and not (self._is_ready or self._took_too_long):
                answer = Answer(unable=answer.lost)
            sent.answer = answer
            with self._changed:
                self.n_left -= 1
            self._tell()

    def _next(self) -> Sent | None:
        with self._changed:
            while not (self._waiting or self._is_over):
                self._changed.wait()
            return None if self._is_over else self._waiting.popleft()

    def _asked(self, job: Job) -> Answer:
        """Raises where the process ends, cannot be started, or answers what cannot be read."""
        if self._is_over:  # while the first try ended
            raise EOFError
        process = self._process or self._started()
        if process.stdin is None or process.stdout is None:  # it has pipes for both
            raise OSError("no pipes")
        self._took_too_long = False
        timer = self._timer()
        try:
            process.stdin.write(pickle.dumps(job))
            process.stdin.flush()
            if not self._is_ready:
                pickle.load(process.stdout)  # noqa: S301  READY, after the time that it takes to import
                self._is_ready = True
            content: bytes = pickle.load(process.stdout)  # noqa: S301  our own process's
        finally:
            if timer is not None:
                timer.cancel()
        return _read(content)

    def _started(self) -> "Popen[bytes]":
        path = os.pathsep.join(self._surroundings.path)
        environment = {name: each for name, each in os.environ.items() if name not in _OF_RANK}
        process = Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-m", _MODULE],
            stdin=PIPE,
            stdout=PIPE,
            env={**environment, "PYTHONPATH": path, "MPLBACKEND": "agg"},
            stderr=None if _is_open(2) else DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal does not reach it
        )
        with self._changed:
            self._process = process
        self._is_ready = False
        if self._is_over:
            self._kill()
        if process.stdin is not None:
            process.stdin.write(pickle.dumps(replace(self._surroundings, parent=os.getpid())))
        return process

    def _timer(self) -> Timer | None:
        if self._limit is None:
            return None
        timer = Timer(self._limit.n * 60, self._end_it)
        timer.daemon = True
        timer.start()
        return timer

    def _end_it(self) -> None:
        self._took_too_long = True
        self._kill()

    def _kill(self) -> None:
        with self._changed:
            process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()

    def _why_it_ended(self, error: Exception) -> str:
        with self._changed:
            process, self._process = self._process, None
        if process is None:
            return f"its process could not be started: {error}"
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # of what was not flushed
                    pipe.close()
        process.kill()
        status = process.wait()
        if not isinstance(error, OSError | EOFError):
            return f"what is sent between it and its process cannot be: {type(error).__name__}: {error}"
        if self._took_too_long and self._limit is not None:
            return f"it took more than {self._limit.n:g} minutes, its time_limit"
        if status == TOO_MUCH_MEMORY:
            return f"its process took more than {self._surroundings.memory_mib} MiB, its memory_mib"
        if status < 0:
            return f"its process was ended by {_signal_name(-status)}"
        return f"its process ended with status {status}"


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _read(content: bytes) -> Answer:
    """What was answered; what cannot be read is an error in words: a class of exceptions may be made
    with other arguments than it keeps.
    """
    try:
        answer: Answer = pickle.loads(content)  # noqa: S301  our own process's
    except Exception as error:  # noqa: BLE001  whatever the unpickling of anybody's class raises
        words = f"its answer cannot be read ({type(error).__name__}: {error})"
        return Answer(error=ValidationError(words))
    return answer


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
