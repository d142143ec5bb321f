"""The picture of a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from artifact_torch.domain_kit.computing import drawing
from artifact_torch.domain_kit.labelled import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_NUMBERS = 20


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
