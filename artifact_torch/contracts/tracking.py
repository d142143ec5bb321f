"""Where results go: a client of our own shape, or of artifact-experiment's, so that theirs fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from artifact_torch.contracts.moment import Moment
from artifact_torch.contracts.routine import Failure, Result, ScoreCollection

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Array, ArrayCollection, Plot, PlotCollection


@runtime_checkable
class ResultsClient(Protocol):
    """Receives all results of a moment at once, with the moment: its epoch, step and seconds.

    It may raise: that is reported once and never hurts the run. Training waits for each call.
    """

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """At each moment that has any; once more at the end of the run (`moment.ends_run`) for what
        its last moment left out. Scores are floats. Arrays and figures are the run's own: take what
        is needed before it returns. After `restore()` the step goes back.
        """
        ...

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        """Before the first step of a run that has settings: plain values under dotted keys."""
        ...

    def flush(self) -> None:
        """`train()` ends, however it ends: write what is kept back. More results may follow."""
        ...


@runtime_checkable
class TrackingClient(Protocol):
    """Receives each result by name. Called by the trainer's recorder, which adds the epoch.

    Names are part of the contract: results are passed by keyword. It may raise: that is reported
    once and never hurts the run.
    """

    def log_score(self, score: float, name: str) -> object: ...

    def log_array(self, array: Array, name: str) -> object: ...

    def log_plot(self, plot: Plot, name: str) -> object: ...

    def log_score_collection(self, score_collection: ScoreCollection, name: str) -> object: ...

    def log_array_collection(self, array_collection: ArrayCollection, name: str) -> object: ...

    def log_plot_collection(self, plot_collection: PlotCollection, name: str) -> object: ...

    def log_file(self, path_source: str, name: str) -> object: ...
