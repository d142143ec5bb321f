"""Clients that keep what they get in a file, and fail in the ways that clients do."""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, final

import numpy as np

from artifact_torch.contracts import Ending, Recorded, RunIdentity

Fault: TypeAlias = Literal["", "refused", "hangs", "exits", "dies", "dies once", "draws"]


@final
class FileClient:
    """Writes each call as a line of `path`; `fault` lasts as long as the file `<path>.fault` lies
    there, `of` is the call it befalls. As the contract asks it leaves out what it has.
    """

    def __init__(self, path: Path, *, fault: Fault = "", of: str = "log_results") -> None:
        self.path = path
        self.fault: Fault = fault
        self.of = of
        if fault:
            self.switch.touch()

    @property
    def switch(self) -> Path:
        return self.path.with_suffix(".fault")

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        self._meet("begin")
        loaded = "torch" in sys.modules
        kept = dict(run.kept)
        self._write("begin", name=run.name, kept=kept, process=os.getpid(), loaded_torch=loaded)
        return {"id": run.kept.get("id", "7")}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self._meet("log_settings")
        self._write("settings", settings=dict(settings))

    def log_results(self, results: Sequence[Recorded], /) -> None:
        self._meet("log_results")
        has = {(each["name"], each["step"]) for each in called(self.path, "result")}
        for each in results:
            self._write("sent", name=each.name, step=each.step)
            if (each.name, each.step) not in has:
                self._write(
                    "result", name=each.name, step=each.step, epoch=each.epoch, value=each.value
                )
        self._meet("after")

    def log_file(self, path: Path, name: str, /) -> None:
        self._write("file", name=name)

    def end(self, how: Ending, reason: str, /) -> None:
        self._meet("end")
        self._write("end", how=how, reason=reason)

    def _meet(self, what: str) -> None:
        if what != self.of or not self.switch.exists():
            return
        if self.fault == "dies once":
            self.switch.unlink()
        _FAULTS[self.fault]()

    def _write(self, what: str, **said: object) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'what': what, **said})}\n")


@final
class BrokenAtImport:
    """It pickles, and a process that is not this one cannot make it again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return _imported, (os.getpid(), self.path)

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        return {}

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def log_results(self, results: Sequence[Recorded], /) -> None: ...

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, how: Ending, reason: str, /) -> None: ...


def _imported(process: int, path: Path) -> BrokenAtImport:
    if os.getpid() != process:
        raise ImportError("libbackend.so.3: cannot open shared object file")
    return BrokenAtImport(path)


def draw() -> tuple[float, float, float]:
    """From each of the three generators."""
    import torch

    return random.random(), float(np.random.rand()), float(torch.rand(1))  # noqa: NPY002


def _refuse() -> None:
    raise ConnectionRefusedError("no server at http://127.0.0.1:9")


def _hang() -> None:
    while True:
        time.sleep(3600)


_FAULTS: Mapping[Fault, Callable[[], object]] = {
    "refused": _refuse,
    "hangs": _hang,
    "exits": lambda: sys.exit(3),
    "dies": lambda: os._exit(7),
    "dies once": lambda: os._exit(7),
    "draws": draw,
}


def called(path: Path, what: str) -> list[dict[str, object]]:
    """The calls of that kind that a client wrote down."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    lines: list[dict[str, object]] = [json.loads(each) for each in text.split("\n")[:-1]]
    return [each for each in lines if each["what"] == what]


def had(path: Path) -> list[tuple[object, object]]:
    """Name and step of each result that is there, in its order."""
    return [(each["name"], each["step"]) for each in called(path, "result")]
