"""Scores of two classes, from the confusion matrix or from the probabilities."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from artifact_torch.binary_classification.curves import pr_curve
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.domain_kit.computing import score
from artifact_torch.domain_kit.confusion import balanced_accuracy, confusion, mcc, share
from artifact_torch.domain_kit.labelled import Floats


def confusion_matrix(r: BinaryClassificationResources) -> Floats:
    """`[true class, predicted class]`."""
    return confusion(r.labels, r.predicted, r.weights, 2)


def _counts(r: BinaryClassificationResources) -> dict[str, float]:
    """True and false negatives and positives."""
    return dict(zip(("tn", "fp", "fn", "tp"), confusion_matrix(r).ravel().tolist(), strict=True))


def _share(part: str, rest: str, r: BinaryClassificationResources) -> float:
    counts = _counts(r)
    return share(counts[part], counts[part] + counts[rest])


def _accuracy(r: BinaryClassificationResources) -> float:
    matrix = confusion_matrix(r)
    return share(matrix.trace(), matrix.sum())


def _f1(r: BinaryClassificationResources) -> float:
    counts = _counts(r)
    return share(2 * counts["tp"], 2 * counts["tp"] + counts["fp"] + counts["fn"])


def _balanced_accuracy(r: BinaryClassificationResources) -> float:
    return balanced_accuracy(confusion_matrix(r))


def _mcc(r: BinaryClassificationResources) -> float:
    return mcc(r.labels, r.predicted, r.weights)


def _roc_auc(r: BinaryClassificationResources) -> float:
    """Of the probabilities; NaN where one class has no row."""
    if not r.has_both:
        return float("nan")
    return score("roc_auc_score", r.labels, r.probabilities, sample_weight=r.weights)


def _pr_auc(r: BinaryClassificationResources) -> float:
    """The average precision of the probabilities; NaN where one class has no row."""
    if not r.has_both:
        return float("nan")
    return score("average_precision_score", r.labels, r.probabilities, sample_weight=r.weights)


def _log_loss(r: BinaryClassificationResources) -> float:
    return score("log_loss", r.labels, r.probabilities, sample_weight=r.weights, labels=[0, 1])


def _brier(r: BinaryClassificationResources) -> float:
    return float(np.average((r.probabilities - r.labels) ** 2, weights=r.weights))


def _best_f1(r: BinaryClassificationResources) -> tuple[float, float]:
    """The largest F1 of any threshold, and the largest such threshold; NaN where one class has no
    row.
    """
    if not r.has_both:
        return float("nan"), float("nan")
    precision, recall, thresholds = pr_curve(r).T
    with np.errstate(invalid="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))[:-1]
    best = f1.size - 1 - int(f1[::-1].argmax())
    return float(f1[best]), float(thresholds[best])


def _best_f1_score(r: BinaryClassificationResources) -> float:
    return _best_f1(r)[0]


def _best_f1_threshold(r: BinaryClassificationResources) -> float:
    return _best_f1(r)[1]


SCORES: dict[str, Callable[[BinaryClassificationResources], float]] = {
    "ACCURACY": _accuracy,
    "BALANCED_ACCURACY": _balanced_accuracy,
    "PRECISION": partial(_share, "tp", "fp"),
    "NPV": partial(_share, "tn", "fn"),
    "RECALL": partial(_share, "tp", "fn"),
    "TNR": partial(_share, "tn", "fp"),
    "FPR": partial(_share, "fp", "tn"),
    "FNR": partial(_share, "fn", "tp"),
    "F1": _f1,
    "MCC": _mcc,
    "ROC_AUC": _roc_auc,
    "PR_AUC": _pr_auc,
    "LOG_LOSS": _log_loss,
    "BRIER": _brier,
    "BEST_F1": _best_f1_score,
    "BEST_F1_THRESHOLD": _best_f1_threshold,
}
"""artifact-core's `ROC_AUC` and `PR_AUC` are of the predicted classes, not of the probabilities
(0.2.1, `scores/threshold_variation.py`), and none of its scores takes weights.
"""
