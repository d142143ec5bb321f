"""Where the time of a run went, over all processes that trained it."""

from collections.abc import Mapping
from pathlib import Path
from typing import final

from artifact_torch.internal.disk import read_json
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.status import STATUS


@final
class Spent:
    """Seconds by what they went into: those of `now`, which grows, and what the folder told when
    this was made, if the run goes on.
    """

    def __init__(self, folder: Path, now: Mapping[str, float], *, goes_on: bool) -> None:
        self._now = now
        self._at_begin = dict(now)  # a call before this one told of it too
        self._before: Mapping[str, float] = _told(folder) if goes_on else {}

    def seconds(self) -> Mapping[str, float]:
        """So far."""
        return {
            what: self._before.get(what, 0.0) + each - self._at_begin[what]
            for what, each in self._now.items()
        }


def _told(folder: Path) -> Mapping[str, float]:
    try:
        there = read_json(folder / STATUS)
    except OSError:
        return {}
    seconds = there.get("seconds") if is_mapping(there) else None
    found: Mapping[object, object] = seconds if is_mapping(seconds) else {}
    return {str(what): each for what, each in found.items() if isinstance(each, int | float)}
