"""One process at a time."""

from pathlib import Path
from typing import final

from artifact_torch.internal.file_lock import close_lock, is_locked, open_lock


@final
class FileLock:
    """Held until it is released or the process is gone.

    Where the file system has no locks it is always free: two processes that deliver one run are
    not kept apart there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether it is held now; without waiting. Raises `OSError` where no file can be made."""
        if self._descriptor is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_lock(self._path)
        try:
            is_held = is_locked(descriptor) is not False
        except OSError:
            close_lock(descriptor)
            raise
        if is_held:
            self._descriptor = descriptor
        else:
            close_lock(descriptor)
        return is_held

    def release(self) -> None:
        if self._descriptor is not None:
            close_lock(self._descriptor)
        self._descriptor = None
