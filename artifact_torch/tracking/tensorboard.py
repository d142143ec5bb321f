"""The results of a run as TensorBoard shows them."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, final

from artifact_torch.internal.extras import require
from artifact_torch.tracking.event_files import EventFile
from artifact_torch.tracking.values import files, finite_arrays, scalars

if TYPE_CHECKING:  # the process that calls it does without torch
    import os
    from collections.abc import Mapping, Sequence

    from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity


@final
class TensorBoardClient:
    """Scores, pictures of plots (PNG alone) and histograms of arrays over the step, each with the
    time at which it was recorded; needs the extra `tensorboard`. What is in a collection is called
    `name/key`.

    Settings are the text "settings". A run is continued in its folder: what comes again hides what
    was written at its step and later, and nothing is written twice. A new run hides an older one
    in the folder. Raises `MissingExtraError` without the extra.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        require("tensorboard", extra="tensorboard", thing="TensorBoardClient")
        self._folder = Path(folder).absolute()  # wherever it is written from
        self._file: EventFile | None = None
        self._newest = -1
        self._tags: set[str] = set()  # at the newest step
        self._settings = b""

    @property
    def arguments(self) -> Mapping[str, str | None]:
        """What it was built with."""
        return {"folder": str(self._folder)}

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        self._file = None
        file = self._opened()
        if run.kept:
            file.hide(self._newest + 1)
        else:
            file.hide(0)
            self._newest, self._tags, self._settings = -1, set(), b""
        return {"folder": str(self._folder)}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        # indented: code of markdown
        text = "    " + json.dumps(settings, indent=4, default=str).replace("\n", "\n    ")
        if text.encode() != self._settings:
            file = self._opened()
            file.write(0, time(), file.text("settings", text))
            self._settings = text.encode()

    def log_results(self, results: Sequence[Recorded], /) -> None:
        for step, group in groupby(results, lambda each: each.step):
            self._log(step, list(group))

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, _how: Ending, _reason: str, /) -> None:
        self._file = None

    def _log(self, step: int, results: Sequence[Recorded]) -> None:
        file = self._opened()
        numbers = {"epoch": float(results[0].epoch), **scalars(results, reserved=("epoch",))}
        values = {tag: file.number(tag, number) for tag, number in numbers.items()}
        pictures = files(results, suffix=".png").items()
        values.update({tag: file.picture(tag, path) for tag, path in pictures})
        values.update({tag: file.histogram(tag, a) for tag, a in finite_arrays(results).items()})
        there = self._tags if step == self._newest else set[str]()
        try:
            if step < self._newest:
                file.hide(step)
            file.write(step, results[0].time, *(values[tag] for tag in values if tag not in there))
        except BaseException:
            self._file = None  # the file may end in half an event: a new one goes on, after a look
            raise
        self._newest, self._tags = step, there | set(values)

    def _opened(self) -> EventFile:
        """A file of its own, opened after a look at what is in the others."""
        if self._file is None:
            file = EventFile(self._folder)
            self._newest, self._tags, self._settings = -1, set(), b""
            for step, hides, values in file.earlier():
                if hides and step <= self._newest:
                    self._newest, self._tags = step - 1, set()
                if "settings" in values:
                    (self._settings,) = values.pop("settings").tensor.string_val
                if values and step >= self._newest:
                    self._tags = values.keys() | (self._tags if step == self._newest else set())
                    self._newest = step
            self._file = file
        return self._file
