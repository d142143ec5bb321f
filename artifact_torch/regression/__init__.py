"""Validate models that predict a number for each row."""

from artifact_torch.domain_kit import DomainPlan, DomainRoutine, LabelledSplit
from artifact_torch.regression.artifacts import REGRESSION, RegressionResources
from artifact_torch.regression.contracts import AnyRegressor, NumberPredictor, Regressor
from artifact_torch.regression.routine import regression_routine

__all__ = [
    "REGRESSION",
    "AnyRegressor",
    "DomainPlan",
    "DomainRoutine",
    "LabelledSplit",
    "NumberPredictor",
    "RegressionResources",
    "Regressor",
    "regression_routine",
]
