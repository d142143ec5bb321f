"""Moments, scores and lines that the tests of a run folder share."""

import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import Tensor

from artifact_torch.contracts import Moment, Result, ResultKind

START = Moment(epoch=0, step=0)


def at(step: int) -> Moment:
    """Within epochs of ten steps, half a second each."""
    return Moment(epoch=step // 10, step=step, seconds=step / 2, ends_epoch=step % 10 == 0)


def score(name: str, value: float) -> list[Result]:
    return [Result(ResultKind.SCORE, name, value)]


def raw(folder: Path) -> list[dict[str, object]]:
    """The lines as json has them; it raises for a torn one."""
    return [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]


def loaded(path: Path) -> dict[str, Tensor]:
    """As anybody reads weights."""
    safetensors: Any = import_module("safetensors.torch")  # Any: its paths are not declared
    weights: dict[str, Tensor] = safetensors.load_file(path)
    return weights


def until(holds: Callable[[], object]) -> None:
    """Waits for it; a minute is for machines that are busy."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
