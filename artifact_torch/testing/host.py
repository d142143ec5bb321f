"""`python -m artifact_torch.testing.host`: imports the user's module once, and forks a process for
each life of a run, 20 milliseconds each instead of the seconds that an import takes.

It trains nothing itself and starts no thread, so that a fork is what a process of its own would be:
what the user's module does when it is imported has been done, what `make_trainer` does has not.
"""

import contextlib
import gc
import importlib
import importlib.util
import os
import pickle
import random
import signal
import sys
import time
import warnings
from typing import Any, BinaryIO, Final

import numpy as np

from artifact_torch.testing.asked import Answer, End, Life, Program, Ready, Seeds
from artifact_torch.testing.life import live, seeds

_ASK_EVERY_S = 0.002
_TRIED: Final = set[str]()
"""Names that were imported, or are no modules that can be."""


def main() -> int:
    """Serve until the one who asks is gone."""
    asking = os.fdopen(os.dup(0), "rb")
    answering = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a module prints when it is imported is no answer
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    program: Program = _read(asking)
    try:
        _import(program)
    except BaseException as error:  # noqa: BLE001  (a module may raise what it likes)
        _say(answering, Ready(failure=f"{type(error).__name__}: {error}"))
        return 1
    after_import = seeds()
    gc.collect()
    gc.freeze()  # a collection in a fork would copy what all share
    _say(answering, Ready(seeds=after_import))
    with contextlib.suppress(EOFError):
        while True:
            life: Life = _read(asking)
            end = _live(life, after_import)
            if end.answer is not None:
                _import_what_it_imported(life)
            _say(answering, end)
    return 0


def _import(program: Program) -> None:
    sys.path[:] = program.search
    random.seed(program.seed)
    np.random.seed(program.seed)  # noqa: NPY002
    try:
        found = importlib.import_module(program.module)
    except ModuleNotFoundError:
        found = None
    if found is None or getattr(found, "__file__", None) != program.file:
        # a file of tests, whose folder is no package
        spec = importlib.util.spec_from_file_location(program.module, program.file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{program.file} is no file of Python")
        module = importlib.util.module_from_spec(spec)
        sys.modules[program.module] = module
        spec.loader.exec_module(module)


def _live(life: Life, after_import: Seeds) -> End:
    with warnings.catch_warnings():
        # threads of libraries that only keep house, such as jemalloc's
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            live(life, after_import)
        finally:
            os._exit(70)  # nothing of the host's is done in a life
    status = _waited(child, life.timeout_s)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # its loaders' workers, too
    answer = _answer(life)
    if status is None:
        return End(how="timed out", answer=answer, code=0)
    code = os.waitstatus_to_exitcode(status)
    if code in {-signal.SIGKILL, -signal.SIGXFSZ}:
        return End(how="killed", answer=None, code=code)
    if answer is None:
        return End(how="exited", answer=None, code=code)
    return End(how="finished" if answer.error is None else "raised", answer=answer, code=code)


def _waited(child: int, timeout_s: float) -> int | None:
    """The status with which it ended; None where it did not in time and was killed."""
    limit = time.monotonic() + timeout_s
    while time.monotonic() < limit:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(_ASK_EVERY_S)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _answer(life: Life) -> Answer | None:
    try:
        answer: Answer = pickle.loads((life.notes / "answer").read_bytes())  # noqa: S301  (our own)
    except FileNotFoundError:
        return None
    return answer


def _import_what_it_imported(life: Life) -> None:
    """What a trainer imports when it is first used, so that later lives find it here."""
    names = (life.notes / "modules.txt").read_text(encoding="utf-8").split()
    for name in names:
        if name not in sys.modules and name not in _TRIED:
            _TRIED.add(name)
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _read(file: BinaryIO) -> Any:  # Any: pickle's
    return pickle.load(file)  # noqa: S301  (the one who started this process)


def _say(file: BinaryIO, what: object) -> None:
    pickle.dump(what, file)
    file.flush()


if __name__ == "__main__":
    sys.exit(main())
