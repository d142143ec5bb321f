"""Running another program, with an end in any case."""

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


def run_program(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float
) -> Done:
    """Runs the program to its end, or until `timeout` seconds; then all that it started ends too."""
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
        status: int | None = None
        try:
            output, errors = process.communicate(timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            _end(process)
            output, errors = process.communicate()
    return Done(status=status, output=output, errors=errors, seconds=time.perf_counter() - start)


def _end(process: "subprocess.Popen[str]") -> None:
    """The program with its children: pyright is a Python program that starts node."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
