import math
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.domain_kit import DomainPlan
from artifact_torch.domain_kit.labelled import Floats
from artifact_torch.regression import REGRESSION, RegressionResources
from tests.domain_kit.reading import computed, values
from tests.domain_kit.rows import numeric_rows

sklearn: Any = import_module("sklearn.metrics")  # it has no types
OF_SKLEARN = {
    "MSE": "mean_squared_error",
    "RMSE": "root_mean_squared_error",
    "MAE": "mean_absolute_error",
    "MEDIAN_ABSOLUTE_ERROR": "median_absolute_error",
    "MAPE": "mean_absolute_percentage_error",
    "R2": "r2_score",
    "EXPLAINED_VARIANCE": "explained_variance_score",
}


def all_of(resources: RegressionResources, kind: ResultKind) -> dict[str, object]:
    return values(computed(REGRESSION, kind, [*REGRESSION.names[kind]], resources), kind)


@settings(deadline=None)
@given(numeric_rows())
def test_scores_are_sklearns(rows: tuple[Floats, Floats, Floats | None]) -> None:
    labels, predicted, weights = rows
    with warnings.catch_warnings():  # of a single row
        warnings.simplefilter("ignore")
        expected = {
            name: getattr(sklearn, function)(labels, predicted, sample_weight=weights)
            for name, function in OF_SKLEARN.items()
        }
    if labels.size == 1:
        expected |= {"R2": math.nan, "EXPLAINED_VARIANCE": math.nan}
    expected["MAX_ERROR"] = sklearn.max_error(labels, predicted)
    resources = RegressionResources(labels=labels, predicted=predicted, weights=weights)
    assert all_of(resources, ResultKind.SCORE) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_worked_by_hand() -> None:
    resources = RegressionResources(
        labels=np.array([1.0, 2.0, 4.0]),
        predicted=np.array([1.0, 3.0, 2.0]),
        weights=np.array([2.0, 1.0, 1.0]),
    )
    scores = all_of(resources, ResultKind.SCORE)
    assert scores["MSE"] == (1 + 4) / 4
    assert scores["MAE"] == (1 + 2) / 4
    assert scores["MAX_ERROR"] == 2.0
    assert scores["R2"] == pytest.approx(1 - 5 / (2 * 1**2 + 0 + 2**2))
    (residuals,) = all_of(resources, ResultKind.ARRAY).values()
    np.testing.assert_array_equal(np.asarray(residuals), [0.0, 1.0, -2.0])


def test_pictures_show_the_rows() -> None:
    resources = RegressionResources(labels=np.arange(3.0), predicted=np.array([0.0, 2.0, 1.0]))
    plan = DomainPlan(REGRESSION, plots=["PREDICTED_VS_TRUE", "RESIDUALS"])
    both, residuals = plan.execute(resources, plan.result_names)
    for result, expected in (
        (both, [[0, 0], [1, 2], [2, 1]]),
        (residuals, [[0, 0], [2, 1], [1, -1]]),
    ):
        assert isinstance(result, Result)
        figure: Any = result.value
        (axes,) = figure.axes
        (points,) = axes.collections
        np.testing.assert_array_equal(points.get_offsets(), expected)
