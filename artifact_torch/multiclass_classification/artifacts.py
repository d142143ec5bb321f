"""What is computed of the probabilities of several classes and the true ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.contracts.kinds import Array
from artifact_torch.domain_kit import OwnArtifacts, own_domain
from artifact_torch.domain_kit.computing import score
from artifact_torch.domain_kit.confusion import (
    balanced_accuracy,
    confusion,
    confusion_picture,
    mcc,
    share,
)
from artifact_torch.domain_kit.labelled import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class MulticlassClassificationResources:
    """True classes, `[rows]`, their probabilities, `[rows, classes]`, and how much each row counts."""

    labels: NDArray[np.int64]
    probabilities: Floats
    weights: Floats | None = None
    class_names: Sequence[str]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The class of the largest probability, the first of several."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


_R: TypeAlias = MulticlassClassificationResources


def _confusion(r: _R) -> Floats:
    return confusion(r.labels, r.predicted, r.weights, len(r.class_names))


def _accuracy(r: _R) -> float:
    matrix = _confusion(r)
    return share(matrix.trace(), matrix.sum())


def _f1(r: _R) -> Floats:
    matrix = _confusion(r)
    both = matrix.sum(axis=0) + matrix.sum(axis=1)
    return np.array([share(2 * x, of) for x, of in zip(matrix.diagonal(), both, strict=True)])


def _macro_f1(r: _R) -> float:
    """The mean over all classes, those without rows too."""
    return float(_f1(r).mean())


def _weighted_f1(r: _R) -> float:
    return float(np.average(_f1(r), weights=_confusion(r).sum(axis=1)))


def _of_sklearn(function: str, r: _R, answer: NDArray[np.generic], **options: object) -> float:
    return score(function, r.labels, answer, sample_weight=r.weights, **options)


def _mcc(r: _R) -> float:
    return mcc(r.labels, r.predicted, r.weights)


def _log_loss(r: _R) -> float:
    return _of_sklearn("log_loss", r, r.probabilities, labels=[*range(len(r.class_names))])


def _top(k: int, r: _R) -> float:
    """Whether the true class is among the `k` most probable ones; of `k` classes or fewer, 1."""
    n_classes = len(r.class_names)
    if k >= n_classes:
        return 1.0
    return _of_sklearn("top_k_accuracy_score", r, r.probabilities, k=k, labels=[*range(n_classes)])


def _aucs(r: _R) -> Mapping[str, float]:
    """Of each class against all others; NaN where one of both has no row."""
    found: dict[str, float] = {}
    weights = np.ones(r.labels.size) if r.weights is None else r.weights
    for number, name in enumerate(r.class_names):
        is_it = r.labels == number
        defined = weights[is_it].sum() > 0 and weights[~is_it].sum() > 0
        ranked = (is_it, r.probabilities[:, number])
        found[name] = score("roc_auc_score", *ranked, sample_weight=weights) if defined else np.nan
    return found


def _auc(r: _R) -> float:
    """The mean over the classes; NaN if one has no row."""
    return float(np.mean([*_aucs(r).values()]))


def _by_class(of: Callable[[Floats], tuple[Floats, Floats]], r: _R) -> Mapping[str, float]:
    parts, wholes = of(_confusion(r))
    shares = (share(part, whole) for part, whole in zip(parts, wholes, strict=True))
    return dict(zip(r.class_names, shares, strict=True))


def _of_predicted(matrix: Floats) -> tuple[Floats, Floats]:
    return matrix.diagonal(), matrix.sum(axis=0)


def _of_true(matrix: Floats) -> tuple[Floats, Floats]:
    return matrix.diagonal(), matrix.sum(axis=1)


def _f1_by_class(r: _R) -> Mapping[str, float]:
    return dict(zip(r.class_names, _f1(r).tolist(), strict=True))


def _balanced_accuracy(r: _R) -> float:
    return balanced_accuracy(_confusion(r))


def _confusion_array(r: _R) -> Array:
    return _confusion(r)


def _picture(r: _R) -> Figure:
    return confusion_picture(_confusion(r), r.class_names)


_SCORES: dict[str, Callable[[_R], float]] = {
    "ACCURACY": _accuracy,
    "BALANCED_ACCURACY": _balanced_accuracy,
    "MACRO_F1": _macro_f1,
    "WEIGHTED_F1": _weighted_f1,
    "MCC": _mcc,
    "LOG_LOSS": _log_loss,
    "ROC_AUC": _auc,
    "TOP_2_ACCURACY": partial(_top, 2),
    "TOP_3_ACCURACY": partial(_top, 3),
    "TOP_5_ACCURACY": partial(_top, 5),
}

MULTICLASS_CLASSIFICATION = own_domain(
    MulticlassClassificationResources,
    OwnArtifacts(
        scores=_SCORES,
        arrays={"CONFUSION_MATRIX": _confusion_array},
        plots={"CONFUSION_MATRIX_PLOT": _picture},
        score_collections={
            "PRECISION": partial(_by_class, _of_predicted),
            "RECALL": partial(_by_class, _of_true),
            "F1": _f1_by_class,
            "ROC_AUC": _aucs,
        },
    ),
)
"""The artifacts of several classes that a plan may list."""
