import pytest
import torch
from torch import Tensor, nn

from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.multiclass_classification import (
    MULTICLASS_CLASSIFICATION,
    DomainPlan,
    LabelledSplit,
    multiclass_classification_routine,
)
from artifact_torch.routines import bind
from artifact_torch.routines.results import Computed
from tests.domain_kit.reading import values

PLAN = DomainPlan(
    MULTICLASS_CLASSIFICATION, scores=["ACCURACY", "LOG_LOSS"], score_collections=["RECALL"]
)
SAID = torch.tensor([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]])


class Says(nn.Module):
    def probabilities(self, data: Tensor) -> Tensor:
        return data


def validated(split: LabelledSplit[Tensor]) -> Computed:
    routine = multiclass_classification_routine(
        plan=PLAN, class_names=["a", "b", "c"], validation=split
    )
    bound = bind(routine, Says())
    return bound.compute(bound.result_names, Moment(epoch=1, step=1))


def test_worked_by_hand() -> None:
    found = validated(LabelledSplit(SAID, [0, 1, 2], every=1))
    assert values(found) == {
        "ACCURACY_VAL": pytest.approx(2 / 3),
        "LOG_LOSS_VAL": pytest.approx(torch.log(torch.tensor([2.0, 2.0, 4.0])).mean().item()),
    }


def test_single_precision_and_less_sums_to_one() -> None:
    """scikit-learn warns of a sum that is 2e-8 off."""
    found = validated(LabelledSplit(torch.randn(50, 3).bfloat16().softmax(1), [0] * 50, every=1))
    assert values(found).keys() == {"ACCURACY_VAL", "LOG_LOSS_VAL"}


def test_what_a_model_may_not_say() -> None:
    with pytest.raises(
        ValidationError, match=r"Says.probabilities: got \[3, 2\], expected a tensor of"
    ):
        validated(LabelledSplit(SAID[:, :2], [0, 1, 2], every=1))
    with pytest.raises(ValidationError, match="of 3 of 3 rows do not sum to 1, but to 0.5; of log"):
        validated(LabelledSplit(SAID / 2, [0, 1, 2], every=1))


def test_what_is_refused_at_build() -> None:
    with pytest.raises(ConfigurationError, match="labels must be classes from 0 to 2, got 3 in 1"):
        validated(LabelledSplit(SAID, [0, 1, 3], every=1))
    with pytest.raises(
        ConfigurationError, match="class_names must be at least 2 names, one a class, got 1"
    ):
        multiclass_classification_routine(plan=PLAN, class_names=["a"])
