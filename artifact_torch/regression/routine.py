"""Validates a model by comparing the numbers it predicts with the true ones."""

from collections.abc import Collection, Sequence
from typing import Generic, final

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    ArtifactPlan,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
)
from artifact_torch.domain_kit.labelled import Data, LabelledSplit, said
from artifact_torch.domain_kit.labelled_splits import LabelledSplits
from artifact_torch.regression.artifacts import RegressionResources
from artifact_torch.regression.contracts import NumberPredictor


@final
class RegressionRoutine(Generic[Data]):
    """Compares what the model predicts for the rows of the splits that are due with their labels.

    A result's name is the plan's with `_TRAIN`, `_VAL` or `_TEST`. Raises `ConfigurationError` with
    all problems: no split, a cadence below 1, labels or weights that are unfit, an unfit plan.
    """

    def __init__(
        self,
        *,
        plan: ArtifactPlan[RegressionResources],
        train: LabelledSplit[Data] | None = None,
        validation: LabelledSplit[Data] | None = None,
        test: LabelledSplit[Data] | None = None,
    ) -> None:
        self._splits = LabelledSplits(
            "RegressionRoutine",
            plan,
            ArtifactPlan[RegressionResources],
            train=train,
            validation=validation,
            test=test,
        )

    def contract_of(self, model: object, /) -> object:
        """`NumberPredictor` of its data."""
        return self._splits.contract_for(model, NumberPredictor)

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
        self, model: NumberPredictor[Data], names: Collection[ResultName], moment: Moment, /
    ) -> Sequence[Result | Failure]:
        """One prediction a split. Raises `ValidationError` for anything but a number a row."""
        what = f"{type(model).__qualname__}.predict"

        def resources_of(split: LabelledSplit[Data]) -> RegressionResources:
            labels, weights = split.numbers
            answer = model.predict(split.data_for(model))
            predicted = said(answer, labels.shape, what, advice="of one output, .squeeze(1)")
            return RegressionResources(labels=labels, predicted=predicted, weights=weights)

        return self._splits.planned.execute(names, moment, resources_of)
