"""The scores of a run in a file that any tool reads."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, final

from artifact_torch.internal.score_rows import PLACE, ScoreRows
from artifact_torch.tracking.values import scalars

if TYPE_CHECKING:  # the process that calls it does without torch
    import os
    from collections.abc import Mapping, Sequence

    from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity


@final
class CsvClient:
    """A row a moment: epoch, step, seconds, and each score under its name (`name/key` of a
    collection). A score that was not due is empty; arrays, plots, files and settings are not kept.

    A process that is killed loses at most its last row, which is written again. A row takes the
    place of those of later steps: a run that was resumed leaves nothing twice, a new run begins its
    file anew. Raises `ConfigurationError` for a file that holds something else.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()  # wherever it is written from
        self._rows = ScoreRows(self._path, owner="CsvClient")

    @property
    def arguments(self) -> Mapping[str, str | None]:
        """What it was built with."""
        return {"path": str(self._path)}

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        if not run.kept:
            self._rows.clear()
        return {"path": str(self._path)}

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def log_results(self, results: Sequence[Recorded], /) -> None:
        for (epoch, step), group in groupby(results, lambda each: (each.epoch, each.step)):
            moment = list(group)
            if scores := scalars(moment, reserved=PLACE):
                self._rows.add(epoch=epoch, step=step, seconds=moment[0].seconds, scores=scores)

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, how: Ending, reason: str, /) -> None: ...
