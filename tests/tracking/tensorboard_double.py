"""As TensorBoard's package publishes itself: its messages, its files, and what is shown of them."""

import pickle
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import ClassVar, TypeAlias, final

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass
class SessionLog:
    status: int = 0


@dataclass(kw_only=True)
class Picture:
    width: int
    height: int
    encoded_image_string: bytes


@dataclass
class Tensor:
    string_val: list[bytes] = field(default_factory=list[bytes])
    floats: list[float] = field(default_factory=list[float])


@dataclass(kw_only=True)
class Tagged:
    tag: str
    simple_value: float = 0.0
    image: Picture | None = None
    tensor: Tensor = field(default_factory=Tensor)


Values: TypeAlias = list[Tagged] | tuple[Tagged, ...]


@dataclass(kw_only=True)
class Summary:
    Value: ClassVar[type[Tagged]] = Tagged
    Image: ClassVar[type[Picture]] = Picture
    value: Values = ()


@dataclass(kw_only=True)
class Event:
    wall_time: float
    step: int = 0
    file_version: str = ""
    summary: Summary = field(default_factory=Summary)
    session_log: SessionLog = field(default_factory=SessionLog)

    def SerializeToString(self) -> bytes:  # noqa: N802
        return pickle.dumps(self)


@final
class RecordWriter:
    def __init__(self, file: BytesIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        self._file.write(len(data).to_bytes(8, "little") + data)


@final
class LegacyEventFileLoader:
    """Half an event at the end is none."""

    def __init__(self, path: str) -> None:
        self._data = Path(path).read_bytes()

    def Load(self) -> Iterator[Event]:  # noqa: N802
        start = 0
        while start < len(self._data):
            end = start + 8 + int.from_bytes(self._data[start : start + 8], "little")
            if end > len(self._data):
                return
            event: Event = pickle.loads(self._data[start + 8 : end])  # noqa: S301
            yield event
            start = end


def histogram_pb(tag: str, data: NDArray[np.float64]) -> Summary:
    return Summary(value=[Tagged(tag=tag, tensor=Tensor(floats=data.tolist()))])


def text_pb(tag: str, data: str) -> Summary:
    return Summary(value=[Tagged(tag=tag, tensor=Tensor(string_val=[data.encode()]))])


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of the package."""
    names: dict[str, tuple[object, ...]] = {
        "": (),
        ".compat.proto.event_pb2": (Event, SessionLog),
        ".compat.proto.summary_pb2": (Summary,),
        ".summary.writer.record_writer": (RecordWriter,),
        ".backend.event_processing.event_file_loader": (LegacyEventFileLoader,),
        ".plugins.histogram.summary_v2": (histogram_pb,),
        ".plugins.text.summary_v2": (text_pb,),
    }
    for name, parts in names.items():
        module = ModuleType(f"tensorboard{name}")
        for part in parts:
            monkeypatch.setattr(module, getattr(part, "__name__", ""), part, raising=False)
        monkeypatch.setitem(sys.modules, module.__name__, module)


def shown(folder: Path) -> dict[str, list[tuple[int, float, Tagged]]]:
    """Step, time and value by tag, in the order of the files: each start but the first hides what
    stands before it, from its step on.
    """
    found: defaultdict[str, list[tuple[int, float, Tagged]]] = defaultdict(list)
    has_started = False
    for path in sorted(folder.iterdir()):
        for event in LegacyEventFileLoader(str(path)).Load():
            if event.session_log.status == 1:
                if has_started:
                    for tag, values in found.items():
                        found[tag] = [each for each in values if each[0] < event.step]
                has_started = True
            for value in event.summary.value:
                found[value.tag].append((event.step, event.wall_time, value))
    return {tag: values for tag, values in found.items() if values}
