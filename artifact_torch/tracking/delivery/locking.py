"""One process at a time."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import final

if sys.platform != "win32":
    import fcntl


_held: set[int] = set()  # descriptors, which a forked process must not keep


@final
class FileLock:
    """Held until it is released or the process is gone, however it ends.

    On Windows it is always free: there, two processes that deliver one run are not kept apart.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether it is held now; without waiting. Raises `OSError` where no file can be made."""
        if self._descriptor is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        if sys.platform != "win32":
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            except OSError:  # a file system without locks
                pass
        self._descriptor = descriptor
        _held.add(descriptor)
        return True

    def release(self) -> None:
        if self._descriptor in _held:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = None


def _leave_to_parent() -> None:
    """A forked process (a worker of a loader) would hold the lock on after its parent died."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
