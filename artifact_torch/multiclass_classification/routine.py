"""Validates a model by comparing its probabilities of several classes with the true ones."""

from collections.abc import Sequence

import numpy as np

from artifact_torch.contracts import ArtifactPlan
from artifact_torch.domain_kit.labelled import Data, LabelledSplit
from artifact_torch.domain_kit.labelled_routine import labelled_routine
from artifact_torch.domain_kit.probabilities import class_name_problems, distributions
from artifact_torch.domain_kit.routine import DomainRoutine
from artifact_torch.internal.arguments import refuse
from artifact_torch.multiclass_classification.artifacts import (
    MULTICLASS_CLASSIFICATION,
    MulticlassClassificationResources,
)
from artifact_torch.multiclass_classification.contracts import MulticlassPredictor

_NAME = "multiclass_classification_routine"


def multiclass_classification_routine(
    *,
    plan: ArtifactPlan[MulticlassClassificationResources],
    class_names: Sequence[str],
    train: LabelledSplit[Data] | None = None,
    validation: LabelledSplit[Data] | None = None,
    test: LabelledSplit[Data] | None = None,
) -> DomainRoutine[MulticlassPredictor[Data]]:
    """Compares the probabilities that the model gives the classes, for the rows of the splits that are
    due, with their labels: 0 for the first of `class_names`, and up.

    A result's name is the plan's with `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with
    all problems: no split, a cadence below 1, labels or weights that are unfit, an unfit plan. In a
    validation, `ValidationError` for anything but a probability for each row and class.
    """
    refuse([f"{_NAME}: {problem}" for problem in class_name_problems(class_names)])
    names = tuple(class_names)

    def resources_of(
        model: MulticlassPredictor[Data], split: LabelledSplit[Data]
    ) -> MulticlassClassificationResources:
        labels, weights = split.numbers
        answer = model.probabilities(split.data_for(model))
        what = f"{type(model).__qualname__}.probabilities"
        return MulticlassClassificationResources(
            labels=labels.astype(np.int64),
            probabilities=distributions(answer, (labels.size, len(names)), what),
            weights=weights,
            class_names=names,
        )

    return labelled_routine(
        _NAME,
        MULTICLASS_CLASSIFICATION,
        plan,
        {"train": train, "validation": validation, "test": test},
        resources_of,
        contract=MulticlassPredictor,
        n_classes=len(names),
    )
