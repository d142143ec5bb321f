from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from artifact_torch.binary_classification import (
    BINARY_CLASSIFICATION,
    BinaryClassificationResources,
    BinaryPredictor,
    DomainPlan,
    DomainRoutine,
    LabelledSplit,
    binary_classification_routine,
)
from artifact_torch.contracts import ArtifactPlan, ArtifactRoutine, Moment, ResultKind
from artifact_torch.errors import ConfigurationError, ContractError, ValidationError
from artifact_torch.routines import bind
from artifact_torch.routines.results import Computed
from tests.domain_kit.reading import names, values

PLAN = DomainPlan(
    BINARY_CLASSIFICATION,
    scores=["ACCURACY", "ROC_AUC"],
    arrays=["CONFUSION_MATRIX"],
    plots=["ROC_CURVE"],
)
LABELS = torch.tensor([0, 0, 1, 1])
SAID = torch.tensor([0.1, 0.6, 0.4, 0.9])


class Says(nn.Module):
    """The data is what it says; it counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.n_calls = 0

    def probability(self, data: Tensor) -> Tensor:
        self.n_calls += 1
        return data


class OfNames(nn.Module):
    def probability(self, data: list[str]) -> Tensor:
        raise NotImplementedError


def at(epoch: int, *, ends_run: bool = False, is_rehearsal: bool = False) -> Moment:
    return Moment(epoch=epoch, step=epoch, ends_run=ends_run, is_rehearsal=is_rehearsal)


def validated(routine: DomainRoutine[BinaryPredictor[Tensor]], model: Says) -> Computed:
    return bind(routine, model).compute(routine.result_names, at(1))


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)


def test_each_split_is_compared_with_its_labels() -> None:
    routine = binary_classification_routine(
        plan=PLAN,
        train=LabelledSplit(SAID, LABELS, every=1),
        test=LabelledSplit(SAID, 1 - LABELS, every=None),
    )
    model = Says()
    found = validated(routine, model)
    assert model.n_calls == 2
    assert values(found) == {
        "ACCURACY_TRAIN": 0.5,
        "ROC_AUC_TRAIN": 0.75,
        "ACCURACY_TEST": 0.5,
        "ROC_AUC_TEST": 0.25,
    }
    assert names(found)["plot"] == ["ROC_CURVE_TRAIN", "ROC_CURVE_TEST"]


def test_when_a_split_and_a_kind_are_due() -> None:
    routine = binary_classification_routine(
        plan=PLAN,
        train=LabelledSplit(SAID, LABELS, every=2),
        test=LabelledSplit(SAID, LABELS, every=None),
    )
    of_train = [(ResultKind.SCORE, "ACCURACY_TRAIN"), (ResultKind.SCORE, "ROC_AUC_TRAIN")]
    matrix = (ResultKind.ARRAY, "CONFUSION_MATRIX_TRAIN")
    assert list(routine.due(at(1))) == []
    assert list(routine.due(at(2))) == [*of_train, matrix]
    assert list(routine.due(at(3, ends_run=True))) == list(routine.result_names)
    assert routine.cadences == [2, 1, 1, 1, 1]


def test_the_threshold_decides_the_class_and_no_area() -> None:
    split = LabelledSplit(SAID, LABELS, every=1)
    low, high = (
        values(
            validated(binary_classification_routine(plan=PLAN, train=split, threshold=t), Says())
        )
        for t in (0.4, 0.95)
    )
    assert low == {"ACCURACY_TRAIN": 0.75, "ROC_AUC_TRAIN": 0.75}
    assert high == {"ACCURACY_TRAIN": 0.5, "ROC_AUC_TRAIN": 0.75}


def test_weights_count() -> None:
    weights = np.array([1.0, 0.0, 0.0, 3.0])
    split = LabelledSplit(SAID, [0, 0, 1, 1], every=1, weights=weights)
    found = validated(binary_classification_routine(plan=PLAN, validation=split), Says())
    assert values(found) == {"ACCURACY_VAL": 1.0, "ROC_AUC_VAL": 1.0}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            SAID[:3],
            r"got \[3\], expected a tensor of shape \[4\], for 4 labels; of one logit a row",
        ),
        (SAID[:, None], r"got \[4, 1\], expected a tensor of shape \[4\]"),
        (SAID * 3, r"got numbers from 0.3 to 2.7, expected probabilities from 0 to 1"),
        (SAID > 0.5, r"got classes \(torch.bool\), expected probabilities from 0 to 1"),
        (SAID / 0 * 0, r"4 of 4 rows are NaN or infinite"),
    ],
)
def test_what_a_model_may_not_say(said: Tensor, reason: str) -> None:
    routine = binary_classification_routine(plan=PLAN, train=LabelledSplit(said, LABELS, every=1))
    with pytest.raises(ValidationError, match=rf"^Says\.probability: {reason}"):
        validated(routine, Says())


def test_a_look_before_the_first_step_asks_the_model_and_computes_nothing() -> None:
    routine = binary_classification_routine(plan=PLAN, train=LabelledSplit(SAID, LABELS, every=1))
    model = Says()
    assert routine.validate(model, routine.result_names, at(0, is_rehearsal=True)) == []
    assert model.n_calls == 1


def test_a_model_that_takes_other_data_is_not_bound() -> None:
    routine = binary_classification_routine(plan=PLAN, train=LabelledSplit(SAID, LABELS, every=1))
    with pytest.raises(ContractError) as refused:
        untyped(bind, routine, OfNames())
    assert str(refused.value) == (
        "model= OfNames does not satisfy BinaryPredictor[Tensor]:\n"
        "  - probability(data): accepts list[str], is called with Tensor: Tensor is not a list[str] "
        "[parameter-type]"
    )
    of_names = binary_classification_routine(plan=PLAN, train=LabelledSplit(["a"], [1], every=1))
    assert list(bind(of_names, OfNames()).result_names) == of_names.result_names
    with pytest.raises(ContractError, match="probability: is missing"):
        untyped(bind, routine, nn.Linear(1, 1))


def as_routine(routine: ArtifactRoutine[Says]) -> ArtifactRoutine[Says]:
    return routine


def as_plan(
    plan: ArtifactPlan[BinaryClassificationResources],
) -> ArtifactPlan[BinaryClassificationResources]:
    return plan


def test_it_is_a_routine_and_its_plan_a_plan() -> None:
    routine = binary_classification_routine(plan=PLAN, train=LabelledSplit(SAID, LABELS, every=1))
    assert isinstance(as_routine(routine), ArtifactRoutine)
    assert isinstance(as_plan(PLAN), ArtifactPlan)
    assert [name for name, _, _ in routine.contract_places] == ["plan"]


def refused(**named: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        untyped(binary_classification_routine, **({"plan": PLAN} | named))
    lines = str(caught.value).splitlines()
    assert all(line.startswith("binary_classification_routine: ") for line in lines)
    return [line.removeprefix("binary_classification_routine: ") for line in lines]


def test_what_is_refused_at_build() -> None:
    example = "LabelledSplit(data, labels, every=5)"
    assert refused() == [f"has no split; give at least one, for example validation={example}"]
    assert refused(train=SAID) == [f"train: is an instance of Tensor, expected {example}"]
    assert refused(plan=3, train=LabelledSplit(SAID, LABELS, every=1)) == [
        (
            "plan is an instance of int, expected a plan of BinaryClassificationResources, such as "
            "DomainPlan(DOMAIN, scores=['ACCURACY'])"
        )
    ]
    numbered = "pandas.factorize(labels, sort=True)[0] numbers them from 0"
    assert refused(
        train=LabelledSplit(SAID, [0, 1, 2, 2], every=1),
        validation=LabelledSplit(SAID, [0.0, float("nan")], every=1),
        test=LabelledSplit(SAID, LABELS, every=1, weights=[1.0]),
    ) == [
        f"train: labels must be classes from 0 to 1, got 2 in 2 of 4 rows; {numbered}",
        "validation: labels: 1 of 2 rows NaN or infinite; leave them out",
        "test: weights must be one a row, [4], got [1]",
    ]
    split = LabelledSplit(SAID, LABELS, every=1)
    assert refused(train=split, class_names=["a", "a", "b"]) == [
        "class_names: 'a' is named twice",
        "class_names must be 2 names, one a class, got 3",
    ]
    assert refused(train=split, threshold=-1) == ["threshold must be at least 0, got -1"]
    assert refused(train=split, threshold=50) == [
        "threshold must be at most 1, as probabilities are, got 50"
    ]


def test_weights_are_refused_where_artifact_core_computes() -> None:
    plan = DomainPlan(BINARY_CLASSIFICATION, scores=["F1"], score_collections=["SCORE_STATS"])
    weighted = LabelledSplit(SAID, LABELS, every=1, weights=torch.ones(4))
    (problem,) = refused(plan=plan, train=weighted)
    assert problem == (
        "SCORE_STATS of artifact-core take no weights; leave them out of the plan, or the weights "
        "out of the splits"
    )
