"""The six kinds of result, and who computes them during a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from typing_extensions import TypeVar

from artifact_torch.contracts.io import Batch_co, SeenOut_contra

if TYPE_CHECKING:  # `import artifact_torch` does not load matplotlib
    from matplotlib.figure import Figure

    Plot: TypeAlias = Figure
    PlotCollection: TypeAlias = Mapping[str, Plot]

Array: TypeAlias = NDArray[np.floating]
ScoreCollection: TypeAlias = Mapping[str, float]
ArrayCollection: TypeAlias = Mapping[str, Array]


class ResultKind(Enum):
    """The six kinds of result of the artifact ecosystem; a name is unique within its kind."""

    SCORE = "score"
    ARRAY = "array"
    PLOT = "plot"
    SCORE_COLLECTION = "score_collection"
    ARRAY_COLLECTION = "array_collection"
    PLOT_COLLECTION = "plot_collection"


ResultName: TypeAlias = tuple[ResultKind, str]


@dataclass(frozen=True, kw_only=True)
class ArtifactResults:
    """What one routine or plan produced at one epoch, by kind and name."""

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
    failures: Mapping[str, str] = field(default_factory=dict[str, str])
    """What could not be computed: name to reason. Everything else is there all the same."""


Resources_contra = TypeVar("Resources_contra", contravariant=True)
ModelT_contra = TypeVar("ModelT_contra", contravariant=True)


@runtime_checkable
class ArtifactPlan(Protocol[Resources_contra]):
    """Which artifacts to compute, and when each kind is due. Called by an artifact routine."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        """All that `execute` can produce, so that two results of one name are refused at build."""
        ...

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        """Whether `execute` would compute anything; resources are only made when it would."""
        ...

    def execute(
        self, resources: Resources_contra, epoch: int, /, *, final: bool
    ) -> ArtifactResults:
        """Compute what is due. One artifact that raises is a failure by name, not an exception."""
        ...


@runtime_checkable
class ArtifactRoutine(Protocol[ModelT_contra]):
    """Validates a model by artifacts. It asks of the model only what it uses.

    `final` is False in an epoch's own round, and True once after the last epoch, for all that
    the round of that epoch left out. The trainer calls it in evaluation mode, without gradient,
    with its own random state.
    """

    @property
    def result_names(self) -> Sequence[ResultName]: ...

    def is_due(self, epoch: int, /, *, final: bool) -> bool: ...

    def validate(self, model: ModelT_contra, epoch: int, /, *, final: bool) -> ArtifactResults: ...


@runtime_checkable
class LoaderRoutine(Protocol[Batch_co, SeenOut_contra]):
    """Feeds its own batches to the model and reads the outputs; called like an artifact routine."""

    @property
    def result_names(self) -> Sequence[ResultName]: ...

    def is_due(self, epoch: int, /, *, final: bool) -> bool: ...

    def run(
        self, forward: Callable[[Batch_co], SeenOut_contra], device: torch.device, epoch: int, /
    ) -> ArtifactResults:
        """`forward` expects batches on `device`."""
        ...
