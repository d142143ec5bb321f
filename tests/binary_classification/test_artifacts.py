import math
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from artifact_core.spi.orchestration import ArtifactType
from hypothesis import example, given, settings
from hypothesis import strategies as st

from artifact_torch.binary_classification import (
    BINARY_CLASSIFICATION,
    BinaryClassificationResources,
)
from artifact_torch.contracts import Result, ResultKind
from artifact_torch.domain_kit import DomainPlan
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.routines.results import value_problems
from tests.domain_kit.reading import computed, reasons, values
from tests.domain_kit.rows import Rows, binary_rows

sklearn: Any = import_module("sklearn.metrics")  # it has no types
THRESHOLDS = st.sampled_from([0.0, 0.5, 1.0, 1e-12]) | st.floats(0, 1)


def resources_of(rows: Rows, threshold: float = 0.5) -> BinaryClassificationResources:
    labels, probabilities, weights = rows
    return BinaryClassificationResources(
        labels=labels,
        probabilities=probabilities,
        predicted=(probabilities >= threshold).astype(np.int64),
        weights=weights,
    )


def found_of(
    kind: ResultKind, names: Sequence[str], resources: BinaryClassificationResources
) -> dict[str, object]:
    found = computed(BINARY_CLASSIFICATION, kind, names, resources)
    assert reasons(found) == {}
    return values(found, kind)


def expected_scores(rows: Rows, threshold: float) -> dict[str, float]:
    labels, probabilities, weights = rows
    predicted = probabilities >= threshold
    has_both = np.unique(labels).size == 2
    w = {"sample_weight": weights}
    negative = {"pos_label": 0, "zero_division": 0.0, **w}
    positive = {"zero_division": 0.0, **w}
    total = np.ones(labels.size) if weights is None else weights

    def share(of: int, called: int) -> float:
        rows = labels == of
        hit = rows & (predicted == called)
        return float(total[hit].sum() / total[rows].sum()) if rows.any() else 0.0

    return {
        "ACCURACY": sklearn.accuracy_score(labels, predicted, **w),
        "BALANCED_ACCURACY": sklearn.balanced_accuracy_score(labels, predicted, **w),
        "PRECISION": sklearn.precision_score(labels, predicted, **positive),
        "NPV": sklearn.precision_score(labels, predicted, **negative),
        "RECALL": sklearn.recall_score(labels, predicted, **positive),
        "TNR": sklearn.recall_score(labels, predicted, **negative),
        "FPR": share(0, 1),
        "FNR": share(1, 0),
        "F1": sklearn.f1_score(labels, predicted, **positive),
        "MCC": sklearn.matthews_corrcoef(labels, predicted, **w),
        "LOG_LOSS": sklearn.log_loss(labels, probabilities, labels=[0, 1], **w),
        "BRIER": sklearn.brier_score_loss(labels, probabilities, pos_label=1, **w),
        "ROC_AUC": sklearn.roc_auc_score(labels, probabilities, **w) if has_both else math.nan,
        "PR_AUC": sklearn.average_precision_score(labels, probabilities, **w)
        if has_both
        else math.nan,
    }


@settings(deadline=None)
@given(binary_rows(), THRESHOLDS)
@example((np.array([0, 1]), np.array([0.5, 0.5]), None), 0.5)
@example((np.array([1, 1]), np.array([0.0, 1.0]), None), 0.0)
def test_scores_are_sklearns(rows: Rows, threshold: float) -> None:
    with warnings.catch_warnings():  # of one class alone
        warnings.simplefilter("ignore")
        expected = expected_scores(rows, threshold)
    found = found_of(ResultKind.SCORE, [*expected], resources_of(rows, threshold))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@settings(deadline=None)
@given(binary_rows())
def test_curves_are_sklearns(rows: Rows) -> None:
    labels, probabilities, weights = rows
    resources = resources_of(rows)
    plan = DomainPlan(BINARY_CLASSIFICATION, arrays=["ROC_CURVE", "PR_CURVE", "CONFUSION_MATRIX"])
    found = plan.execute(resources, plan.result_names)
    if np.unique(labels).size == 1:
        assert [*reasons(found)] == ["ROC_CURVE", "PR_CURVE"]
        return
    roc, pr, matrix = (np.asarray(one.value) for one in found if isinstance(one, Result))
    w = {"sample_weight": weights}
    np.testing.assert_array_equal(roc.T, sklearn.roc_curve(labels, probabilities, **w))
    precision, recall, thresholds = sklearn.precision_recall_curve(labels, probabilities, **w)
    np.testing.assert_array_equal(pr.T, [precision, recall, [*thresholds, np.inf]])
    theirs = sklearn.confusion_matrix(labels, resources.predicted, **w, labels=[0, 1])
    np.testing.assert_array_equal(matrix, theirs)


@settings(deadline=None)
@given(binary_rows())
def test_the_best_f1_is_that_of_its_threshold_and_no_other_is_better(rows: Rows) -> None:
    labels, probabilities, weights = rows
    best, threshold = found_of(
        ResultKind.SCORE, ["BEST_F1", "BEST_F1_THRESHOLD"], resources_of(rows)
    ).values()
    if np.unique(labels).size == 1:
        assert [str(best), str(threshold)] == ["nan", "nan"]
        return
    assert isinstance(threshold, float)
    f1 = [
        sklearn.f1_score(labels, probabilities >= each, sample_weight=weights, zero_division=0.0)
        for each in (threshold, *probabilities)
    ]
    assert best == pytest.approx(f1[0])
    assert best == pytest.approx(max(f1))


def test_the_area_is_of_the_probabilities_where_artifact_cores_is_not() -> None:
    """Of 0.2.1: 0.75 here, of the classes."""
    rows = (np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.7, 0.9]), None)
    resources = resources_of(rows)
    assert found_of(ResultKind.SCORE, ["ROC_AUC"], resources) == {"ROC_AUC": 1.0}
    module: Any = import_module("artifact_core.binary_classification")
    spec = module.BinaryClassSpec(class_names=["0", "1"], positive_class="1")
    theirs = module.BinaryClassificationEngine.build(resource_spec=spec)
    assert (
        theirs.produce_binary_classification_score(
            score_type="ROC_AUC",
            true=dict(enumerate("0011")),
            predicted=dict(enumerate("0111")),
            probs_pos=dict(zip(range(4), (0.1, 0.6, 0.7, 0.9), strict=True)),
        )
        == 0.75
    )


ROWS = (np.array([0, 0, 1, 1, 0, 1]), np.array([0.1, 0.6, 0.7, 0.9, 0.3, 0.2]), None)


def test_every_member_of_artifact_core_is_computed_and_of_its_kind() -> None:
    enums = BINARY_CLASSIFICATION.enums()
    for kind, enum in enums.items():
        members: list[ArtifactType] = [*enum]
        assert {member.name for member in members} <= {*BINARY_CLASSIFICATION.names[kind]}
        found = computed(BINARY_CLASSIFICATION, kind, members, resources_of(ROWS))
        assert reasons(found) == {}
        assert len(found) == len(members)
        for one in found:
            assert isinstance(one, Result)
            assert value_problems(one) == []


def test_what_artifact_core_computes_is_what_it_computes_alone() -> None:
    names = ["GROUND_TRUTH_PROB_MEAN"]
    (mean,) = found_of(ResultKind.SCORE, names, resources_of(ROWS)).values()
    labels, probabilities, _ = ROWS
    assert mean == pytest.approx(np.where(labels == 1, probabilities, 1 - probabilities).mean())


def test_normalised_confusion_matrices_are_sklearns() -> None:
    labels, _, _ = ROWS
    resources = resources_of(ROWS)
    found = found_of(ResultKind.ARRAY_COLLECTION, ["CONFUSION_MATRICES"], resources)
    matrices = found["CONFUSION_MATRICES"]
    assert is_mapping(matrices)
    for name, way in {"NONE": None, "TRUE": "true", "PRED": "pred", "ALL": "all"}.items():
        expected = sklearn.confusion_matrix(labels, resources.predicted, normalize=way)
        np.testing.assert_allclose(np.asarray(matrices[name]), expected)


def test_a_custom_artifact_of_a_function() -> None:
    def bias(r: BinaryClassificationResources) -> float:
        return float((r.predicted - r.labels).mean())

    BINARY_CLASSIFICATION.register(ResultKind.SCORE, "BIAS_OF_CLASSES", bias)
    plan = DomainPlan(BINARY_CLASSIFICATION, scores=["BIAS_OF_CLASSES"])
    assert values(plan.execute(resources_of(ROWS), plan.result_names)) == {
        "BIAS_OF_CLASSES": pytest.approx(0.0)
    }
    assert plan.stays.startswith("'BIAS_OF_CLASSES' are registered")
