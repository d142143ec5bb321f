"""Locks of files, which the system gives back when the process dies, in whatever way."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

_UNSUPPORTED: Final = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
_opened: set[int] = set()


def open_lock(path: Path) -> int:
    """The descriptor of the file, which may be new. A process that is forked meanwhile (a worker of a
    loader) does not have it: it would hold the lock on after its parent died. Raises `OSError`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    _opened.add(descriptor)
    return descriptor


def close_lock(descriptor: int) -> None:
    """The lock is given back. In a forked process nothing: there, the file is closed."""
    if descriptor in _opened:
        _opened.discard(descriptor)
        os.close(descriptor)


def is_locked(descriptor: int) -> bool | None:
    """Whether the lock is ours now, without waiting; None where the file system has none (Windows
    too). Raises `OSError`.
    """
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return None
        raise
    return True


def _leave_to_parent() -> None:
    for descriptor in _opened:
        with suppress(OSError):
            os.close(descriptor)
    _opened.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
