"""Worlds of several processes on this machine, over gloo and loopback alone.

They are forked from a server that has imported torch once, and end with the test, or with the process
that runs it, whatever happens in them.
"""

import multiprocessing
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar

from artifact_torch.cli.targets.several import environment_of

if TYPE_CHECKING:
    from torch import Tensor

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Ended(Generic[T]):
    """How a process of a world ended."""

    given: tuple[T, ...]
    """What its function gave: one value, or none where it raised or was killed."""
    error: str
    """The traceback of what it raised, "" where it raised nothing."""
    exit_code: int | None
    """0, or minus the number of the signal that killed it; None where it had to be ended."""


class _Process(Protocol):
    """Of any way to start one."""

    @property
    def exitcode(self) -> int | None: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


def in_ranks(n: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> list[T]:
    """What a function of a module gave in each of `n` processes, by rank, of a gloo group.

    Raises AssertionError with the tracebacks of all where one of them failed.
    """
    endings = World(n).endings(function, *args, **kwargs)
    told = [
        f"rank {rank} (exit code {each.exit_code}):\n{each.error}"
        for rank, each in enumerate(endings)
        if not each.given
    ]
    assert not told, "\n".join(told)
    return [value for each in endings for value in each.given]


@dataclass(frozen=True)
class World:
    """`n` processes with the environment that `torchrun` gives."""

    n: int
    timeout_s: float = 90.0
    """Of the whole; then those that are left are killed."""
    is_joined: bool = True
    """Whether they have joined a process group before the function is called."""
    collective_s: float = 60.0
    """The limit of the group's collectives."""

    def endings(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> list[Ended[T]]:
        """Of each process, by rank."""
        from torch._C._distributed_c10d import TCPStore  # where its type is

        store = TCPStore(
            "127.0.0.1", 0, is_master=True, wait_for_workers=False
        )  # as torchrun's agent
        payload = pickle.dumps((function, args, kwargs))
        ends, processes = list[Connection](), list[_Process]()
        context = _context()
        for rank in range(self.n):
            ours, theirs = context.Pipe(duplex=False)
            at = (rank, self.n, store.port, self.is_joined, self.collective_s)
            processes.append(_process(context, (payload, at, theirs)))
            ends.append(ours)
            _started(processes[-1])
            theirs.close()
        try:
            until = time.monotonic() + self.timeout_s
            return [Ended(*each) for each in _collected(processes, ends, until)]
        finally:
            for each in processes:
                each.kill()
            for each in processes:
                each.join(10.0)


def all_reduce(tensor: "Tensor") -> None:
    """The sum over the ranks, in place; torch's own is untyped."""
    import torch.distributed as dist

    reduce: Callable[..., object] = vars(dist)["all_reduce"]
    reduce(tensor)


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ranks.preloaded"])
    return context


def _process(context: BaseContext, arguments: tuple[object, ...]) -> _Process:
    # typeshed knows a context's Process only by the name of its method
    make: Callable[..., _Process] = vars(type(context))["Process"]
    return make(target=_member, args=arguments, daemon=True)


def _started(process: _Process) -> None:
    """With one thread for each, which is read when torch is loaded."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        process.start()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _collected(
    processes: Sequence[_Process], ends: Sequence[Connection], until: float
) -> list[tuple[Any, str, int | None]]:  # Any: what was pickled
    found = list[tuple[Any, str, int | None]]()
    for process, end in zip(processes, ends, strict=True):
        given: tuple[Any, ...] = ()
        error = ""
        try:
            if end.poll(max(until - time.monotonic(), 0.0)):
                given, error = pickle.loads(end.recv_bytes())  # noqa: S301  from our own process
        except EOFError:
            error = "ended before it gave anything"
        process.join(max(until - time.monotonic(), 0.1))
        found.append((given, error or ("" if given else "did not end"), process.exitcode))
    return found


def _member(payload: bytes, at: tuple[int, int, int, bool, float], end: Connection) -> None:
    """In a process of the world."""
    rank, size, port, is_joined, collective_s = at
    _end_with_parent()
    os.environ |= environment_of(rank, size, port)
    import torch
    import torch.distributed as dist

    try:
        function, args, kwargs = pickle.loads(payload)  # noqa: S301  from our own process
        if is_joined:
            dist.init_process_group("gloo", timeout=timedelta(seconds=collective_s))
            all_reduce(torch.zeros(()))  # none may leave while another is still joining
        answer = pickle.dumps(((function(*args, **kwargs),), ""))
    except BaseException:  # noqa: BLE001  told to the test
        answer = pickle.dumps(((), traceback.format_exc()))
    end.send_bytes(answer)
    end.close()
    if dist.is_initialized():
        dist.destroy_process_group()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
