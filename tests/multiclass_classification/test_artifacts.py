import math
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.multiclass_classification import (
    MULTICLASS_CLASSIFICATION,
    MulticlassClassificationResources,
)
from tests.domain_kit.reading import computed, reasons, values
from tests.domain_kit.rows import Rows, multiclass_rows

sklearn: Any = import_module("sklearn.metrics")  # it has no types
NAMES = ("a", "b", "c", "d")
CLASSES = [0, 1, 2, 3]


def all_of(rows: Rows, kind: ResultKind) -> dict[str, object]:
    labels, probabilities, weights = rows
    resources = MulticlassClassificationResources(
        labels=labels, probabilities=probabilities, weights=weights, class_names=NAMES
    )
    domain = MULTICLASS_CLASSIFICATION
    found = computed(domain, kind, [*domain.names[kind]], resources)
    assert reasons(found) == {}
    return values(found, kind)


def expected_scores(rows: Rows) -> dict[str, float]:
    labels, probabilities, weights = rows
    predicted = probabilities.argmax(axis=1)
    w = {"sample_weight": weights}
    f1 = {"labels": CLASSES, "zero_division": 0.0, **w}
    top = {"labels": CLASSES, **w}
    has_all = np.unique(labels).size == len(CLASSES)
    one_vs_rest = {"multi_class": "ovr", "labels": CLASSES, **w}
    return {
        "ACCURACY": sklearn.accuracy_score(labels, predicted, **w),
        "BALANCED_ACCURACY": sklearn.balanced_accuracy_score(labels, predicted, **w),
        "MACRO_F1": sklearn.f1_score(labels, predicted, average="macro", **f1),
        "WEIGHTED_F1": sklearn.f1_score(labels, predicted, average="weighted", **f1),
        "MCC": sklearn.matthews_corrcoef(labels, predicted, **w),
        "LOG_LOSS": sklearn.log_loss(labels, probabilities, labels=CLASSES, **w),
        "ROC_AUC": sklearn.roc_auc_score(labels, probabilities, **one_vs_rest)
        if has_all
        else math.nan,
        "TOP_2_ACCURACY": sklearn.top_k_accuracy_score(labels, probabilities, k=2, **top),
        "TOP_3_ACCURACY": sklearn.top_k_accuracy_score(labels, probabilities, k=3, **top),
        "TOP_5_ACCURACY": 1.0,
    }


@settings(deadline=None)
@given(multiclass_rows(len(CLASSES)))
def test_scores_are_sklearns(rows: Rows) -> None:
    with warnings.catch_warnings():  # of classes without rows
        warnings.simplefilter("ignore")
        expected = expected_scores(rows)
    assert all_of(rows, ResultKind.SCORE) == pytest.approx(
        expected, rel=1e-12, abs=1e-12, nan_ok=True
    )


@settings(deadline=None)
@given(multiclass_rows(len(CLASSES)))
def test_scores_by_class_are_sklearns(rows: Rows) -> None:
    labels, probabilities, weights = rows
    predicted = probabilities.argmax(axis=1)
    expected = sklearn.precision_recall_fscore_support(
        labels, predicted, labels=CLASSES, sample_weight=weights, zero_division=0.0
    )
    found = all_of(rows, ResultKind.SCORE_COLLECTION)
    for name, of_classes in zip(("PRECISION", "RECALL", "F1"), expected, strict=False):
        by_class = found[name]
        assert is_mapping(by_class)
        assert by_class == pytest.approx(dict(zip(NAMES, of_classes, strict=True)), abs=1e-12)
    matrix = all_of(rows, ResultKind.ARRAY)["CONFUSION_MATRIX"]
    theirs = sklearn.confusion_matrix(labels, predicted, labels=CLASSES, sample_weight=weights)
    np.testing.assert_array_equal(np.asarray(matrix), theirs)


def test_one_class_against_the_rest_is_not_defined_without_rows() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.6, 0.1, 0.1], [0.4, 0.4, 0.1, 0.1]])
    rows = (np.array([0, 1, 1]), probabilities, None)
    assert all_of(rows, ResultKind.SCORE_COLLECTION)["ROC_AUC"] == pytest.approx(
        {"a": 1.0, "b": 1.0, "c": math.nan, "d": math.nan}, nan_ok=True
    )


def test_the_picture_has_every_cell_and_name() -> None:
    rows = (np.array([0, 1, 1]), np.eye(4)[[0, 1, 2]], None)
    figure: Any = all_of(rows, ResultKind.PLOT)["CONFUSION_MATRIX_PLOT"]
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [*NAMES]
    assert [text.get_text() for text in axes.texts][:8] == [*"1000", *"0110"]
