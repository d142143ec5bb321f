"""Other programs at work beside this one, with an end in any case."""

import contextlib
import os
import signal
import subprocess
import sys
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
    """Until it was heard."""

    @property
    def last_words(self) -> str:
        """Why it failed, most likely."""
        return ((self.errors or self.output).strip().splitlines() or ["no output"])[-1]


@final
class Program:
    """A program that was started. It writes into files: a pipe would have to be read all the time."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, name: str, environment: Mapping[str, str]
    ) -> None:
        self._said = (folder / f"{name}.output", folder / f"{name}.errors")
        self._start = time.monotonic()
        with self._said[0].open("wb") as output, self._said[1].open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603  (a checker, found by us)
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )

    def done(self, timeout: float) -> Done:
        """Waits for its end, or until `timeout` seconds after its start; then ends it."""
        left = self._start + timeout - time.monotonic()
        try:
            status = self._process.wait(max(left, 0))
        except subprocess.TimeoutExpired:
            status = None
        self.end()
        output, errors = (file.read_text("utf-8", "replace") for file in self._said)
        seconds = time.monotonic() - self._start
        return Done(status=status, output=output, errors=errors, seconds=seconds)

    def end(self) -> None:
        """Ends it with its children."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
