"""Validates a model by comparing its probabilities of several classes with the true ones."""

from collections.abc import Collection, Sequence
from typing import Generic, final

import numpy as np

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
from artifact_torch.domain_kit.probabilities import class_name_problems, distributions
from artifact_torch.internal.arguments import refuse
from artifact_torch.multiclass_classification.artifacts import MulticlassClassificationResources
from artifact_torch.multiclass_classification.contracts import MulticlassPredictor


@final
class MulticlassClassificationRoutine(Generic[Data]):
    """Compares the probabilities that the model gives the classes, for the rows of the splits that are
    due, with their labels: 0 for the first of `class_names`, and up.

    A result's name is the plan's with `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with
    all problems: no split, a cadence below 1, labels or weights that are unfit, an unfit plan.
    """

    def __init__(
        self,
        *,
        plan: ArtifactPlan[MulticlassClassificationResources],
        class_names: Sequence[str],
        train: LabelledSplit[Data] | None = None,
        validation: LabelledSplit[Data] | None = None,
        test: LabelledSplit[Data] | None = None,
    ) -> None:
        problems = class_name_problems(class_names)
        refuse([f"MulticlassClassificationRoutine: {problem}" for problem in problems])
        self._class_names = tuple(class_names)
        self._splits = LabelledSplits(
            "MulticlassClassificationRoutine",
            plan,
            ArtifactPlan[MulticlassClassificationResources],
            train=train,
            validation=validation,
            test=test,
            n_classes=len(self._class_names),
        )

    def contract_of(self, model: object, /) -> object:
        """`MulticlassPredictor` of its data."""
        return self._splits.contract_for(model, MulticlassPredictor)

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
        self, model: MulticlassPredictor[Data], names: Collection[ResultName], moment: Moment, /
    ) -> Sequence[Result | Failure]:
        """One call of the model a split. Raises `ValidationError` for anything but a probability for
        each row and class.
        """
        what = f"{type(model).__qualname__}.classify"

        def resources_of(split: LabelledSplit[Data]) -> MulticlassClassificationResources:
            labels, weights = split.numbers
            answer = model.classify(split.data_for(model))
            shape = (labels.size, len(self._class_names))
            return MulticlassClassificationResources(
                labels=labels.astype(np.int64),
                probabilities=distributions(answer, shape, what),
                weights=weights,
                class_names=self._class_names,
            )

        return self._splits.planned.execute(names, moment, resources_of)
