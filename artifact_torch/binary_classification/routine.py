"""Validates a model by comparing its probabilities of a class with the true ones."""

from collections.abc import Collection, Sequence
from typing import Generic, final

import numpy as np

from artifact_torch.binary_classification.artifacts import unweighted
from artifact_torch.binary_classification.contracts import BinaryPredictor
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    ArtifactPlan,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
)
from artifact_torch.domain_kit.labelled import Data, LabelledSplit
from artifact_torch.domain_kit.labelled_splits import LabelledSplits
from artifact_torch.domain_kit.probabilities import class_name_problems, probabilities
from artifact_torch.internal.arguments import number, refuse


@final
class BinaryClassificationRoutine(Generic[Data]):
    """Compares the probability that the model gives class 1, for the rows of the splits that are due,
    with their labels: 0 for the first of `class_names`, 1 for the second, the positive one.

    A row counts as class 1 from a probability of `threshold` on. A result's name is the plan's with
    `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with all problems: no split, a cadence
    below 1, labels or weights that are unfit, weights with an artifact that takes none, an unfit plan.
    """

    def __init__(
        self,
        *,
        plan: ArtifactPlan[BinaryClassificationResources],
        class_names: Sequence[str] = ("0", "1"),
        threshold: float = 0.5,
        train: LabelledSplit[Data] | None = None,
        validation: LabelledSplit[Data] | None = None,
        test: LabelledSplit[Data] | None = None,
    ) -> None:
        problems = class_name_problems(class_names, 2) + number("threshold", threshold, least=0)
        if not problems and threshold > 1:
            problems.append(f"threshold must be at most 1, as probabilities are, got {threshold}")
        refuse([f"BinaryClassificationRoutine: {problem}" for problem in problems])
        negative, positive = class_names
        self._class_names = negative, positive
        self._threshold = threshold
        self._splits = LabelledSplits(
            "BinaryClassificationRoutine",
            plan,
            ArtifactPlan[BinaryClassificationResources],
            train=train,
            validation=validation,
            test=test,
            n_classes=2,
        )
        if any(split and split.weights is not None for split in (train, validation, test)):
            refuse(unweighted(plan.result_names))

    def contract_of(self, model: object, /) -> object:
        """`BinaryPredictor` of its data."""
        return self._splits.contract_for(model, BinaryPredictor)

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its plan."""
        return self._splits.contract_places

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return self._splits.planned.result_names

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its splits and its plan."""
        return self._splits.planned.cadences

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """What is due of the plan, for each split whose turn it is; at the end for every split."""
        return self._splits.planned.due(moment)

    def validate(
        self, model: BinaryPredictor[Data], names: Collection[ResultName], moment: Moment, /
    ) -> Sequence[Result | Failure]:
        """One call of the model a split. Raises `ValidationError` for anything but a probability
        for each row.
        """
        what = f"{type(model).__qualname__}.classify"

        def resources_of(split: LabelledSplit[Data]) -> BinaryClassificationResources:
            labels, weights = split.numbers
            answer = model.classify(split.data_for(model))
            advice = "of one logit a row, .sigmoid().squeeze(1)"
            found = probabilities(answer, labels.shape, what, advice)
            return BinaryClassificationResources(
                labels=labels.astype(np.int64),
                probabilities=found,
                predicted=(found >= self._threshold).astype(np.int64),
                weights=weights,
                class_names=self._class_names,
            )

        return self._splits.planned.execute(names, moment, resources_of)
