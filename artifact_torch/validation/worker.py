"""A process that computes routines: `python -P -m artifact_torch.validation.worker`.

On stdin: pickled `Surroundings`, then `Job`s. On stdout: a pickled `Answer` to each. It ends with
its stdin, or when the process that trains is gone.
"""

import contextlib
import logging
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import perf_counter, sleep
from typing import Any, BinaryIO, Final, final

import torch

from artifact_torch.contracts import Failure, Result
from artifact_torch.errors import ValidationError
from artifact_torch.internal.pictures import PictureForm
from artifact_torch.internal.randomness import isolated_rng
from artifact_torch.routines.binding import BoundRoutine
from artifact_torch.routines.figures import as_pictures
from artifact_torch.validation.jobs import TOO_MUCH_MEMORY, Answer, Job, Surroundings, Target
from artifact_torch.validation.parcels import unpack

_CPU: Final = torch.device("cpu")
_NICE: Final = 19
_POLL_S: Final = 0.1
_IGNORED: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""They mean the training, which says what becomes of the work."""


@final
class Worker:
    """Keeps the routines that it was sent, as they have become."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._form: PictureForm = "svg" if surroundings.plots == "svg" else "png"
        self._dpi = surroundings.dpi
        self._routines: dict[Path, object] = {}

    def answer(self, job: Job) -> Answer:
        """What a job comes to. Raises nothing of the routine's."""
        began = perf_counter()
        with _logged() as records:
            try:
                computed = self._computed(job)  # drawn where they are pickled: here
                answer = Answer(results=as_pictures(computed, form=self._form, dpi=self._dpi))
            except Exception as error:  # noqa: BLE001  it is raised where the run is
                answer = Answer(error=error)
        return replace(answer, logged=tuple(records), seconds=perf_counter() - began)

    def _computed(self, job: Job) -> Sequence[Result | Failure]:
        targets: Mapping[int, Target] = unpack(job.targets)
        target = targets[job.position]
        routine = target.routine
        if routine is None:
            if job.routine not in self._routines:
                self._routines[job.routine] = unpack(job.routine)
            routine = self._routines[job.routine]
        with torch.no_grad(), isolated_rng(_CPU, job.seed):
            return _bound(routine, target).compute(job.names, job.moment)


def _bound(routine: Any, target: Target) -> BoundRoutine:  # Any: it was checked where it was bound
    """As in the process that trains."""
    of: Any = target.of  # Any: as above
    if target.does == "run":
        return BoundRoutine(routine, lambda n, moment: routine.run(of, _CPU, n, moment), does="run")
    return BoundRoutine(routine, lambda n, moment: routine.validate(of, n, moment), does="validate")


@contextlib.contextmanager
def _logged() -> Generator[list[logging.LogRecord]]:
    """Warnings that are logged inside, in a form that can be sent: they are logged where the run is."""
    records: list[logging.LogRecord] = []
    queue = SimpleQueue[logging.LogRecord]()
    handler = QueueHandler(queue)
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield records
    finally:
        root.removeHandler(handler)
        while not queue.empty():
            records.append(queue.get())


def _sendable(answer: Answer) -> bytes:
    """What cannot be pickled, or not be read again, is an error in words: an exception whose
    `__init__` takes more than its message can be pickled, and not read.
    """
    try:
        sendable = pickle.dumps(answer)
        if answer.error is not None:
            pickle.loads(sendable)  # noqa: S301  our own
    except Exception as error:  # noqa: BLE001  what a result or an exception of anybody's raises
        told = "".join(traceback.format_exception(answer.error)) if answer.error else str(error)
        what = "raised" if answer.error else "came to what cannot be sent to the training"
        return pickle.dumps(replace(answer, results=(), error=ValidationError(f"{what}: {told}")))
    return sendable


def _set(surroundings: Surroundings) -> None:
    """As it is in the process that trains, where it decides about bits."""
    torch.set_num_threads(surroundings.threads)
    torch.set_default_dtype(getattr(torch, surroundings.dtype))
    torch.set_float32_matmul_precision(surroundings.precision)
    torch.use_deterministic_algorithms(
        surroundings.is_deterministic, warn_only=surroundings.only_warns
    )
    if surroundings.style:
        import matplotlib as mpl

        mpl.rcParams.update(surroundings.style)


def _watch(surroundings: Surroundings) -> None:
    """Ends the process where nobody waits for it any more, or it takes too much."""
    while True:
        sleep(_POLL_S)
        if os.getppid() != surroundings.parent:
            os._exit(0)
        if surroundings.memory_mib is not None and _memory_mib() > surroundings.memory_mib:
            os._exit(TOO_MUCH_MEMORY)


def _memory_mib() -> float:
    """What it holds now; where the system does not say, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Until its stdin ends."""
    for name in _IGNORED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    out: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a part prints is no answer
    surroundings: Surroundings = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
    _set(surroundings)
    Thread(target=_watch, args=(surroundings,), daemon=True).start()
    worker = Worker(surroundings)
    while True:
        try:
            job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
        except EOFError:
            return
        out.write(_sendable(worker.answer(job)))
        out.flush()


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # a thread or a hook of a library's at exit is not waited for
