"""One process writes to a run folder."""

import json
import logging
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.file_lock import close_lock, is_locked, open_lock
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.run_folder.owner import found, this_process, utc

_log = logging.getLogger("artifact_torch")

LOCK = "lock"
"""The name of the file in a run folder: JSON with host, process and time of who holds it; empty
where nobody does.
"""


@contextmanager
def held(folder: Path, /) -> Generator[None]:
    """Nobody else holds `folder`, which is there, within the `with` block.

    Raises `RunFolderError` naming who does, another trainer of this process included. A lock whose
    owner died is taken over. The operating system gives the lock back when the process dies in any
    way; on a file system without locks the process of that number on that host is looked for. A
    process that was forked meanwhile (a worker of a loader) does not hold it.
    """
    path = folder / LOCK
    try:
        file = open_lock(path)
    except OSError as error:
        raise RunFolderError(
            f"{path}: cannot be made ({error.strerror}); give a run folder that can be written to"
        ) from error
    pid = os.getpid()
    try:
        _claim(file, path)
        try:
            yield
        finally:
            if os.getpid() == pid:
                with suppress(OSError):  # a disk that is gone
                    os.ftruncate(file, 0)
    finally:
        close_lock(file)


def _claim(file: int, path: Path) -> None:
    """Raises `RunFolderError` where somebody else has it."""
    is_ours, owner = _is_ours(file), _owner(file)
    for _ in range(20):
        if is_ours is not False or found(owner) != "gone":
            break
        time.sleep(0.1)  # its owner died a moment ago, and what it forked then is not awake yet
        is_ours, owner = _is_ours(file), _owner(file)
    if is_ours is False:
        raise _refused(path, owner)
    if owner:
        where = found(owner)
        if is_ours is None and where != "gone":
            raise _refused(path, owner)
        told = "%s: process %s on %s ended without giving it back; taken over"
        _log.info(told, path, owner.get("pid"), owner.get("host"))
    since = utc()
    content = json.dumps({**this_process(), "since": since}).encode()
    with suppress(OSError):  # a full disk: the lock is held all the same, without a name
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, content)


def _is_ours(file: int) -> bool | None:
    """None where the file system has no locks."""
    try:
        return is_locked(file)
    except OSError as error:
        raise RunFolderError(f"the lock of the run folder failed ({error.strerror})") from error


def _owner(file: int) -> Mapping[str, object]:
    """Empty where nobody has it, or it is not told who."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        owner: object = json.loads(os.read(file, 4096))
    except (OSError, ValueError):
        return {}
    return owner if is_state_dict(owner) else {}


def _refused(path: Path, owner: Mapping[str, object]) -> RunFolderError:
    who = "another process"
    if owner:
        who = f"process {owner.get('pid')} on {owner.get('host')}, since {owner.get('since')}"
    if owner.get("pid") == os.getpid() and found(owner) == "here":
        who = f"another trainer of this {who}"
    advice = "wait until it ended, or give this run another folder"
    if owner and found(owner) == "elsewhere":
        advice += f"; if it is dead for certain, delete {path}"
    return RunFolderError(f"{path.parent}: is in use by {who}; {advice}")
