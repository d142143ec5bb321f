"""Where the time of a few updates goes."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

import torch
from torch.profiler import ProfilerActivity, profile

from artifact_torch.contracts import Every
from artifact_torch.internal.arguments import integer, refuse, text
from artifact_torch.internal.cadence import steps

_logger = logging.getLogger(__name__)

_N_ROWS: Final = 30


@final
class Profile:
    """A trace of `n_updates` updates, once `after` others: `Profile("trace.json", after=10)`.

    Writes a Chrome trace (chrome://tracing, ui.perfetto.dev) and beside it, as `trace.txt`, a table
    of the operators that took longest. The updates are traced with the loading of their batches and
    whatever lies between them, at most to the end of the epoch; the first few of a run are slower
    than the rest. A run that was restored later is traced at the next multiple of `after + 1`.
    Nothing that is computed changes; before and after the trace it costs nothing. A file that
    cannot be written is told by a warning.
    """

    def __init__(self, path: str | Path, *, after: int = 10, n_updates: int = 3) -> None:
        refuse(
            [
                *([] if isinstance(path, Path) else text("Profile: path", path)),
                *integer("Profile: after", after, least=0),
                *integer("Profile: n_updates", n_updates, least=1),
            ]
        )
        self.every: Final[Every] = steps(after + 1)
        """The first update that comes round is the first that is traced."""
        self.n_updates: Final = n_updates
        self._path = Path(path)
        self._is_done = False

    def on_batch(self, _step: int, _batch: object, _output: object, /) -> None:
        """The profiler has seen it."""

    @contextmanager
    def watching(self) -> Generator[None]:
        """Traces what happens inside, the first time."""
        if self._is_done:
            yield
            return
        self._is_done = True
        activities = [ProfilerActivity.CPU]
        if torch.cuda.is_available():
            activities.append(ProfilerActivity.CUDA)
        trace = profile(activities=activities, acc_events=True)  # else torch 2.11 warns of cycles
        trace.start()
        try:
            yield
        finally:
            trace.stop()
            self._write(trace)

    def _write(self, trace: profile) -> None:
        by = "self_device_time_total" if torch.cuda.is_available() else "self_cpu_time_total"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            trace.export_chrome_trace(str(self._path))
            table = _table(trace.key_averages(), sort_by=by, row_limit=_N_ROWS)
            self._path.with_suffix(".txt").write_text(f"{table}\n", encoding="utf-8")
        except (OSError, RuntimeError) as error:
            _logger.warning("Profile: %s could not be written: %s", self._path, error)
        else:
            _logger.info("Profile: %s, and a table beside it", self._path)


def _table(averages: Any, **how: object) -> object:  # torch leaves it without types
    return averages.table(**how)
