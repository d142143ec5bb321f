"""A routine of a domain of one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

import pandas as pd
import pytest
import torch
from torch import nn

from artifact_torch.binary_classification import (
    BINARY_CLASSIFICATION,
    binary_classification_routine,
)
from artifact_torch.contracts import ArtifactRoutine, Every, Moment, ResultKind
from artifact_torch.domain_kit import (
    DomainPlan,
    DomainRoutine,
    LabelledSplit,
    OwnArtifacts,
    own_domain,
)
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.multiclass_classification import (
    MULTICLASS_CLASSIFICATION,
    multiclass_classification_routine,
)
from artifact_torch.regression import REGRESSION, regression_routine
from artifact_torch.routines import bind
from artifact_torch.table_comparison import (
    MembershipPlan,
    Split,
    TableComparisonPlan,
    TableComparisonRoutine,
)
from artifact_torch.table_comparison.spec import table_spec
from tests.domain_kit.reading import values

SPLIT = LabelledSplit(torch.rand(2), [0, 1], every=1)
TABLE = pd.DataFrame({"age": [1.5, 2.5, 4.0], "sex": ["f", "m", "f"]})


@runtime_checkable
class Writer(Protocol):
    def write(self, n_words: int, /) -> list[str]: ...


class Repeats(nn.Module):
    def write(self, n_words: int) -> list[str]:
        return ["a"] * n_words


@dataclass(frozen=True)
class Texts:
    n_words: int
    every: Every | None = 1


def length(words: list[str]) -> float:
    return float(len(words))


WORDS = own_domain(list[str], OwnArtifacts(scores={"LENGTH": length}))


def words_of(model: Writer, split: Texts) -> list[str]:
    return model.write(split.n_words)


def routine(plan: DomainPlan[list[str]]) -> DomainRoutine[Writer]:
    splits = {"train": Texts(3), "validation": None, "test": Texts(5, every=2)}
    return DomainRoutine(WORDS, plan, splits, words_of, contract_of=lambda _: Writer)


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)


def test_resources_are_made_of_model_and_split() -> None:
    model, made = Repeats(), routine(DomainPlan(WORDS, scores=["LENGTH"]))
    as_contract: ArtifactRoutine[Repeats] = made
    bound = bind(as_contract, model)
    first, second = Moment(epoch=1, step=1), Moment(epoch=2, step=2)
    assert bound.due(first) == [(ResultKind.SCORE, "LENGTH_TRAIN")]
    assert values(bound.compute(bound.due(second), second)) == {
        "LENGTH_TRAIN": 3.0,
        "LENGTH_TEST": 5.0,
    }
    assert list(bound.cadences) == [1, 2, 1, 1, 1, 1]


def test_a_model_without_the_method_is_not_bound() -> None:
    with pytest.raises(ContractError, match="model= Linear does not satisfy Writer"):
        untyped(bind, routine(DomainPlan(WORDS, scores=["LENGTH"])), nn.Linear(1, 1))


def test_a_plan_of_another_domain_is_not_bound() -> None:
    wrong = untyped(routine, DomainPlan(REGRESSION, scores=["MSE"]))
    with pytest.raises(ContractError, match="RegressionResources") as refused:
        untyped(bind, wrong, Repeats())
    assert "accepts RegressionResources, is called with list[str]" in str(refused.value)


TWO = DomainPlan(BINARY_CLASSIFICATION, scores=["F1"])
SEVERAL = DomainPlan(MULTICLASS_CLASSIFICATION, scores=["MCC"])
NUMBERS = DomainPlan(REGRESSION, scores=["R2"])
TABLES = TableComparisonPlan(scores=["MEAN_JS_DISTANCE"])


@pytest.mark.parametrize(
    ("plan", "got"),
    [
        (TWO, "BinaryClassificationResources"),
        (SEVERAL, "MulticlassClassificationResources"),
        (NUMBERS, "RegressionResources"),
        (TABLES, "TableComparisonResources"),
        (MembershipPlan(train=TABLE), "TableComparisonResources"),
    ],
)
@pytest.mark.parametrize(
    ("make", "wanted", "example"),
    [
        (
            partial(binary_classification_routine, train=SPLIT),
            "BinaryClassificationResources",
            "DomainPlan(DOMAIN, scores=['ACCURACY'])",
        ),
        (
            partial(multiclass_classification_routine, class_names=["a", "b"], train=SPLIT),
            "MulticlassClassificationResources",
            "DomainPlan(DOMAIN, scores=['ACCURACY'])",
        ),
        (
            partial(regression_routine, train=SPLIT),
            "RegressionResources",
            "DomainPlan(DOMAIN, scores=['MSE'])",
        ),
        (
            partial(
                TableComparisonRoutine,
                spec=table_spec(TABLE, cts_features=["age"], cat_features=["sex"]),
                params=1,
                train=Split(TABLE, every=1),
            ),
            "TableComparisonResources",
            "TableComparisonPlan(scores=[...])",
        ),
    ],
    ids=["two", "several", "numbers", "tables"],
)
def test_a_plan_of_another_domain_is_refused_at_build(
    make: Callable[..., object], wanted: str, example: str, plan: object, got: str
) -> None:
    if got == wanted:
        make(plan=plan)
        return
    with pytest.raises(ConfigurationError) as refused:
        make(plan=plan)
    first, second = str(refused.value).splitlines()
    assert f"plan is an instance of {type(plan).__name__}, expected a" in first
    assert example in first
    assert second == (
        f"  - execute(resources): accepts {got}, is called with {wanted}: {wanted} is not a {got} "
        "[parameter-type]"
    )
