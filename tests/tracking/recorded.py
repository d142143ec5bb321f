"""Results as a run's record has them, and clients driven by them."""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from matplotlib.figure import Figure

from artifact_torch.contracts import Recorded, ResultKind, ResultsClient, RunIdentity, Value

SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind
NOON = 1_750_000_000.25  # seconds since 1970

ClientT = TypeVar("ClientT", bound=ResultsClient)


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
    Figure(figsize=(0.3, 0.2)).savefig(path, dpi=100)
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


def retried(client: ResultsClient, results: Sequence[Recorded], n_times: int = 60) -> int:
    """How often it raised before it took them."""
    for n_failures in range(n_times):
        try:
            client.log_results(results)
        except Exception:
            if n_failures == n_times - 1:
                raise
        else:
            return n_failures
    return n_times
