"""TensorBoard's own files: one written, those beside it read."""

from __future__ import annotations

import os
import socket
import struct
from importlib import import_module
from io import BytesIO
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

_PATTERN = "events.out.tfevents.*"
_START = 1  # SessionLog.START: events of its step and later that stand before it do not count


@final
class EventFile:
    """A new file in `folder`, read by TensorBoard after those that are there. It is written by
    TensorBoard's package alone, which does without torch; each event is in the file when `write`
    returns. Raises `OSError`; a file that raised is not to be written again.
    """

    def __init__(self, folder: Path, /) -> None:
        compat = "tensorboard.compat.proto"
        # Any: none of its modules declares types
        self._events: Any = import_module(f"{compat}.event_pb2")
        self._summary: Any = import_module(f"{compat}.summary_pb2").Summary
        self._records: Any = import_module("tensorboard.summary.writer.record_writer")
        folder.mkdir(parents=True, exist_ok=True)
        self._before = sorted(folder.glob(_PATTERN))
        # files are read in the order of their names, also where the clock went back
        ends = [int(text) for p in self._before if (text := p.name.split(".")[3]).isdigit()]
        seconds = max([int(time()), *(each + 1 for each in ends)])
        name = _PATTERN.replace("*", f"{seconds:010d}.{socket.gethostname()}.{os.getpid()}.0")
        self._path = folder / name
        self._write(file_version="brain.Event:2")

    def earlier(self) -> Iterator[tuple[int, bool, dict[str, Any]]]:
        """Step, whether those of its step and later are hidden from here, and values by tag, of each
        event in the other files.
        """
        # Any: as above
        loader: Any = import_module("tensorboard.backend.event_processing.event_file_loader")
        for path in self._before:
            for event in loader.LegacyEventFileLoader(str(path)).Load():
                values = {value.tag: value for value in event.summary.value}
                yield event.step, event.session_log.status == _START, values

    def write(self, step: int, seconds: float, *values: object) -> None:
        """`values` of `step`, recorded at `seconds` since 1970."""
        self._write(wall_time=seconds, step=step, summary=self._summary(value=values))

    def hide(self, step: int) -> None:
        """What stands before, of this step and later, does not count any more."""
        # TensorBoard takes the first of a folder for the start of the run: it hides nothing
        self._write(step=step, session_log=self._events.SessionLog(status=_START))

    def number(self, tag: str, value: float) -> object:
        return self._summary.Value(tag=tag, simple_value=value)

    def picture(self, tag: str, path: Path) -> object:
        data = path.read_bytes()
        width, height = struct.unpack(">II", data[16:24])  # of PNG's first chunk
        image = self._summary.Image(width=width, height=height, encoded_image_string=data)
        return self._summary.Value(tag=tag, image=image)

    def histogram(self, tag: str, values: NDArray[np.float64]) -> object:
        plugin: Any = import_module("tensorboard.plugins.histogram.summary_v2")  # Any: as above
        return plugin.histogram_pb(tag, values).value[0]

    def text(self, tag: str, text: str) -> object:
        plugin: Any = import_module("tensorboard.plugins.text.summary_v2")  # Any: as above
        return plugin.text_pb(tag, text).value[0]

    def _write(self, **event: object) -> None:
        event = {"wall_time": time(), **event}
        record = BytesIO()
        self._records.RecordWriter(record).write(self._events.Event(**event).SerializeToString())
        with self._path.open("ab") as file:
            file.write(record.getvalue())
