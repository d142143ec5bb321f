"""A process that computes routines: `python -P -m artifact_torch.validation.worker`.

On stdin: pickled `Surroundings`, then `Job`s. On stdout: `READY`, then a pickled `Answer` to each. It
ends with its stdin, or when the process that trains is gone, whose folder it takes away then.
"""

import contextlib
import gc
import logging
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from threading import Thread
from time import sleep
from types import FrameType
from typing import BinaryIO, Final, final

import numpy as np
import torch

from artifact_torch.contracts import Failure, Result
from artifact_torch.errors import ValidationError
from artifact_torch.internal.pictures import PictureForm
from artifact_torch.routines.figures import as_pictures
from artifact_torch.validation.computing import computed
from artifact_torch.validation.jobs import READY, TOO_MUCH_MEMORY, Answer, Job, Surroundings, Target
from artifact_torch.validation.parcels import unpack

_NICE: Final = 19
_POLL_S: Final = 0.1
_GONE_S: Final = 1.0
_OBJECTS: Final = 50_000
"""Made between two looks for what can be freed. Figures are many objects, and the libraries a million:
to walk them as often as Python does takes an eighth of a round.
"""
_HEARD: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
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
        with _logged() as records:
            try:
                results = self._computed(job)  # drawn where they are pickled: here
                answer = Answer(results=as_pictures(results, form=self._form, dpi=self._dpi))
            except Exception as error:  # noqa: BLE001  it is raised where the run is
                answer = Answer(error=error)
        return replace(answer, logged=tuple(records))

    def _computed(self, job: Job) -> Sequence[Result | Failure]:
        targets: Mapping[int, Target] = unpack(job.targets)
        target = targets[job.position]
        routine = target.routine
        if routine is None:
            if job.routine not in self._routines:
                self._routines[job.routine] = unpack(job.routine)
            routine = self._routines[job.routine]
        return computed(routine, target, job)


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


def sendable(answer: Answer) -> bytes:
    """What cannot be pickled, or not be read again, is an error in words: an exception whose
    `__init__` takes more than its message can be pickled, and not read. A record without what cannot
    be sent loses what was beside it.
    """
    answer = replace(answer, logged=tuple(map(_plain, answer.logged)))
    try:
        content = pickle.dumps(answer)
        if answer.error is not None:
            pickle.loads(content)  # noqa: S301  our own
    except Exception as error:  # noqa: BLE001  what a result or an exception of anybody's raises
        told = "".join(traceback.format_exception(answer.error)) if answer.error else str(error)
        what = "raised" if answer.error else "came to what cannot be sent to the training"
        return pickle.dumps(replace(answer, results=(), error=ValidationError(f"{what}: {told}")))
    return content


def _plain(record: logging.LogRecord) -> logging.LogRecord:
    """The record, or its words alone where `extra` of it cannot be pickled."""
    try:
        pickle.dumps(record)
    except Exception:  # noqa: BLE001  as above
        own = vars(logging.makeLogRecord({}))
        return logging.makeLogRecord({name: vars(record).get(name) for name in own})
    return record


def _set(surroundings: Surroundings) -> None:
    """As it is in the process that trains, where it decides about bits."""
    np.seterr(**surroundings.numpy_errors)
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
            rmtree(surroundings.folder, ignore_errors=True)  # killed: it cannot
            os._exit(0)
        if surroundings.memory_mib is not None and _memory_mib() > surroundings.memory_mib:
            os._exit(TOO_MUCH_MEMORY)


def _memory_mib() -> float:
    """What it holds now; where the system does not say, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (2**20 if sys.platform == "darwin" else 2**10)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _nothing(_number: int, _frame: FrameType | None) -> None: ...


def _leave_alone(heard: Sequence[int], out: int) -> None:
    """A child that a part forks is ended by signals as ever, and does not keep the pipe open."""
    for number in heard:
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.close(out)


def main() -> None:
    """Until its stdin ends."""
    heard = [getattr(signal, name) for name in _HEARD if hasattr(signal, name)]
    for number in heard:
        signal.signal(
            number, _nothing
        )  # not ignored: a process that a part starts would ignore it too
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    out: BinaryIO = os.fdopen(os.dup(1), "wb")
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=partial(_leave_alone, heard, out.fileno()))
    os.dup2(2, 1)  # what a part prints is no answer
    gc.set_threshold(_OBJECTS)
    surroundings: Surroundings = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
    _set(surroundings)
    Thread(target=_watch, args=(surroundings,), daemon=True).start()
    worker = Worker(surroundings)
    out.write(pickle.dumps(READY))
    out.flush()
    while True:
        try:
            job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
        except EOFError:
            sleep(_GONE_S)  # where the process that trains was killed, `_watch` ends this one
            return
        out.write(
            pickle.dumps(sendable(worker.answer(job)))
        )  # bytes: read whole, whatever is in it
        out.flush()


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # a thread or a hook of a library's at exit is not waited for
