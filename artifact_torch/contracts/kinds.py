"""The six kinds of result, and what their values are; without torch."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

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
