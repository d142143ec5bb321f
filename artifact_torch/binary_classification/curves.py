"""What becomes of two classes as the threshold moves, as arrays and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.contracts.kinds import Array
from artifact_torch.domain_kit.computing import drawing, metric
from artifact_torch.errors import ValidationError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def roc_curve(r: BinaryClassificationResources) -> Array:
    """`[points, 3]`: false positive rate, true positive rate and threshold, which is infinite where
    no row is positive. Raises `ValidationError` where one class has no row.
    """
    _require_both(r)
    return np.column_stack(metric("roc_curve", r.labels, r.probabilities, sample_weight=r.weights))


def pr_curve(r: BinaryClassificationResources) -> Array:
    """`[points, 3]`: precision, recall and threshold, which is infinite at the last point, where no
    row is positive. Raises `ValidationError` where one class has no row.
    """
    _require_both(r)
    precision, recall, thresholds = metric(
        "precision_recall_curve", r.labels, r.probabilities, sample_weight=r.weights
    )
    return np.column_stack([precision, recall, [*thresholds, np.inf]])


def roc_picture(r: BinaryClassificationResources) -> Figure:
    """The first two columns of `roc_curve`."""
    false, true, _ = roc_curve(r).T
    area = metric("auc", false, true)
    with drawing(f"ROC curve, area {area:.3f}", "false positive rate", "recall") as (figure, ax):
        ax.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
        ax.plot(false, true)
    return figure


def pr_picture(r: BinaryClassificationResources) -> Figure:
    """The first two columns of `pr_curve`, and the share of class 1 as what chance reaches."""
    precision, recall, _ = pr_curve(r).T
    with drawing("Precision and recall", "recall", "precision") as (figure, ax):
        ax.axhline(np.average(r.labels, weights=r.weights), color="grey", linestyle="--")
        ax.step(recall, precision, where="post")
        ax.set_ylim(0, 1.05)
    return figure


def _require_both(r: BinaryClassificationResources) -> None:
    if not r.has_both:
        raise ValidationError(
            f"only one of the classes {', '.join(r.class_names)} has rows, and a curve needs both"
        )
