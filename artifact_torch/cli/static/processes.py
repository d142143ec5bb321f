"""Running other programs side by side, with an end in any case."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final


@final
@dataclass(frozen=True, kw_only=True)
class Done:
    """What a program said."""

    status: int | None
    """None: it did not finish in time."""
    output: str
    errors: str
    seconds: float

    @property
    def last_words(self) -> str:
        """Why it failed, most likely."""
        return ((self.errors or self.output).strip().splitlines() or ["no output"])[-1]


@final
class Programs:
    """Programs, each run by a thread of its own, that another thread may end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._is_over = False

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        timeout: float,
    ) -> Done:
        """Runs one to its end, or until `timeout` seconds; then all that it started ends too."""
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603  (a checker, found by us)
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            with self._lock:
                self._running.add(process)
                if self._is_over:  # `end` came while it was being started
                    _end(process)
            is_late = False
            try:
                output, errors = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                is_late = True
                _end(process)
                output, errors = process.communicate()
            with self._lock:
                self._running.discard(process)
        status = None if is_late else process.returncode
        seconds = time.perf_counter() - start
        return Done(status=status, output=output, errors=errors, seconds=seconds)

    def end(self) -> None:
        """Ends those that run; one that is started later ends at once."""
        with self._lock:
            self._is_over = True
            for process in self._running:
                _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """The program with its children."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
