"""Files that are whole or not there, on the disk where it is asked; what to do where they cannot be."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.internal.narrowing import is_path

_CHUNK: Final = 1 << 24
_NEW: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows has two kinds
_MIB: Final = 1 << 20

_ADVICE: Final[Mapping[int, str]] = {
    errno.ENOSPC: "make space, or give a folder on another disk",
    errno.EDQUOT: "make space within the quota, or give a folder on another disk",
    errno.EFBIG: "raise the limit on the size of files: ulimit -f unlimited",
    errno.EMFILE: "raise the limit on open files (ulimit -n), or use fewer workers",
    errno.ENFILE: "too many files are open on this machine: close programs that hold many",
    errno.EACCES: "make the folder one that can be written to",
    errno.EPERM: "make the folder one that can be written to",
    errno.EROFS: "make the folder one that can be written to",
    errno.ENOTDIR: "move away the file that is where the folder was",
    errno.EEXIST: "move away the file that is where the folder was",
    errno.EISDIR: "move away the folder that is where the file was",
}


def absolute(path: object) -> Path | None:
    """`path` wherever the working directory will be, `~` expanded; None for what can be no path."""
    text = os.fspath(path) if is_path(path) else ""
    if type(text) is not str or text == "" or "\0" in text:
        return None
    try:
        return Path(text).expanduser().absolute()
    except (OSError, RuntimeError):  # in a folder that was deleted; the home of nobody
        return None


def write_file(path: Path, *parts: bytes | memoryview) -> None:
    """A new file, synced. Raises `OSError`: a part may be written."""
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


def sync(path: Path) -> None:
    """What was written of a file, or the names in a folder, are on the disk. Raises `OSError`.

    Nothing for a folder where none can be opened (Windows).
    """
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, write: Callable[[Path], object], *, durable: bool = False) -> None:
    """Let `write` fill a file beside `path`, then put it there at once.

    `durable`: it is on the disk when this returns, which takes it milliseconds. Raises `OSError`,
    and leaves what was there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        write(new)
        if durable:
            sync(new)
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> None:
    """As `write_whole` does. Raises `OSError`."""
    write_whole(path, lambda new: new.write_bytes(content), durable=durable)


def write_json(
    path: Path, content: object, *, durable: bool = False, indent: int | None = 2
) -> None:
    """For people and programs; with `indent=None` ten times as fast. Raises `OSError`."""
    text = json.dumps(content, indent=indent, ensure_ascii=False, default=str) + "\n"
    write_bytes(path, text.encode("utf-8", "replace"), durable=durable)


def read_json(path: Path) -> object:
    """None for a file that is not there or is no JSON. Raises `OSError`."""
    try:
        content: object = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return content


def told_bytes(n_bytes: int) -> str:
    """`12.0 MiB`, below one `3.4 KiB`."""
    return f"{n_bytes / _MIB:.1f} MiB" if n_bytes >= _MIB else f"{n_bytes / 1024:.1f} KiB"


def told_path(path: Path) -> str:
    """From the working directory, where that is shorter."""
    try:
        near = os.path.relpath(path)
    except (ValueError, OSError):  # another drive; a working directory that is gone
        return str(path)
    return min(near, str(path), key=len)


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
