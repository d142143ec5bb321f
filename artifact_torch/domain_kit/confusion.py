"""Confusion matrices, and what is computed of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from artifact_torch.domain_kit.computing import drawing, metric, score
from artifact_torch.domain_kit.labelled import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_NUMBERS = 20


def confusion(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], weights: Floats | None, n_classes: int
) -> Floats:
    """How many rows, or what weight, `[true class, predicted class]`."""
    counted = metric(
        "confusion_matrix", labels, predicted, labels=[*range(n_classes)], sample_weight=weights
    )
    return np.asarray(counted, dtype=np.float64)


def mcc(labels: NDArray[np.int64], predicted: NDArray[np.int64], weights: Floats | None) -> float:
    """Matthews' correlation; 0 of a single class, of which scikit-learn warns."""
    if np.unique([labels, predicted]).size == 1:
        return 0.0
    return score("matthews_corrcoef", labels, predicted, sample_weight=weights)


def share(part: float, whole: float) -> float:
    """0 of nothing, as scikit-learn has it."""
    return float(part / whole) if whole else 0.0


def balanced_accuracy(matrix: Floats) -> float:
    """The mean recall of the classes that have rows."""
    rows = matrix.sum(axis=1)
    return float((matrix.diagonal()[rows > 0] / rows[rows > 0]).mean())


def confusion_picture(matrix: Floats, class_names: Sequence[str]) -> Figure:
    """Rows are the labels, columns what the model says; each cell with its count, of up to twenty
    classes.
    """
    places = range(len(class_names))
    turned = 45 if any(len(name) > 3 for name in class_names) else 0
    with drawing("Confusion matrix", "predicted class", "true class") as (figure, ax):
        ax.imshow(matrix, cmap="Blues", vmin=0)
        ax.set_xticks(places, class_names, rotation=turned, ha="right" if turned else "center")
        ax.set_yticks(places, class_names)
        for row in places if len(class_names) <= _MOST_NUMBERS else ():
            for column in places:
                count = float(matrix[row, column])
                colour = "white" if count > matrix.max() / 2 else "black"
                ax.text(column, row, f"{count:.4g}", ha="center", va="center", color=colour)
    return figure
