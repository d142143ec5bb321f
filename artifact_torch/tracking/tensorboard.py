"""The results of a run as TensorBoard shows them."""

import json
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.internal.extras import from_extra
from artifact_torch.tracking.values import finite_arrays, scalars, values_of


@final
class TensorBoardClient:
    """Scores, figures and histograms of arrays over the step, with the time of day; needs the extra
    `tensorboard`. What is in a collection is called `name/key`.

    Settings are the text "settings". A run that is resumed in the same folder hides what was
    written at its first step and later. Raises `MissingExtraError` without the extra.
    """

    def __init__(self, folder: str | os.PathLike[str], /) -> None:
        with from_extra("tensorboard", "TensorBoardClient"):
            # Any: torch declares its writer in part only
            self._new_writer: Any = import_module("torch.utils.tensorboard").SummaryWriter
        self._folder = os.fspath(folder)
        self._writer: Any = None
        self._last_step = -1

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        step = moment.step
        writer = self._writer_at(step)
        writer.add_scalar("epoch", moment.epoch, step)
        for name, score in scalars(results, reserved=("epoch",)).items():
            writer.add_scalar(name, score, step)
        for name, figure in values_of(results, ResultKind.PLOT).items():
            writer.add_figure(name, figure, step, close=False)
        for name, values in finite_arrays(results).items():
            writer.add_histogram(name, values, step)

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        text = json.dumps(settings, indent=4).replace("\n", "\n    ")  # indented: code of markdown
        self._writer_at(0).add_text("settings", f"    {text}", 0)

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()

    def _writer_at(self, step: int) -> Any:  # Any: see above
        """Opened by the first result, since it then says from which step on it counts."""
        if self._writer is None or step < self._last_step:
            if self._writer is not None:
                self._writer.close()
            self._writer = self._new_writer(self._folder, purge_step=step)
        self._last_step = step
        return self._writer
