"""The six kinds of result, and who computes them during a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import torch
from typing_extensions import TypeVar

from artifact_torch.contracts.io import Batch_co, SeenOut_contra
from artifact_torch.contracts.kinds import Array, ArrayCollection, ResultKind, ScoreCollection
from artifact_torch.contracts.moment import Moment

if TYPE_CHECKING:  # `import artifact_torch` does not load matplotlib
    from matplotlib.figure import Figure

    Plot: TypeAlias = Figure
    PlotCollection: TypeAlias = Mapping[str, Plot]

ResultName: TypeAlias = tuple[ResultKind, str]


@dataclass(frozen=True)
class Result:
    """One result as data; its moment is that of the round it was computed in."""

    kind: ResultKind
    name: str
    value: object


@dataclass(frozen=True)
class Failure:
    """One result that could not be computed, and why. Everything else is there all the same."""

    kind: ResultKind
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ArtifactResults:
    """What one routine or plan produced, by kind and name: the comfortable form."""

    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    arrays: Mapping[str, Array] = field(default_factory=dict[str, Array])
    plots: Mapping[str, Plot] = field(default_factory=dict[str, "Plot"])
    score_collections: Mapping[str, ScoreCollection] = field(
        default_factory=dict[str, ScoreCollection]
    )
    array_collections: Mapping[str, ArrayCollection] = field(
        default_factory=dict[str, ArrayCollection]
    )
    plot_collections: Mapping[str, PlotCollection] = field(
        default_factory=dict[str, "PlotCollection"]
    )


Results: TypeAlias = ArtifactResults | Mapping[str, float] | Sequence[Result | Failure]
"""What a routine or plan returns: by kind, scores alone as a dict, or as data."""

Resources_contra = TypeVar("Resources_contra", contravariant=True)
ModelT_contra = TypeVar("ModelT_contra", contravariant=True)


@runtime_checkable
class ArtifactPlan(Protocol[Resources_contra]):
    """Which artifacts to compute, and when. Called by an artifact routine."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        """All that `execute` can produce, so that two results of one name are refused at build."""
        ...

    def due(self, moment: Moment, /) -> Collection[ResultName]:
        """What is to be computed at `moment`; resources are only made where anything is."""
        ...

    def execute(self, resources: Resources_contra, names: Collection[ResultName], /) -> Results:
        """Compute `names`. One artifact that raises is a `Failure`, not an exception."""
        ...


@runtime_checkable
class ArtifactRoutine(Protocol[ModelT_contra]):
    """Validates a model by artifacts. It asks of the model only what it uses.

    The trainer asks at each moment what is due, and once more at the end of the run; there it
    asks for what the last moment did not compute already. It calls `validate` in evaluation mode,
    without gradient, with random numbers of its own.
    """

    @property
    def result_names(self) -> Sequence[ResultName]: ...

    def due(self, moment: Moment, /) -> Collection[ResultName]: ...

    def validate(
        self, model: ModelT_contra, names: Collection[ResultName], moment: Moment, /
    ) -> Results:
        """Compute `names`; whatever else is returned is left out."""
        ...


@runtime_checkable
class LoaderRoutine(Protocol[Batch_co, SeenOut_contra]):
    """Feeds its own batches to the model and reads the outputs; called like an artifact routine."""

    @property
    def result_names(self) -> Sequence[ResultName]: ...

    def due(self, moment: Moment, /) -> Collection[ResultName]: ...

    def run(
        self,
        evaluate: Callable[[Batch_co], SeenOut_contra],
        device: torch.device,
        names: Collection[ResultName],
        moment: Moment,
        /,
    ) -> Results:
        """`evaluate` is the training step's; it expects batches on `device`."""
        ...
