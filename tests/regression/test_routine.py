import pytest
import torch
from torch import Tensor, nn

from artifact_torch.contracts import Moment
from artifact_torch.errors import ValidationError
from artifact_torch.regression import REGRESSION, DomainPlan, LabelledSplit, regression_routine
from artifact_torch.routines import bind
from artifact_torch.routines.results import Computed
from tests.domain_kit.reading import values


class Doubles(nn.Module):
    def predict(self, data: dict[str, Tensor]) -> Tensor:
        return 2 * data["x"]


def validated(split: LabelledSplit[dict[str, Tensor]]) -> Computed:
    plan = DomainPlan(REGRESSION, scores=["MAE", "R2"])
    bound = bind(regression_routine(plan=plan, test=split), Doubles())
    return bound.compute(bound.result_names, Moment(epoch=1, step=1))


def test_worked_by_hand() -> None:
    x = torch.tensor([1.0, 2.0, 3.0])
    found = validated(LabelledSplit({"x": x}, [2.0, 4.0, 7.0], every=1))
    assert values(found) == {
        "MAE_TEST": pytest.approx(1 / 3),
        "R2_TEST": pytest.approx(1 - 1 / (2 * 49 / 9 + 1 / 9 + 64 / 9 - 49 / 9 - 1 / 9 + 1 / 9)),
    }


def test_what_a_model_may_not_say() -> None:
    split = LabelledSplit({"x": torch.zeros(3, 1)}, [2.0, 4.0, 7.0], every=1)
    with pytest.raises(ValidationError, match=r"Doubles.predict: got \[3, 1\], expected .*squeeze"):
        validated(split)
    with pytest.raises(ValidationError, match="3 of 3 rows are NaN or infinite"):
        validated(LabelledSplit({"x": torch.full((3,), torch.inf)}, [2.0, 4.0, 7.0], every=1))
