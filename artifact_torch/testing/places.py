"""The places that a run passes, at each of which a fault may be caused."""

import errno
import functools
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, final

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from artifact_torch.internal.narrowing import is_path
from artifact_torch.routines import loader as routine_module
from artifact_torch.testing.asked import Client, Fault, Kill, Short, Shortage
from artifact_torch.testing.bad_clients import bad_client
from artifact_torch.trainer import trainer as trainer_module
from artifact_torch.trainer.loop import keeper as keeper_module
from artifact_torch.validation.rounds import Validation

_CHANGING = {
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
}
_SYNCS = ("fsync", "fdatasync", "write", "ftruncate")
_WAIT_S = 3.0
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_GROWS = {"open", "os.rename", "os.mkdir", "os.link", "os.symlink", *_SYNCS}


@final
class Places:
    """Counts them, and does at one of them what was asked.

    In a process of its own: what is patched here is never put back. `batch` is before an update or
    a part of one, `optimizer` and `optimized` before and after an optimizer's step, `validation`
    and `validated` around a round of routines, `validation batch` within one; the rest are the
    calls of the system that change the run's folder, each before it is made.
    """

    def __init__(self, folder: Path, fault: Fault) -> None:
        self.passed: list[str] = []
        self._counts = Counter[str]()
        self._folder = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 see _path_of
        self._fault = fault
        self._is_short = self._is_over = False

    def watch(self) -> None:
        """From now on, in this process."""
        if isinstance(self._fault, Client):
            _give(bad_client(self._fault))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # SIGXFSZ would leave one
        if isinstance(self._fault, Kill):
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # which Python ignores
        _before(trainer_module, "to_device", lambda: self.at("batch"))
        _before(routine_module, "to_device", lambda: self.at("validation batch"))
        _before(Validation, "run", lambda: self.at("validation"))
        _after(Validation, "run", lambda: self.at("validated"))
        register_optimizer_step_pre_hook(self._before_update)
        register_optimizer_step_post_hook(self._after_update)
        for name in _SYNCS:
            _before(os, name, functools.partial(self._changes, name))
        sys.addaudithook(self._heard)

    def rest(self) -> None:
        """The run is over: what is written now is a test's."""
        self._is_over = True
        if isinstance(self._fault, Short):
            self._run_short(self._fault, -1)

    def at(self, kind: str, path: str = "") -> None:
        """One place more."""
        if self._is_over:
            return
        self._counts[kind] += 1
        self.passed.append(f"{kind} {path}" if path else f"{kind} {self._counts[kind]}")
        fault = self._fault
        if isinstance(fault, Kill):
            self._kill(fault)
        elif isinstance(fault, Short) and kind == "batch":
            self._run_short(fault, self._counts[kind])
        if isinstance(fault, Short) and self._is_short and path:
            _refuse(fault.of, kind, path)

    def _before_update(self, *_: object) -> None:
        if (
            not torch.compiler.is_compiling()
        ):  # a compiled step is one call: there is no place in it
            self.at("optimizer")

    def _after_update(self, *_: object) -> None:
        if not torch.compiler.is_compiling():
            self.at("optimized")

    def _kill(self, fault: Kill) -> None:
        n = len(self.passed)
        if n == fault.at and fault.n_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (fault.n_bytes, resource.RLIM_INFINITY))
        elif n == fault.at or (n > fault.at and fault.by == signal.SIGKILL):
            os.kill(os.getpid(), fault.by)

    def _run_short(self, fault: Short, batch: int) -> None:
        self._is_short = batch >= fault.first and (fault.until is None or batch < fault.until)
        infinite = resource.RLIM_INFINITY
        if fault.of == "file size":
            most = 1 if self._is_short else infinite
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, infinite))
        if fault.of == "no descriptors":
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (0 if self._is_short else hard, hard))

    def _heard(self, event: str, told: tuple[object, ...]) -> None:
        """What Python says before it makes a call of the system."""
        if event in _CHANGING or (event == "open" and _is_for_writing(told)):
            self._changes(event, *told[:1])

    def _changes(self, call: str, what: object = None, *_: object) -> None:
        path = self._within(what)
        if path is not None:
            self.at(call, path)

    def _within(self, what: object) -> str | None:
        """The path within the folder, if it is there."""
        path = _path_of(what)
        if path is None or f"{path}/" == self._folder:
            return None if path is None else "."
        return path.removeprefix(self._folder) if path.startswith(self._folder) else None


def _refuse(of: Shortage, kind: str, path: str) -> None:
    """As the system does. The others are limits of the process."""
    if of == "no space" and kind in _GROWS:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
    if of == "read only":
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)


def _path_of(what: object) -> str | None:
    """Of a descriptor, too. No `Path` is made: an audit hook is called too often for it."""
    if isinstance(what, int):
        try:
            return os.readlink(f"/proc/self/fd/{what}")  # noqa: PTH115
        except OSError:
            return None
    if isinstance(what, bytes):
        return os.path.abspath(os.fsdecode(what))  # noqa: PTH100
    return os.path.abspath(os.fspath(what)) if is_path(what) else None  # noqa: PTH100


def _is_for_writing(told: tuple[object, ...]) -> bool:
    flags = told[2] if len(told) > 2 else None
    return isinstance(flags, int) and bool(flags & _WRITES)


def _give(client: object) -> None:
    """Every trainer that is built gets it beside its own. The end of a run waits a minute for who
    does not answer; here seconds, which changes nothing that is compared.
    """
    setattr(keeper_module, "_DRAIN_S", _WAIT_S)  # noqa: B010  (a private name of ours)
    trainer: type[Any] = trainer_module.Trainer  # Any: of which batches and outputs does not matter
    init: Callable[..., None] = trainer.__init__

    def given(*parts: object, tracking_clients: Sequence[object] = (), **named: object) -> None:
        init(*parts, tracking_clients=[*tracking_clients, client], **named)

    setattr(trainer, init.__name__, given)


def _before(holder: object, name: str, tell: Callable[..., None]) -> None:
    call: Callable[..., object] = getattr(holder, name)

    @functools.wraps(call)
    def told(*args: object, **named: object) -> object:
        tell(*args) if holder is os else tell()
        return call(*args, **named)

    setattr(holder, name, told)


def _after(holder: object, name: str, tell: Callable[[], None]) -> None:
    call: Callable[..., object] = getattr(holder, name)

    @functools.wraps(call)
    def told(*args: object, **named: object) -> object:
        result = call(*args, **named)
        tell()
        return result

    setattr(holder, name, told)
