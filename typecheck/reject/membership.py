"""Bounds and plans of membership that do not fit."""

import pandas as pd
from artifact_torch import ScoreBoundStopper
from artifact_torch.table_comparison import MembershipPlan, Split, TableSpec, membership

ScoreBoundStopper("auc", 0.55)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
ScoreBoundStopper("auc", most="0.55")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "most"]
ScoreBoundStopper("auc", max=0.55)  # E[pyright=reportCallIssue: "max", mypy=call-arg: "max"]
ScoreBoundStopper(most=0.55)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "ScoreBoundStopper"]
ScoreBoundStopper(lambda state: state.loss, most=1)  # E[pyright=reportAttributeAccessIssue: "loss", mypy=attr-defined: "loss"]
ScoreBoundStopper("auc", most=0.55).most  # E[pyright=reportAttributeAccessIssue: "most", mypy=attr-defined: "most"]


def guarded(train: pd.DataFrame, held_out: pd.DataFrame, spec: TableSpec) -> None:
    MembershipPlan(train)  # E[pyright=reportCallIssue, mypy]
    MembershipPlan(train=Split(train, every=1))  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "train"]
    MembershipPlan(train=train, every=0.5)  # E[pyright=reportArgumentType: "every", mypy=arg-type: "every"]
    MembershipPlan(train=train).train = held_out  # E[pyright=reportAttributeAccessIssue: read-only, mypy=misc: read-only]
    membership(train=train, held_out=held_out, generated=train)  # E[pyright=reportCallIssue: "spec", mypy=call-arg: "spec"]
    membership(train, held_out, train, spec)  # E[pyright=reportCallIssue: positional, mypy]
    membership(train=train, held_out=held_out, generated=train, spec=spec).auc.name  # E[pyright=reportAttributeAccessIssue: "name", mypy=attr-defined: "name"]
