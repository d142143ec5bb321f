"""Validate models that predict a number for each row."""

from artifact_torch.domain_kit import DomainPlan, LabelledSplit
from artifact_torch.regression.artifacts import REGRESSION, RegressionResources
from artifact_torch.regression.contracts import AnyRegressor, NumberPredictor, Regressor
from artifact_torch.regression.routine import RegressionRoutine

__all__ = [
    "REGRESSION",
    "AnyRegressor",
    "DomainPlan",
    "LabelledSplit",
    "NumberPredictor",
    "RegressionResources",
    "RegressionRoutine",
    "Regressor",
]
