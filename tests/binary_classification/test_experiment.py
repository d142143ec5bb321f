"""A plan that was written for artifact-experiment."""

from typing import Any

import artifact_experiment.binary_classification as theirs
import pytest
import torch
from torch import Tensor, nn

from artifact_torch.binary_classification import (
    LabelledSplit,
    binary_classification_routine,
    experiment_plan,
)
from artifact_torch.contracts import Moment, ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.routines import bind
from tests.domain_kit.reading import values

# Any: this part of artifact-experiment has no stubs
THEIRS: Any = theirs


def plan_class(**listed: list[object]) -> type[object]:
    """As a user of artifact-experiment writes it: a hook for each kind."""
    hooks: dict[str, object] = {}
    for kind in ResultKind:
        of_kind: list[object] = listed.get(f"{kind.value}s", [])
        hooks[f"_get_{kind.value}_types"] = staticmethod(of_kind.copy)
    return type("Plan", (THEIRS.BinaryClassificationPlan,), hooks)


PLAN = plan_class(
    scores=[THEIRS.BinaryClassificationScoreType.ROC_AUC],
    plots=[THEIRS.BinaryClassificationPlotType.SCORE_PDF],
    score_collections=[THEIRS.BinaryClassificationScoreCollectionType.SCORE_STATS],
)


class Says(nn.Module):
    def probability(self, data: Tensor) -> Tensor:
        return data


def test_it_is_a_plan_of_the_routine() -> None:
    plan = experiment_plan(PLAN, ["no", "yes"], every=2)
    kinds = ResultKind.SCORE, ResultKind.PLOT, ResultKind.SCORE_COLLECTION
    names = "ROC_AUC", "SCORE_PDF", "SCORE_STATS"
    assert list(plan.result_names) == list(zip(kinds, names, strict=True))
    split = LabelledSplit(torch.tensor([0.1, 0.6, 0.4, 0.9]), [0, 0, 1, 1], every=1)
    routine = binary_classification_routine(plan=plan, class_names=["no", "yes"], test=split)
    bound = bind(routine, Says())
    first, second = Moment(epoch=1, step=1), Moment(epoch=2, step=2)
    assert bound.due(first) == []
    found = bound.compute(bound.due(second), second)
    assert values(found) == {"ROC_AUC_TEST": 0.75}
    stats = values(found, ResultKind.SCORE_COLLECTION)["SCORE_STATS_TEST"]
    assert isinstance(stats, dict)
    assert stats["MEAN"] == pytest.approx(0.5)
    assert values(found, ResultKind.PLOT).keys() == {"SCORE_PDF_TEST"}


def test_what_is_refused() -> None:
    wanted = "a subclass of artifact_experiment.binary_classification.BinaryClassificationPlan"
    with pytest.raises(
        ConfigurationError, match=f"plan_class must be {wanted}, got the class Says"
    ):
        experiment_plan(Says)
    with pytest.raises(
        ConfigurationError, match="_get_plot_types lists 'PDF', expected BinaryClas"
    ):
        experiment_plan(plan_class(plots=["PDF"]))
    with pytest.raises(ConfigurationError, match="class_names must be 2 names, one a class, got 3"):
        experiment_plan(PLAN, ["a", "b", "c"])
