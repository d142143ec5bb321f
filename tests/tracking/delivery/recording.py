"""Writes a record as the run folder does, line by line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import final


@final
class Recording:
    """The record of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.path: Path = folder / "record.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, step: int = 0, **settings: object) -> None:
        self._write({"event": "begin", "epoch": 0, "step": step, "settings": settings, "time": 1.0})

    def scores(self, step: int, **values: float) -> None:
        place = {"epoch": step // 10, "step": step, "ends_epoch": True, "seconds": 0.5, "time": 2.0}
        lines = [{"kind": "score", "name": k, "value": v, **place} for k, v in values.items()]
        self._write(*lines)

    def end(self, how: str = "finished", reason: str = "all epochs") -> None:
        self._write({"event": "end", "how": how, "reason": reason, "time": 3.0})

    def torn(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)

    def _write(self, *lines: Mapping[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{json.dumps(line)}\n" for line in lines))
