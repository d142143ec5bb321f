from collections.abc import Mapping
from typing import Any, TypeAlias

from matplotlib.figure import Figure
from numpy import floating
from numpy.typing import NDArray

Score: TypeAlias = float
Array: TypeAlias = NDArray[floating[Any]]
Plot: TypeAlias = Figure
ScoreCollection: TypeAlias = Mapping[str, Score]
ArrayCollection: TypeAlias = Mapping[str, Array]
PlotCollection: TypeAlias = Mapping[str, Plot]
ArtifactResult: TypeAlias = (
    Score | Array | Plot | ScoreCollection | ArrayCollection | PlotCollection
)
