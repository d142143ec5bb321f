"""The process of one client: `python -m artifact_torch.tracking.delivery.worker`.

On stdin: one line of JSON (`Task`), the pickled client, then a line for each wish: `finish`, `end`. On
stdout: a line of JSON for each outage that begins or ends, for each wish that is done, and while
`finish` is wished for, for calls that are answered. After `end`, or when the process that trains is gone, what is recorded is delivered within 30 s, and the
client is told that the run was killed unless it was told something else.
"""

import contextlib
import json
import logging
import os
import pickle
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import BinaryIO, final

from artifact_torch.contracts import ResultsClient
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.run_folder.reading import RECORD
from artifact_torch.tracking.delivery.deliver import Deliverer, Patience
from artifact_torch.tracking.delivery.lines import size_of
from artifact_torch.tracking.delivery.outage import Outage, cause_of

POLL_S = 0.1
GRACE_S = 30.0
"""For what is left when the process that trains is gone."""

KILLED = "the process that trained is gone"

_IGNORED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""They mean the training, which says what is to be done with what is left."""


@final
class Worker:
    """Delivers in one thread, watches in another, listens in a third."""

    def __init__(self, task: Mapping[str, object], client: ResultsClient, out: BinaryIO) -> None:
        self._out = out
        folder = Path(str(task["folder"]))
        self._record = folder / RECORD
        patience = Patience(**{str(k): float(str(v)) for k, v in _mapping(task["patience"])})
        self._deliverer = Deliverer(
            client, folder, str(task["name"]), tell=self._tell, patience=patience
        )
        self._parent = task.get("parent")
        self._wake, self._wants_finish, self._is_alone = Event(), Event(), Event()
        self._is_done = Event()
        self._n_said = -1

    def run(self) -> None:
        """Returns when everything is delivered and nobody wants more, or time is over."""
        for work in (self._listen, self._deliver):
            Thread(target=work, daemon=True).start()
        deadline = float("inf")
        while not self._is_done.wait(POLL_S):
            self._deliverer.watch()
            if os.getppid() != self._parent:
                self._is_alone.set()
                self._wake.set()
            if self._is_alone.is_set():
                deadline = min(deadline, monotonic() + GRACE_S)
                if monotonic() > deadline:
                    return
            if self._wants_finish.is_set():
                self._show_life()
                if self._deliverer.outage is not None:
                    self._answer(is_delivered=False)  # nobody waits for an outage

    def _show_life(self) -> None:
        """Whoever waits is told how many calls were answered."""
        n_answers = self._deliverer.n_answers
        if n_answers != self._n_said:
            self._n_said = n_answers
            self._say({"answers": n_answers})

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            if line.strip() == b"end":
                break
            if line.strip() == b"finish":
                self._wants_finish.set()
                self._wake.set()
        self._is_alone.set()
        self._wake.set()

    def _deliver(self) -> None:
        size, at_once = -1, False
        while True:
            seen, size = size, size_of(self._record)
            is_last = self._wants_finish.is_set() or self._is_alone.is_set()
            is_done = self._deliverer.deliver(settled=is_last or seen == size, at_once=at_once)
            at_once = False
            if is_done and self._is_alone.is_set() and self._deliverer.close("killed", KILLED):
                self._is_done.set()
                return
            if is_done and self._wants_finish.is_set():
                self._answer(is_delivered=True)
            if self._wake.wait(POLL_S):
                self._wake.clear()
                at_once = True  # the last chance is not slept through

    def _answer(self, *, is_delivered: bool) -> None:
        self._wants_finish.clear()
        self._say({"finished": is_delivered})

    def _tell(self, outage: Outage) -> None:
        self._say({"since": outage.since, "cause": outage.cause, "until": outage.until})

    def _say(self, what: Mapping[str, object]) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody hears it any more
            self._out.write(json.dumps(what).encode() + b"\n")
            self._out.flush()


def _mapping(value: object) -> list[tuple[object, object]]:
    return [*value.items()] if is_mapping(value) else []


def main() -> int:
    """Its exit status is 0 when it did what it could."""
    for name in _IGNORED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(10)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a client prints is no message of ours
    task: object = json.loads(sys.stdin.buffer.readline())
    if not is_mapping(task):
        return 2
    known = {str(key): value for key, value in task.items()}
    payload = sys.stdin.buffer.read(int(str(known["n_bytes"])))
    path = known.get("path")
    sys.path[:] = [str(each) for each in path] if is_list(path) else sys.path
    logging.basicConfig(stream=sys.stderr)
    try:
        # S301: the bytes are those of our parent
        client: object = pickle.loads(payload, fix_imports=False)  # noqa: S301
    except BaseException as error:  # noqa: BLE001 a library that is broken at import
        out.write(json.dumps({"broken": cause_of(error)}).encode() + b"\n")
        out.flush()
        return 3
    if not isinstance(client, ResultsClient):
        return 2
    Worker(known, client, out).run()
    return 0


if __name__ == "__main__":
    status: int = main()
    sys.stderr.flush()
    os._exit(status)  # a client's thread that hangs, or a hook of it at exit, is not waited for
