"""Validates a model by comparing its probabilities of a class with the true ones."""

from collections.abc import Sequence

import numpy as np

from artifact_torch.binary_classification.artifacts import BINARY_CLASSIFICATION, unweighted
from artifact_torch.binary_classification.contracts import BinaryPredictor
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.contracts import ArtifactPlan
from artifact_torch.domain_kit.labelled import Data, LabelledSplit
from artifact_torch.domain_kit.labelled_routine import labelled_routine
from artifact_torch.domain_kit.probabilities import class_name_problems, probabilities
from artifact_torch.domain_kit.routine import DomainRoutine
from artifact_torch.internal.arguments import number, refuse

_NAME = "binary_classification_routine"
_ADVICE = "of one logit a row, .sigmoid().squeeze(1)"


def binary_classification_routine(
    *,
    plan: ArtifactPlan[BinaryClassificationResources],
    class_names: Sequence[str] = ("0", "1"),
    threshold: float = 0.5,
    train: LabelledSplit[Data] | None = None,
    validation: LabelledSplit[Data] | None = None,
    test: LabelledSplit[Data] | None = None,
) -> DomainRoutine[BinaryPredictor[Data]]:
    """Compares the probability that the model gives class 1, for the rows of the splits that are due,
    with their labels: 0 for the first of `class_names`, 1 for the second, the positive one.

    A row counts as class 1 from a probability of `threshold` on. A result's name is the plan's with
    `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with all problems: no split, a cadence
    below 1, labels or weights that are unfit, weights with an artifact that takes none, an unfit plan.
    In a validation, `ValidationError` for anything but a probability for each row.
    """
    _refuse(class_names, threshold)
    negative, positive = class_names

    def resources_of(
        model: BinaryPredictor[Data], split: LabelledSplit[Data]
    ) -> BinaryClassificationResources:
        labels, weights = split.numbers
        answer = model.probability(split.data_for(model))
        what = f"{type(model).__qualname__}.probability"
        found = probabilities(answer, labels.shape, what, _ADVICE)
        return BinaryClassificationResources(
            labels=labels.astype(np.int64),
            probabilities=found,
            predicted=(found >= threshold).astype(np.int64),
            weights=weights,
            class_names=(negative, positive),
        )

    splits = {"train": train, "validation": validation, "test": test}
    routine = labelled_routine(
        _NAME,
        BINARY_CLASSIFICATION,
        plan,
        splits,
        resources_of,
        contract=BinaryPredictor,
        n_classes=2,
    )
    if any(split and split.weights is not None for split in splits.values()):
        refuse([f"{_NAME}: {problem}" for problem in unweighted(plan.result_names)])
    return routine


def _refuse(class_names: Sequence[str], threshold: float) -> None:
    problems = class_name_problems(class_names, 2) + number("threshold", threshold, least=0)
    if not problems and threshold > 1:
        problems.append(f"threshold must be at most 1, as probabilities are, got {threshold}")
    refuse([f"{_NAME}: {problem}" for problem in problems])
