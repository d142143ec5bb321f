"""What is computed of the probabilities of two classes: ours first, the rest is artifact-core's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from artifact_torch.binary_classification.curves import (
    pr_curve,
    pr_picture,
    roc_curve,
    roc_picture,
)
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.binary_classification.scores import SCORES, confusion_matrix
from artifact_torch.contracts import ResultKind, ResultName
from artifact_torch.domain_kit import Domain, OwnArtifacts
from artifact_torch.domain_kit.confusion import confusion_picture
from artifact_torch.domain_kit.core import CoreDomain
from artifact_torch.domain_kit.domain import Compute
from artifact_torch.domain_kit.isolation import figures_closed
from artifact_torch.domain_kit.labelled import Floats
from artifact_torch.domain_kit.selection import artifact_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from artifact_torch.domain_kit.domain import Member

CORE: Final = CoreDomain(
    module="artifact_core.binary_classification", prefix="BinaryClassification"
)
_STATISTICS = ("MEAN", "STD", "VARIANCE", "MEDIAN", "FIRST_QUARTILE", "THIRD_QUARTILE")
_THEIRS: Final[Mapping[ResultKind, Sequence[str]]] = {
    ResultKind.SCORE: [f"GROUND_TRUTH_PROB_{each}" for each in (*_STATISTICS, "MIN", "MAX")],
    ResultKind.ARRAY: [],
    ResultKind.PLOT: [
        *("DET_CURVE", "RECALL_THRESHOLD_CURVE", "PRECISION_THRESHOLD_CURVE"),
        *("SCORE_PDF", "GROUND_TRUTH_PROB_PDF"),
    ],
    ResultKind.SCORE_COLLECTION: [
        *("NORMALIZED_CONFUSION_COUNTS", "BINARY_PREDICTION_SCORES"),
        *("THRESHOLD_VARIATION_SCORES", "SCORE_STATS", "POSITIVE_CLASS_SCORE_STATS"),
        *("NEGATIVE_CLASS_SCORE_STATS", "SCORE_MEANS", "SCORE_STDS", "SCORE_VARIANCES"),
        *("SCORE_MEDIANS", "SCORE_FIRST_QUARTILES", "SCORE_THIRD_QUARTILES"),
        *("SCORE_MINIMA", "SCORE_MAXIMA", "GROUND_TRUTH_PROB_STATS"),
    ],
    ResultKind.ARRAY_COLLECTION: [],
    ResultKind.PLOT_COLLECTION: ["THRESHOLD_VARIATION_CURVES", "SCORE_PDF_PLOTS"],
}
"""The members of the enums of artifact-core 0.2.1 that it computes here."""


_NORMALISED: Final[Mapping[str, int | tuple[int, int] | None]] = {
    "NONE": None,
    "TRUE": 1,
    "PRED": 0,
    "ALL": (0, 1),
}
"""artifact-core's names, and over which axes a matrix sums to 1."""


def _matrices(r: BinaryClassificationResources) -> Mapping[str, Floats]:
    """Shares of nothing are 0."""
    matrix = confusion_matrix(r)
    wholes = {
        name: np.ones(1) if axis is None else matrix.sum(axis=axis, keepdims=True)
        for name, axis in _NORMALISED.items()
    }
    return {name: matrix / np.where(whole > 0, whole, 1) for name, whole in wholes.items()}


def _pictures(r: BinaryClassificationResources) -> Mapping[str, Figure]:
    return {name: confusion_picture(each, r.class_names) for name, each in _matrices(r).items()}


def _picture(r: BinaryClassificationResources) -> Figure:
    return confusion_picture(confusion_matrix(r), r.class_names)


OURS: Final = OwnArtifacts(
    scores=SCORES,
    arrays={"CONFUSION_MATRIX": confusion_matrix, "ROC_CURVE": roc_curve, "PR_CURVE": pr_curve},
    plots={"CONFUSION_MATRIX_PLOT": _picture, "ROC_CURVE": roc_picture, "PR_CURVE": pr_picture},
    array_collections={"CONFUSION_MATRICES": _matrices},
    plot_collections={"CONFUSION_MATRIX_PLOTS": _pictures},
).by_kind


def unweighted(names: Sequence[ResultName]) -> list[str]:
    """Why splits with weights cannot have these, in words."""
    without = [name for kind, name in names if name in _THEIRS[kind]]
    if not without:
        return []
    named = f"{', '.join(without)} of artifact-core take no weights"
    return [f"{named}; leave them out of the plan, or the weights out of the splits"]


def _computing(r: BinaryClassificationResources) -> Compute:
    stores: list[Any] = []  # Any: artifact-core's; made for the first that needs them, row by row

    def compute(kind: ResultKind, member: Member) -> object:
        name = artifact_name(member)
        if name in OURS[kind]:
            return OURS[kind][name](r)
        stores.extend([_stores(r)] if not stores else [])
        with figures_closed():
            found = CORE.registry(kind).get(
                artifact_type=name, resource_spec=spec_of(r.class_names)
            )
            return found.compute(resources=stores[0])

    return compute


def spec_of(class_names: tuple[str, str]) -> Any:
    """Any: artifact-core's, which has no stubs of this domain."""
    core: Any = import_module(CORE.module)
    return core.BinaryClassSpec(class_names=class_names, positive_class=class_names[1])


def _stores(r: BinaryClassificationResources) -> Any:
    spi: Any = import_module(f"{CORE.module}.spi")

    def named(classes: Sequence[int]) -> Mapping[int, str]:
        return {row: r.class_names[each] for row, each in enumerate(classes)}

    return spi.BinaryClassificationArtifactResources.from_spec(
        class_spec=spec_of(r.class_names),
        true=named(r.labels.tolist()),
        predicted=named(r.predicted.tolist()),
        probs_pos=dict(zip(range(r.labels.size), r.probabilities.tolist(), strict=True)),
    )


def _find(kind: ResultKind, name: str) -> object:
    return CORE.registry(kind).get(artifact_type=name, resource_spec=spec_of(("0", "1")))


def _adapted(
    kind: ResultKind, function: Callable[[BinaryClassificationResources], object]
) -> type[Any]:
    def evaluated(artifact: Any, true_class_store: Any, classification_results: Any) -> object:
        spec = artifact.resource_spec
        ids = [*true_class_store.ids]
        by_id = (
            true_class_store.id_to_is_positive,
            classification_results.id_to_predicted_positive,
            classification_results.id_to_prob_pos,
        )
        labels, predicted, probabilities = ([each[one] for one in ids] for each in by_id)
        return function(
            BinaryClassificationResources(
                labels=np.array(labels, dtype=np.int64),
                predicted=np.array(predicted, dtype=np.int64),
                probabilities=np.array(probabilities, dtype=np.float64),
                class_names=(spec.negative_class, spec.positive_class),
            )
        )

    return CORE.custom(kind, "_evaluate_classification", evaluated)


BINARY_CLASSIFICATION = Domain(
    resources=BinaryClassificationResources,
    names={kind: [*OURS[kind], *_THEIRS[kind]] for kind in ResultKind},
    computing=_computing,
    find=_find,
    registry=CORE.registry,
    adapted=_adapted,
    enums=CORE.enums,
)
"""The artifacts of two classes that a plan may list."""
