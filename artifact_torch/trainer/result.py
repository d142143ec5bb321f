"""What `train()` gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from artifact_torch.contracts.kinds import Array, ArrayCollection
    from artifact_torch.contracts.routine import Plot, PlotCollection
    from artifact_torch.trainer.settings import Plain


@dataclass(frozen=True, kw_only=True)
class TrainingSeconds:
    """Where the wall time of a run went, in seconds."""

    training: float
    """Batches: loading, moving to the device, forward, backward, update, batch callbacks."""
    validation: float
    """The routines."""
    rest: float
    """History, tracking, best weights, checkpoints, waiting for the tracking client."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """The outcome of a run: complete after `train()`, and up to date at any time during it."""

    epoch_scores: pd.DataFrame
    """One row per completed epoch (index `epoch`), NaN where an epoch did not produce a score."""
    scores: pd.DataFrame
    """One row per moment that produced any, within epochs too (index `epoch`, `step`)."""
    score_collections: Mapping[str, pd.DataFrame]
    """Per collection: one row per moment that produced it (index `epoch`, `step`), a column per
    key.
    """
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
    """Epochs completed at the best moment, if the trainer has a model tracker and it found one."""
    best_step: int | None
    best_weights: Mapping[str, object] | None = field(repr=False)
    """A copy of the weights of that moment, on the CPU; `model.load_state_dict` takes it. Averaged
    ones, where the step keeps an average. Their names, as those of all weights here, are the plain
    model's, also where parts of it are compiled.
    """
    last_weights: Mapping[str, object] = field(repr=False)
    """A copy of the weights now, on the CPU."""
    averaged_weights: Mapping[str, object] | None = field(repr=False)
    """A copy of their average, of a step that keeps one."""
    stop_reason: str
    settings: Mapping[str, Plain]
    """The trainer's `settings=` as plain data under dotted keys."""
    run_folder: str | None
    """The run folder; without one, where the first tracking client that says so put its files."""
    outages: Mapping[str, str]
    """Each tracking client that does not have all results: since when, and why."""
    seconds: TrainingSeconds
