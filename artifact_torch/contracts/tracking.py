"""Where results go: the shape of artifact-experiment's clients, so that theirs fit as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from artifact_torch.contracts.routine import ScoreCollection

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Array, ArrayCollection, Plot, PlotCollection


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
