"""What `train()` gives back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, final

if TYPE_CHECKING:
    import pandas as pd

    from artifact_torch.contracts.artifact import Array, ArrayCollection, Plot, PlotCollection


@dataclass(frozen=True, kw_only=True)
class TrainingSeconds:
    """Where the wall time of a run went, in seconds."""

    training: float
    """Batches: loading, moving to the device, forward, backward, update, batch callbacks."""
    validation: float
    """Loader routines and the artifact routine."""
    rest: float
    """History, tracking, best weights, checkpoints, waiting for the tracking client."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """The outcome of a run: complete after `train()`, and up to date at any time during it."""

    epoch_scores: pd.DataFrame
    """One row per completed epoch (index `epoch`), NaN where an epoch did not produce a score."""
    score_collections: Mapping[str, pd.DataFrame]
    """Per collection: one row per epoch that produced it, one column per key."""
    arrays: Mapping[str, Array]
    """The newest array of each name; plots and collections alike."""
    plots: Mapping[str, Plot]
    array_collections: Mapping[str, ArrayCollection]
    plot_collections: Mapping[str, PlotCollection]
    failures: Mapping[str, str]
    """What could not be computed: name to the newest reason and its epoch."""
    n_epochs_elapsed: int
    n_steps: int
    best_epoch: int | None
    """The best epoch, if the trainer has a model tracker and it found one."""
    best_weights: Mapping[str, object] | None = field(repr=False)
    """A copy of the weights after the best epoch, on the CPU; `model.load_state_dict` takes it."""
    last_weights: Mapping[str, object] = field(repr=False)
    """A copy of the weights now, on the CPU."""
    stop_reason: str
    run_folder: str | None
    """Where the tracking client put its files, if it says so."""
    seconds: TrainingSeconds


@final
class Stopwatch:
    """Adds up where the wall time goes; each moment belongs to the lap that ends after it."""

    def __init__(self) -> None:
        self._seconds = {"training": 0.0, "validation": 0.0, "rest": 0.0}
        self._since = time.perf_counter()

    def start(self) -> None:
        """Forget the time since the last lap."""
        self._since = time.perf_counter()

    def lap(self, what: Literal["training", "validation", "rest"]) -> None:
        """The time since the last lap was spent on `what`."""
        now = time.perf_counter()
        self._seconds[what] += now - self._since
        self._since = now

    @property
    def seconds(self) -> TrainingSeconds:
        """The sums so far."""
        return TrainingSeconds(**self._seconds)
