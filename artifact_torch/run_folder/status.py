"""How a run stands, for whoever looks at its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, final

from artifact_torch.contracts import Ending, Moment
from artifact_torch.internal.disk import read_json, write_json
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.run_folder.owner import found, this_process, utc

STATUS = "status.json"
"""The name of the file in a run folder."""

Standing: TypeAlias = Literal["running", "finished", "failed", "stopped", "died"]
"""`stopped`: by a signal. `died`: it says that it runs, and its process is gone."""

_WRITTEN: dict[str, Standing] = {
    "running": "running",
    "finished": "finished",
    "failed": "failed",
    "stopped": "stopped",
}
_OF_ENDING: dict[Ending, Standing] = {
    "finished": "finished",
    "failed": "failed",
    "killed": "stopped",
}


@final
@dataclass(frozen=True, kw_only=True)
class Status:
    """How a run stands."""

    status: Standing
    reason: str
    """Why it ended; empty while it runs."""
    epoch: int
    step: int
    time: str
    """Of this: UTC, `2026-11-26T06:27:31Z`."""
    host: str
    pid: int


def write_status(
    folder: Path,
    moment: Moment,
    ending: Ending | None = None,
    reason: str = "",
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """In the place of the last one at once; `seconds` are what the time went into. Raises `OSError`."""
    content = {
        "status": "running" if ending is None else _OF_ENDING[ending],
        "reason": reason,
        "epoch": moment.epoch,
        "step": moment.step,
        "seconds": {what: round(each, 3) for what, each in seconds.items()},
        "time": utc(),
        **this_process(),
    }
    write_json(folder / STATUS, content, durable=ending is not None)


def read_status(folder: Path, /) -> Status | None:
    """None where no run was begun in `folder`. A run of another machine is taken at its word.

    Raises `OSError` where the file cannot be read.
    """
    content = read_json(folder / STATUS)
    if not is_state_dict(content):
        return None
    standing = _WRITTEN.get(str(content.get("status")))
    if standing is None:
        return None
    if standing == "running" and found(content) == "gone":
        standing = "died"
    return Status(
        status=standing,
        reason=str(content.get("reason", "")),
        epoch=_whole(content.get("epoch")),
        step=_whole(content.get("step")),
        time=str(content.get("time", "")),
        host=str(content.get("host", "")),
        pid=_whole(content.get("pid")),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
