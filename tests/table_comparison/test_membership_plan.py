"""A run that memorises is stopped by its membership score, an honest one is not."""

import pickle
from collections.abc import Callable
from typing import TypedDict, final

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    ScoreBoundStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
)
from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.table_comparison import (
    MembershipPlan,
    Split,
    TableComparisonResources,
    TableComparisonRoutine,
    table_spec,
)
from tests.table_comparison.conftest import make_table


class Rows(TypedDict):
    x: Tensor  # [batch, 1]


class Loss(TypedDict):
    loss: Tensor  # []


@final
class Planted(nn.Module):
    """Learns nothing of the table; from its third epoch on it makes what it was planted with."""

    def __init__(self, honest: pd.DataFrame, planted: pd.DataFrame) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.n_seen = 0
        self.honest, self.planted = honest, planted

    def forward(self, rows: Rows) -> Loss:
        self.n_seen += self.training
        return Loss(loss=self.layer(rows["x"]).square().mean())

    def generate(self, params: int) -> pd.DataFrame:
        table = self.planted if self.n_seen >= 3 else self.honest
        return table.sample(params, replace=True, random_state=0)


def trained(model: Planted, train: pd.DataFrame, held_out: pd.DataFrame) -> TrainingResult:
    spec = table_spec(train, cts_features=["age", "visits"], cat_features=["group", "smoker"])
    routine = TableComparisonRoutine(
        spec=spec,
        plan=MembershipPlan(train=train),
        params=len(train),
        validation=Split(held_out, every=1),
    )
    trainer = Trainer(
        OptimizerStep(model, optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1)),
        train_loader=DataLoader(TensorTable(Rows(x=torch.ones(4, 1))), batch_size=4),
        stop=[
            EpochBoundStopper(max_n_epochs=5),
            ScoreBoundStopper("MEMBERSHIP_AUC_LOW_VAL", most=0.55),
        ],
        routines=[bind(routine, model)],
        progress=False,
    )
    return trainer.train()


@pytest.mark.parametrize("seed", range(3))
def test_a_memoriser_is_stopped_and_an_honest_model_is_not(seed: int) -> None:
    train, held_out, honest = (make_table(seed=10 * seed + n, rows=300) for n in range(1, 4))
    stopped = trained(Planted(honest, planted=train), train, held_out)
    assert stopped.n_epochs_elapsed == 3
    assert stopped.stop_reason == "MEMBERSHIP_AUC_LOW_VAL above 0.55"
    assert stopped.epoch_scores["MEMBERSHIP_AUC_VAL"].iloc[-1] > 0.75
    whole = trained(Planted(honest, planted=honest), train, held_out)
    assert whole.n_epochs_elapsed == 5


def test_the_three_results() -> None:
    train, held_out = make_table(seed=1, rows=80), make_table(seed=2, rows=80)
    spec = table_spec(train, cts_features=["age", "visits"], cat_features=["group"])
    plan = MembershipPlan(train=train)
    resources = TableComparisonResources(spec=spec, df_real=held_out, generated=train)
    results = plan.execute(resources, plan.result_names)
    values = {one.name: one.value for one in results if isinstance(one, Result)}
    assert values["MEMBERSHIP_AUC"] == 1.0
    assert values["MEMBERSHIP_AUC_LOW"] == 1.0
    assert values["MEMBERSHIP_ATTACKS"] == pytest.approx(
        {"closest": 1.0, "ratio": 1.0, "density": 0.8}, abs=0.2
    )
    sent = pickle.loads(pickle.dumps(plan))  # noqa: S301  (ours: a plan goes to a process beside)
    assert sent.execute(resources, plan.result_names) == results
    asked = [(ResultKind.SCORE, "MEMBERSHIP_AUC")]
    assert [one.name for one in plan.execute(resources, asked)] == ["MEMBERSHIP_AUC"]


def test_rows_that_the_model_has_seen_are_a_failure_that_costs_nothing_else() -> None:
    train = make_table(seed=1, rows=30)
    spec = table_spec(train, cts_features=["age"], cat_features=["group"])
    plan = MembershipPlan(train=train)
    seen = TableComparisonResources(spec=spec, df_real=train[["age", "group"]], generated=train)
    results = plan.execute(seen, plan.result_names)
    assert all(isinstance(one, Failure) for one in results)
    lacking = MembershipPlan(train=train[["age"]])
    other = TableComparisonResources(spec=spec, df_real=train.iloc[:9], generated=train)
    first = lacking.execute(other, lacking.result_names)[0]
    assert isinstance(first, Failure)
    assert "the table of training rows lacks 'group'" in first.reason


def test_it_is_due_by_its_cadence_and_at_the_end() -> None:
    plan = MembershipPlan(train=make_table(seed=1, rows=30), every=2)
    moments = [Moment(epoch=1, step=5), Moment(epoch=2, step=10)]
    assert [bool(plan.due(moment)) for moment in moments] == [False, True]
    end = Moment(epoch=3, step=15, ends_run=True)
    assert (plan.due(end), plan.cadences) == (plan.result_names, [2])
    assert MembershipPlan(train=plan.train, every=2, at_end=False).due(end) == ()
    assert MembershipPlan(train=plan.train, every=None).cadences == []


def untyped() -> Callable[..., object]:
    """For what a checker would refuse as well."""
    return MembershipPlan


def test_all_problems_are_told() -> None:
    make = untyped()
    with pytest.raises(ConfigurationError) as caught:
        make(train=[1], every=0, n_rows=1)
    words = ("train is an instance of list", "every must be at least 1", "n_rows must be at least")
    assert all(each in str(caught.value) for each in words)
    with pytest.raises(ConfigurationError, match="train has 1 rows"):
        make(train=make_table(seed=0, rows=1))
    with pytest.raises(ConfigurationError, match="would never be computed"):
        make(train=make_table(seed=0, rows=9), every=None, at_end=False)
