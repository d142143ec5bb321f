"""Files that are whole or not there."""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path


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
            synced(new)
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    if durable:
        synced(path.parent)


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> None:
    """As `write_whole` does. Raises `OSError`."""
    write_whole(path, lambda new: new.write_bytes(content), durable=durable)


def write_json(path: Path, content: object, *, durable: bool = False) -> None:
    """For people and programs. Raises `OSError`."""
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
    write_bytes(path, text.encode("utf-8", "replace"), durable=durable)


def read_json(path: Path) -> object:
    """None for a file that is not there or is no JSON. Raises `OSError`."""
    try:
        content: object = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return content


def synced(path: Path) -> None:
    """What was written of a file, or which files a folder has, is on the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
