from collections.abc import Hashable
from typing import TypeAlias

from artifact_core._base.typing.artifact_result import (
    Array,
    ArrayCollection,
    ArtifactResult,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)

__all__ = [
    "Array",
    "ArrayCollection",
    "ArtifactResult",
    "Plot",
    "PlotCollection",
    "Score",
    "ScoreCollection",
    "IdentifierType",
]

IdentifierType: TypeAlias = Hashable
