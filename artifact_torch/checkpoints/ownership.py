"""A temporary folder whose owner is known while it lives, so that killed saves leave nothing."""

import os
import re
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from artifact_torch.internal.file_lock import close_lock, is_locked, open_lock

_PREFIX: Final = ".saving-"


@contextmanager
def owned_folder(folder: Path) -> Generator[Path]:
    """An empty folder in `folder`, gone at the end: `.saving-HOST-PID-0`.

    It is ours as long as we hold a lock on the file beside it, `.saving-HOST-PID-0.lock`: the
    system gives it back when the process dies, in whatever way. Raises `OSError`.
    """
    temporary, descriptor = _claimed(folder)
    try:
        _remove(temporary)  # of a process before us with the same number
        temporary.mkdir()
        yield temporary
    finally:
        _remove(temporary)
        _lock_of(temporary).unlink(missing_ok=True)
        close_lock(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Temporary folders whose owner is gone. One that cannot be removed stays until next time."""
    for lock in folder.glob(f"{_PREFIX}*.lock"):
        try:
            descriptor = open_lock(lock)
        except OSError:  # no descriptor left
            continue
        try:
            if _is_ours(descriptor, lock):
                _remove(lock.with_suffix(""))
                lock.unlink(missing_ok=True)
        finally:
            close_lock(descriptor)
    for temporary in folder.glob(f"{_PREFIX}*"):
        if temporary.suffix != ".lock" and not _lock_of(temporary).exists():
            _remove(temporary)


def _claimed(folder: Path) -> tuple[Path, int]:
    """The first name that is free, and the descriptor by which it is held."""
    for n in count():
        temporary = folder / f"{_ours()}-{n}"
        lock = _lock_of(temporary)
        descriptor = open_lock(lock)
        if _is_ours(descriptor, lock):
            return temporary, descriptor
        close_lock(descriptor)
    raise AssertionError  # there are as many names as numbers


def _ours() -> str:
    """How the names of this process's begin."""
    host = re.sub(r"[^\w.]", "_", socket.gethostname())
    return f"{_PREFIX}{host}-{os.getpid()}"


def _lock_of(temporary: Path) -> Path:
    return temporary.with_name(f"{temporary.name}.lock")


def _is_ours(descriptor: int, lock: Path) -> bool:
    """Whether we hold it now, and it still is the file of that name. Where the file system has no
    locks, only what has our host and number is ours: what a killed save of another process leaves, stays.
    """
    try:
        is_held = is_locked(descriptor)
        if is_held is None:
            return lock.name.startswith(f"{_ours()}-")
        return is_held and _is_same(descriptor, lock)
    except OSError:
        return False


def _is_same(descriptor: int, lock: Path) -> bool:
    opened, there = os.fstat(descriptor), lock.stat()
    return (opened.st_dev, opened.st_ino) == (there.st_dev, there.st_ino)


def _remove(temporary: Path) -> None:
    shutil.rmtree(temporary, ignore_errors=True)
