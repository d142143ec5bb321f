"""The user's code in a process of its own: what it prints, hangs in or crashes ends there."""

import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, TypeAlias

from artifact_torch.cli.reports.findings import Outcome, unchecked
from artifact_torch.cli.targets.question import Question, Target

_GRACE: Final = 5.0
"""Seconds for a process that has said everything to end."""

Outcomes: TypeAlias = list[Outcome]


def examine_apart(targets: Sequence[Target], question: Question) -> list[Outcomes]:
    """What each target led to. One that ends or outlasts the process (`timeout` seconds for each)
    costs only itself: the next ones get a new process.
    """
    results: list[Outcomes] = []
    while len(results) < len(targets):
        rest = targets[len(results) :]
        with _process(rest, question) as (receive, process):
            for target in rest:
                said = _next(receive, process, question)
                if isinstance(said, str):
                    results.append([Outcome(target=target.label, findings=(unchecked(said),))])
                    break
                results.append(said)
    return results


@contextmanager
def _process(*request: object) -> Generator[tuple[Connection, BaseProcess]]:
    """Forked where that is safe: it saves starting Python anew, or the import of torch."""
    is_safe = threading.active_count() == 1 or "torch" in sys.modules
    forks = sys.platform == "linux" and is_safe
    form = get_context("fork").Process if forks else get_context("spawn").Process
    receive, send = Pipe(duplex=False)
    process: BaseProcess = form(target=_work, args=(*request, send))
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings(), _without_interrupts():
        # numpy's idle threads; this process has computed nothing
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    send.close()
    try:
        yield receive, process
    finally:
        process.kill()
        process.join()
        receive.close()


@contextmanager
def _without_interrupts() -> Generator[None]:
    """A process that is started here leaves Ctrl-C to this one, which then ends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _next(receive: Connection, process: BaseProcess, question: Question) -> Outcomes | str:
    """What the process says next, or why it says nothing."""
    try:
        if not receive.poll(question.patience):
            return f"it did not finish within {question.timeout:g} seconds; --timeout allows more"
        outcomes: Outcomes = receive.recv()
    except (EOFError, OSError):
        process.join(_GRACE)
        code = process.exitcode or 0
        name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"its process ended with {name} before it was checked"
    return outcomes


def _work(targets: Sequence[Target], question: Question, send: Connection) -> None:
    """Runs in the new process."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # starting threads costs 0.06 s
    gc.disable()  # what torch makes while it is imported stays: looking through it costs 0.2 s
    from artifact_torch.cli.targets.worker import examine_target

    gc.freeze()
    gc.enable()
    os.dup2(2, 1)  # what the user's code prints must not mix with the report
    sys.stdout = sys.stderr
    sys.path[:0] = [str(path) for path in question.project.paths if str(path) not in sys.path]
    os.chdir(question.project.folder)
    for target in targets:
        send.send(examine_target(target, question))
    send.close()
    sys.stderr.flush()
    os._exit(0)  # threads and exit handlers of the user's code do not delay the report
