"""Files that are on the disk when a function returns, and what is said where they cannot be."""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 24
_NEW: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows has two kinds
_MIB: Final = 1 << 20

_ADVICE: Final[Mapping[int, str]] = {
    errno.ENOSPC: "make space, or give a folder on another disk",
    errno.EDQUOT: "make space within the quota, or give a folder on another disk",
    errno.EFBIG: "raise the limit on the size of files: ulimit -f unlimited",
    errno.EMFILE: "raise the limit on open files (ulimit -n), or use fewer workers",
    errno.ENFILE: "too many files are open on this machine",
    errno.EACCES: "make the folder one that can be written to",
    errno.EPERM: "make the folder one that can be written to",
    errno.EROFS: "make the folder one that can be written to",
    errno.ENOTDIR: "move away the file that is where the folder was",
    errno.EEXIST: "move away the file that is where the folder was",
}


def write_file(path: Path, *parts: bytes | memoryview) -> None:
    """A new file, synced. Raises `OSError`."""
    _write(os.open(path, _NEW | os.O_TRUNC, 0o666), parts)


def append_file(path: Path, *parts: bytes) -> None:
    """At the end of a file that may be new, synced. Raises `OSError`: a part may be written."""
    _write(os.open(path, _NEW | os.O_APPEND, 0o666), parts)


def truncate_file(path: Path, size: int) -> None:
    """What lies beyond `size` bytes is gone, synced."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk. Nothing where folders cannot be opened (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def told_bytes(n_bytes: int) -> str:
    """`12.0 MiB`, below one `3.4 KiB`."""
    return f"{n_bytes / _MIB:.1f} MiB" if n_bytes >= _MIB else f"{n_bytes / 1024:.1f} KiB"


def free_bytes(folder: Path) -> int:
    """Of the disk that holds it, or will when it is there."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def refuse_without_space(folder: Path, needed: int) -> None:
    """Raises the `OSError` that writing would, before anything is written."""
    if (free := free_bytes(folder)) < needed:
        told = f"{os.strerror(errno.ENOSPC)}: needed {told_bytes(needed)}, free {told_bytes(free)}"
        raise OSError(errno.ENOSPC, told)


def advice(error: BaseException) -> str:
    """What to do about it, empty where we do not know."""
    return _ADVICE.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def _write(descriptor: int, parts: tuple[bytes | memoryview, ...]) -> None:
    try:
        for part in parts:
            view = memoryview(part).cast("B")
            while len(view):
                view = view[os.write(descriptor, view[:_CHUNK]) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
