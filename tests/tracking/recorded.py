"""Results as a run's record has them, and clients driven by them."""

import pickle
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from matplotlib.figure import Figure

from artifact_torch.contracts import Recorded, ResultKind, ResultsClient, RunIdentity, Value

SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind
NOON = 1_750_000_000.25  # seconds since 1970

ClientT = TypeVar("ClientT", bound=ResultsClient)
R = TypeVar("R")


def recorded(kind: ResultKind, name: str, value: Value, step: int) -> Recorded:
    """Epochs of ten steps, two seconds a step."""
    seconds = 2.0 * step
    return Recorded(
        kind=kind,
        name=name,
        value=value,
        epoch=step // 10,
        step=step,
        seconds=seconds,
        time=NOON + seconds,
    )


def score(name: str, value: float, step: int) -> Recorded:
    return recorded(SCORE, name, value, step)


def scores(step: int, **values: float) -> list[Recorded]:
    """Those of one moment."""
    return [score(name, value, step) for name, value in values.items()]


def picture(folder: Path, name: str) -> Path:
    """Of 30 times 20 pixels."""
    path = folder / name
    drawn: Any = Figure(figsize=(0.3, 0.2))  # Any: matplotlib's types are not complete
    drawn.savefig(path, dpi=100)
    return path


def all_kinds(step: int, folder: Path) -> list[Recorded]:
    array = np.array([step, 1.0, np.nan])
    png = picture(folder, "one.png")
    nothing = np.array([np.nan])
    return [
        score("loss", 1 / step, step),
        recorded(SCORES, "JS", {"income %": step / 10, "age": 0.5}, step),
        recorded(PLOT, "P", png, step),
        recorded(PLOTS, "PC", {"age": png}, step),
        recorded(ARRAY, "A", array, step),
        recorded(ARRAYS, "AC", {"age": array, "nothing": nothing}, step),
    ]


def identity(folder: Path, kept: Mapping[str, str] | None = None) -> RunIdentity:
    return RunIdentity(name="vae", folder=folder, kept=kept or {})


def sent(client: ClientT) -> ClientT:
    """As the process that calls it has it."""
    arrived: ClientT = pickle.loads(pickle.dumps(client))  # noqa: S301
    return arrived


def eventually(call: Callable[[], R], *, seconds: float = 120.0) -> R:
    """Its answer, however often it raised before: as the process that calls a client asks again."""
    end = time.monotonic() + seconds
    while True:
        try:
            return call()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
