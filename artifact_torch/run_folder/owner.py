"""Which process it is that holds a folder, and whether it is still there."""

import os
import socket
import time
from calendar import timegm
from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import Literal, TypeAlias

Found: TypeAlias = Literal["here", "gone", "elsewhere"]
"""`elsewhere`: on another machine, which cannot be asked."""

_UTC = "%Y-%m-%dT%H:%M:%SZ"


def this_process() -> dict[str, object]:
    """Host, process, and when that began, in ticks since the machine started: a clock that goes
    back and a number that is used again do not matter.
    """
    pid = os.getpid()
    return {"host": socket.gethostname(), "pid": pid, "began": _began(pid)}


def found(owner: Mapping[str, object], /) -> Found:
    """Whether the process that `this_process` told of is still there."""
    pid = owner.get("pid")
    if owner.get("host") != socket.gethostname():
        return "elsewhere"
    if not isinstance(pid, int) or pid <= 0:
        return "gone"
    try:
        os.kill(pid, 0)  # asks only
    except ProcessLookupError:
        return "gone"
    except OSError:  # somebody else's
        pass
    began = _began(pid)
    return "gone" if began != owner.get("began", began) or _is_zombie(pid) else "here"


def utc() -> str:
    """Now, wherever this is."""
    return time.strftime(_UTC, time.gmtime())


def since_1970(told: object) -> float:
    """Seconds of what `utc` told; NaN for anything else."""
    try:
        return timegm(time.strptime(str(told), _UTC))
    except ValueError:
        return nan


def _began(pid: int) -> int | None:
    """None where the system does not tell."""
    fields = _stat(pid)
    return int(fields[19]) if len(fields) > 19 else None


def _is_zombie(pid: int) -> bool:
    return _stat(pid)[:1] == ["Z"]


def _stat(pid: int) -> list[str]:
    """Linux: what follows the name in /proc/<pid>/stat, which may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
