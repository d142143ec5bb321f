"""What is known of rows of two classes."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.domain_kit.labelled import Floats


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class BinaryClassificationResources:
    """True classes and predicted ones, 0 or 1, the probability of class 1, and how much each row
    counts: `[rows]` each.
    """

    labels: NDArray[np.int64]
    probabilities: Floats
    predicted: NDArray[np.int64]
    weights: Floats | None = None
    class_names: tuple[str, str] = ("0", "1")

    @property
    def has_both(self) -> bool:
        """Whether rows of both classes count."""
        weights = np.ones(self.labels.size) if self.weights is None else self.weights
        return all(weights[self.labels == label].sum() > 0 for label in (0, 1))
