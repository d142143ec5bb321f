"""Other programs at work beside this one, with an end in any case."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final


@final
class Program:
    """A program that was started. What it writes is read at the end: it may wait until then."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._start = time.monotonic()
        self.status: int | None = None
        """None: it did not finish in time."""
        self.output: str = ""
        self.errors: str = ""
        self.seconds: float = 0.0
        """Until it was heard."""
        self._process = subprocess.Popen(  # noqa: S603  (a checker, found by us)
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def hear(self, timeout: float) -> None:
        """Waits for its end, or until `timeout` seconds after its start; then ends it."""
        left = self._start + timeout - time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=max(left, 0))
            self.status = self._process.returncode
        self.end()
        self.seconds = time.monotonic() - self._start

    def end(self) -> None:
        """Ends it with its children."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self.output, self.errors = self._process.communicate()
