"""What `train()` gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from artifact_torch.contracts.kinds import Array, ArrayCollection
    from artifact_torch.contracts.routine import Plot, PlotCollection
    from artifact_torch.run_folder.recorded_run import RecordedRun
    from artifact_torch.run_folder.settings import Begun
    from artifact_torch.trainer.held import HeldWeights
    from artifact_torch.trainer.history import History
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


@dataclass(frozen=True, kw_only=True, repr=False)
class TrainingResult:
    """The outcome of a run: complete after `train()`, and up to date at any time during it.

    All of it is what the run had come to when it was taken, whenever it is read. Frames are made and
    weights copied when they are first read, or before the trainer changes the weights. Whoever else
    changes them (a loop by hand, `model.load_state_dict`) reads any of the three first: after that,
    `last_weights` and `averaged_weights` raise `ConfigurationError`, and never give other weights.
    A result taken during `train()` has its copies at once. A notebook shows it by a table, curves and
    pictures; as text it is a few lines.
    """

    arrays: Mapping[str, Array]
    """The newest array of each name; plots and collections alike."""
    plots: Mapping[str, Plot]
    array_collections: Mapping[str, ArrayCollection]
    plot_collections: Mapping[str, PlotCollection]
    failures: Mapping[str, str]
    """What could not be computed: name to the newest reason and its epoch."""
    warnings: Sequence[str]
    """What was warned of in calls of `train()`, and where: the first 200."""
    n_epochs_elapsed: int
    n_steps: int
    best_epoch: int | None
    """Epochs completed at the best moment, if the trainer has a model tracker and it found one."""
    best_step: int | None
    stop_reason: str
    settings: Mapping[str, Plain]
    """The trainer's `settings=` as plain data under dotted keys."""
    run_folder: str | None
    """The run folder; without one, where the first tracking client that says so put its files."""
    outages: Mapping[str, str]
    """Each tracking client that does not have all results: since when, and why."""
    seconds: TrainingSeconds
    _history: History
    """The rows that the frames are made of."""
    _held: HeldWeights
    """What the weights are copied by."""
    _begun: Begun
    """What the trainer was given."""
    _best: Mapping[str, object] | None

    def __repr__(self) -> str:
        """A few lines: how far it came, why it ended, its scores."""
        from artifact_torch.trainer.shown_result import lines_of

        return "\n".join(lines_of(self, self._remembered()))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from artifact_torch.report.notebook import MOST_PICTURES, fragment

        with TemporaryDirectory(prefix="report-") as pictures:
            own = self._remembered(Path(pictures), MOST_PICTURES)
            return fragment(
                replace(own, folder=None if self.run_folder is None else Path(self.run_folder))
            )

    @cached_property
    def epoch_scores(self) -> pd.DataFrame:
        """One row per completed epoch (index `epoch`), NaN where an epoch did not produce a score."""
        return self._history.of_epochs()

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per moment that produced any, within epochs too (index `epoch`, `step`)."""
        return self._history.frame()

    @cached_property
    def score_collections(self) -> Mapping[str, pd.DataFrame]:
        """Per collection: one row per moment that produced it (index `epoch`, `step`), a column per
        key.
        """
        return self._history.collections()

    def report(self, path: str | PathLike[str], /) -> Path:
        """All of it as one HTML file at `path` that opens anywhere; its absolute path. Of a run with
        a folder, all that is in there: it is `artifact-torch report`.
        """
        from artifact_torch.report.writing import report
        from artifact_torch.run_folder.recorded_run import is_run

        if self.run_folder is not None and is_run(Path(self.run_folder)):
            return report([self.run_folder], path)
        with TemporaryDirectory(prefix="report-") as pictures:
            own = self._remembered(Path(pictures))
            return report([replace(own, name=Path(path).stem)], path)

    def _remembered(self, pictures: Path | None = None, most: int | None = None) -> RecordedRun:
        from artifact_torch.trainer.remembered import remembered

        name = "run" if self.run_folder is None else Path(self.run_folder).name
        own = (self, self._history, self._begun)
        return remembered(*own, name=name, pictures=pictures, most=most)

    @property
    def best_weights(self) -> Mapping[str, object] | None:
        """A copy of the weights of that moment, on the CPU; `model.load_state_dict` takes it. Averaged
        ones, where the step keeps an average. Their names, as those of all weights here, are the
        plain model's, also where parts of it are compiled.
        """
        self._held.settle()  # they are read to be put into the model
        return self._best

    @property
    def last_weights(self) -> Mapping[str, object]:
        """A copy of the weights now, on the CPU."""
        return self._held.last

    @property
    def averaged_weights(self) -> Mapping[str, object] | None:
        """A copy of their average, of a step that keeps one."""
        return self._held.copies.averaged
