"""Where results go: a client of our own shape, or of artifact-experiment's, so that theirs fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

from artifact_torch.contracts.kinds import Array, ResultKind, ScoreCollection

if TYPE_CHECKING:
    from artifact_torch.contracts.kinds import ArrayCollection
    from artifact_torch.contracts.routine import Plot, PlotCollection

Value: TypeAlias = (
    float | Mapping[str, float] | Array | Mapping[str, Array] | Path | Mapping[str, Path]
)
"""Of a recorded result: a score or several, an array or several, the file of a picture or several."""

Ending: TypeAlias = Literal["finished", "failed", "killed"]
"""How a run ended: by a stopper, by an error, or by a signal."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One result as the record of a run has it."""

    kind: ResultKind
    name: str
    value: Value
    epoch: int
    """Epochs completed."""
    step: int
    seconds: float
    """Time spent in `train()` since the run began."""
    time: float
    """Seconds since 1970, UTC."""


@dataclass(frozen=True, kw_only=True)
class RunIdentity:
    """Which run it is that a client is told of."""

    name: str
    """A person's name for it: that of its folder."""
    folder: Path
    kept: Mapping[str, str]
    """What this client's `begin` returned when the run was last begun; empty for a new one."""


@runtime_checkable
class ResultsClient(Protocol):
    """Receives what was recorded, beside the training, which never waits for it.

    Called from a process of its own where it can be sent there (`pickle`), else from a thread; in
    order, one call at a time. A call that raises is made again later, so that nothing is lost; one
    that never returns costs the training nothing. Building a client does not connect: `begin` does.
    """

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        """Connect, and continue the run that `run.kept` names if it does. Returns what names it at
        the backend: kept in the run folder, and given to the next `begin`. What is not `run.kept`
        names another run there: it is sent everything, from the first result on.
        """
        ...

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        """Plain values under dotted keys: hyper-parameters."""
        ...

    def log_results(self, results: Sequence[Recorded], /) -> None:
        """All results of one moment. After it returned they are not sent again; where the process
        was killed within it, they are: leave out what the backend has at that name and step.
        """
        ...

    def log_file(self, path: Path, name: str, /) -> None:
        """A file of the run folder, in the place of one of that name: before each end
        `settings.json`, with versions, device and revision, and whatever lies in `files/`.
        """
        ...

    def end(self, how: Ending, reason: str, /) -> None:
        """The run ended; it may be begun again. Write what is kept back."""
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
