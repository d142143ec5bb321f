"""A temporary folder whose owner is known while it lives, so that killed saves leave nothing."""

import os
import re
import shutil
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

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
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Temporary folders whose owner is gone. One that cannot be removed stays until next time."""
    for lock in folder.glob(f"{_PREFIX}*.lock"):
        try:
            descriptor = os.open(lock, os.O_RDWR)
        except OSError:  # removed meanwhile, or no descriptor left
            continue
        try:
            if _is_ours(descriptor, lock):
                _remove(lock.with_suffix(""))
                lock.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
    for temporary in folder.glob(f"{_PREFIX}*"):
        if temporary.suffix != ".lock" and not _lock_of(temporary).exists():
            _remove(temporary)


def _claimed(folder: Path) -> tuple[Path, int]:
    """The first name that is free, and the descriptor by which it is held."""
    host = re.sub(r"[^\w.]", "_", socket.gethostname())
    for n in count():
        temporary = folder / f"{_PREFIX}{host}-{os.getpid()}-{n}"
        lock = _lock_of(temporary)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        if _is_ours(descriptor, lock):
            return temporary, descriptor
        os.close(descriptor)
    raise AssertionError  # there are as many names as numbers


def _lock_of(temporary: Path) -> Path:
    return temporary.with_name(f"{temporary.name}.lock")


def _is_ours(descriptor: int, lock: Path) -> bool:
    """Whether we hold it now, and it still is the file of that name."""
    if sys.platform == "win32":  # no locks: what a killed save of another process leaves, stays
        return lock.stem.split("-")[-2] == str(os.getpid())
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _is_same(descriptor, lock)
    except OSError:
        return False


def _is_same(descriptor: int, lock: Path) -> bool:
    opened, there = os.fstat(descriptor), lock.stat()
    return (opened.st_dev, opened.st_ino) == (there.st_dev, there.st_ino)


def _remove(temporary: Path) -> None:
    shutil.rmtree(temporary, ignore_errors=True)
