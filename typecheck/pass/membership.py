"""A run that is stopped by what its tables give away."""

import pandas as pd
from artifact_torch import ScoreBoundStopper, steps
from artifact_torch.contracts import ArtifactPlan, EarlyStopper, Monitor, RunState
from artifact_torch.table_comparison import Membership, MembershipPlan, Split, TableComparisonResources, TableComparisonRoutine, TableSpec, membership
from typing_extensions import assert_type


def stops(stopper: EarlyStopper[RunState]) -> None: ...


def monitors(part: Monitor) -> None: ...


def compares(plan: ArtifactPlan[TableComparisonResources]) -> None: ...


def guarded(train: pd.DataFrame, held_out: pd.DataFrame, spec: TableSpec) -> None:
    plan = MembershipPlan(train=train, every=steps(500), n_rows=2000)
    compares(plan)  # OK
    TableComparisonRoutine(spec=spec, plan=plan, params=3, validation=Split(held_out, every=1))  # OK
    found = membership(train=train, held_out=held_out, generated=train, spec=spec)
    assert_type(found, Membership)  # OK
    assert_type(found.interval, tuple[float, float])  # OK


stopper = ScoreBoundStopper("MEMBERSHIP_AUC_LOW_VAL", most=0.55)
stops(stopper)  # OK
monitors(stopper)  # OK
stops(ScoreBoundStopper(lambda state: state.scores.get("loss"), least=0, most=1))  # OK
