"""Validates a model by comparing the numbers it predicts with the true ones."""

from artifact_torch.contracts import ArtifactPlan
from artifact_torch.domain_kit.labelled import Data, LabelledSplit, said
from artifact_torch.domain_kit.labelled_routine import labelled_routine
from artifact_torch.domain_kit.routine import DomainRoutine
from artifact_torch.regression.artifacts import REGRESSION, RegressionResources
from artifact_torch.regression.contracts import NumberPredictor


def regression_routine(
    *,
    plan: ArtifactPlan[RegressionResources],
    train: LabelledSplit[Data] | None = None,
    validation: LabelledSplit[Data] | None = None,
    test: LabelledSplit[Data] | None = None,
) -> DomainRoutine[NumberPredictor[Data]]:
    """Compares what the model predicts for the rows of the splits that are due with their labels.

    A result's name is the plan's with `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with
    all problems: no split, a cadence below 1, labels or weights that are unfit, an unfit plan. In a
    validation, `ValidationError` for anything but a number a row.
    """

    def resources_of(
        model: NumberPredictor[Data], split: LabelledSplit[Data]
    ) -> RegressionResources:
        labels, weights = split.numbers
        answer = model.predict(split.data_for(model))
        what = f"{type(model).__qualname__}.predict"
        predicted = said(answer, labels.shape, what, advice="of one output, .squeeze(1)")
        return RegressionResources(labels=labels, predicted=predicted, weights=weights)

    return labelled_routine(
        "regression_routine",
        REGRESSION,
        plan,
        {"train": train, "validation": validation, "test": test},
        resources_of,
        contract=NumberPredictor,
    )
