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
    """A program that was started. It writes into files: a pipe would have to be read all the time."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, name: str, environment: Mapping[str, str]
    ) -> None:
        self._said = (folder / f"{name}.output", folder / f"{name}.errors")
        self._start = time.monotonic()
        self.seconds: float = 0.0
        """Until it was heard."""
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

    def status(self, timeout: float) -> int | None:
        """Waits for its end, or until `timeout` seconds after its start; then ends it: None."""
        left = self._start + timeout - time.monotonic()
        try:
            return self._process.wait(max(left, 0))
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.end()
            self.seconds = time.monotonic() - self._start

    @property
    def output(self) -> str:
        return self._said[0].read_text("utf-8", "replace")

    @property
    def last_words(self) -> str:
        """Why it failed, most likely."""
        words = self._said[1].read_text("utf-8", "replace") or self.output
        return (words.strip().splitlines() or ["no output"])[-1]

    def end(self) -> None:
        """Ends it with its children."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
