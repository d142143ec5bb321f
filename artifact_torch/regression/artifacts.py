"""What is computed of predicted numbers and true ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, final

import numpy as np

from artifact_torch.contracts.kinds import Array
from artifact_torch.domain_kit import OwnArtifacts, own_domain
from artifact_torch.domain_kit.computing import drawing, score
from artifact_torch.domain_kit.labelled import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class RegressionResources:
    """True and predicted numbers, `[rows]` each, and how much each row counts."""

    labels: Floats
    predicted: Floats
    weights: Floats | None = None


def _of_sklearn(function: str, r: RegressionResources) -> float:
    return score(function, r.labels, r.predicted, sample_weight=r.weights)


def _of_spread(function: str, r: RegressionResources) -> float:
    """NaN of a single row, which has no spread."""
    return _of_sklearn(function, r) if r.labels.size > 1 else float("nan")


def _mape(r: RegressionResources) -> float:
    """A share of the true number, 0.1 for a tenth. Of a true 0 scikit-learn divides by 2.2e-16."""
    return _of_sklearn("mean_absolute_percentage_error", r)


def _largest(r: RegressionResources) -> float:
    """Of any row, whatever its weight."""
    return float(np.abs(r.labels - r.predicted).max())


def _residuals(r: RegressionResources) -> Array:
    return r.predicted - r.labels


def _residual_picture(r: RegressionResources) -> Figure:
    with drawing("Residuals", "predicted", "predicted - true") as (figure, ax):
        ax.scatter(r.predicted, r.predicted - r.labels, s=8, alpha=0.5)
        ax.axhline(0.0, color="black", linewidth=1)
    return figure


def _predicted_picture(r: RegressionResources) -> Figure:
    with drawing("Predicted and true", "true", "predicted") as (figure, ax):
        ax.scatter(r.labels, r.predicted, s=8, alpha=0.5)
        ax.axline((float(r.labels[0]), float(r.labels[0])), slope=1, color="black", linewidth=1)
    return figure


_SCORES: dict[str, Callable[[RegressionResources], float]] = {
    "MSE": partial(_of_sklearn, "mean_squared_error"),
    "RMSE": partial(_of_sklearn, "root_mean_squared_error"),
    "MAE": partial(_of_sklearn, "mean_absolute_error"),
    "MEDIAN_ABSOLUTE_ERROR": partial(_of_sklearn, "median_absolute_error"),
    "MAX_ERROR": _largest,
    "MAPE": _mape,
    "R2": partial(_of_spread, "r2_score"),
    "EXPLAINED_VARIANCE": partial(_of_spread, "explained_variance_score"),
}

REGRESSION = own_domain(
    RegressionResources,
    OwnArtifacts(
        scores=_SCORES,
        arrays={"RESIDUALS": _residuals},
        plots={"RESIDUALS": _residual_picture, "PREDICTED_VS_TRUE": _predicted_picture},
    ),
)
"""The artifacts of predicted numbers that a plan may list."""
