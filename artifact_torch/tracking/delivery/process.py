"""A client in a process of its own, as the process that trains sees it."""

import contextlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from threading import Event, Lock
from typing import final

from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.search_path import where_modules_are
from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.outage import Outage
from artifact_torch.tracking.delivery.told import Told

_MODULE = "artifact_torch.tracking.delivery.worker"
_MOST_STARTS = 2
_TO_GO_S = 2.0


@final
class ClientProcess:
    """Started, listened to and started again (once) by whoever calls `run`.

    The process has a session of its own, so that Ctrl-C in a terminal does not reach it, low
    priority, and writes what its client prints to `tracking/<name>.log`.
    """

    def __init__(
        self, payload: bytes, folder: Path, name: str, *, told: Told, patience: Patience
    ) -> None:
        self._payload = payload
        self._folder = folder
        self._log = folder / "tracking" / f"{name}.log"
        self._name = name
        self._told = told
        self._patience = patience
        self._process: Popen[bytes] | None = None
        self._lock = Lock()  # of stdin, and of what follows
        self._wants_finish = self._is_over = self._is_given = False
        self._is_finished = Event()
        self._is_delivered = False
        self.n_answers: int = 0
        """Calls that the client answered, as far as the process has said."""

    def is_finished(self) -> bool:
        """Whether all is delivered since it was asked, or is not waited for."""
        return self._is_finished.is_set()

    def ask_to_finish(self) -> None:
        """Have what is left delivered."""
        with self._lock:
            self._wants_finish = True
            if self._is_given:
                self._write(b"finish\n")

    def stop(self) -> None:
        """It goes: in its own time if it delivered all, else now."""
        with self._lock:
            self._is_over = True
            process = self._process
            if process is None:
                return
            if self._is_delivered:
                self._write(b"end\n")
        if self._is_delivered:
            with contextlib.suppress(TimeoutExpired):
                process.wait(_TO_GO_S)
        process.kill()
        process.wait()

    def run(self) -> None:
        """Until it is stopped, or left out because it ended twice by itself."""
        why = ""
        for number in range(_MOST_STARTS):
            try:
                why = self._live(is_first=number == 0)
            except (OSError, ValueError) as error:  # no process, no descriptors
                why = f"it could not be started: {error}"
            if self._is_over:
                return
        self._told.leave_out(f"its process ended twice: {why}")
        self._is_finished.set()

    def _live(self, *, is_first: bool) -> str:
        """From the start of a process to its end; returns why it ended."""
        with self._lock:
            if self._is_over:
                return ""
            process = self._process = self._started(is_first=is_first)
        if process.stdin is None or process.stdout is None:  # it has pipes for both
            return ""
        with process.stdin, process.stdout:
            # not under the lock: one that does not read would hold up `stop`
            with contextlib.suppress(OSError, ValueError):  # it is gone, or was stopped
                process.stdin.write(self._task() + self._payload)
                process.stdin.flush()
            with self._lock:
                self._is_given = True
                if self._wants_finish:
                    self._write(b"finish\n")
            why = "".join(map(self._hear, process.stdout))
            status = process.wait()
        with self._lock:
            self._is_given = False
        return why or f"with status {status}; see {self._log}"

    def _started(self, *, is_first: bool) -> "Popen[bytes]":
        path = os.pathsep.join(where_modules_are())
        log, flags = DEVNULL, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_first else os.O_APPEND)
        with contextlib.suppress(OSError):
            self._log.parent.mkdir(parents=True, exist_ok=True)
            log = os.open(self._log, flags, 0o644)
        try:
            return Popen(  # noqa: S603 our own program
                [sys.executable, "-P", "-m", _MODULE],
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        finally:
            if log != DEVNULL:
                os.close(log)

    def _task(self) -> bytes:
        task = {
            "folder": str(self._folder),
            "name": self._name,
            "parent": os.getpid(),
            "path": where_modules_are(),
            "n_bytes": len(self._payload),
            "patience": asdict(self._patience),
        }
        return json.dumps(task).encode() + b"\n"

    def _write(self, text: bytes) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # it is gone
                process.stdin.write(text)
                process.stdin.flush()

    def _hear(self, line: bytes) -> str:
        """A message of the process; returns why it ends where it says so."""
        try:
            said: object = json.loads(line)
        except ValueError:
            return ""
        if not is_mapping(said):
            return ""
        if "broken" in said:
            return str(said["broken"])
        if "answers" in said:
            answers = said["answers"]
            self.n_answers = answers if isinstance(answers, int) else 0
        elif "finished" in said:
            self._is_delivered = said["finished"] is True
            self._is_finished.set()
        else:
            since, until = said.get("since"), said.get("until")
            self._told.hear(
                Outage(
                    since=since if isinstance(since, float) else 0.0,
                    cause=str(said.get("cause")),
                    until=until if isinstance(until, float) else None,
                )
            )
        return ""
